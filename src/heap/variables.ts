/** Reads the environment of a container's definition, and expands its variables in the command. */
import type { Fields } from '../model/json.ts';
import { unreadValue } from './flags.ts';

/**
 * `$(NAME)` with all `$` before it. Kubernetes reads each `$$` as an escaped `$`, so `$$(NAME)` is the text `$(NAME)`
 * (k8s.io/kubernetes/third_party/forked/golang/expansion). The lookbehind keeps a long row of `$` linear.
 */
const reference = /(?<!\$)(\$+)\((\w+)\)/g;

const isEscaped = (dollars: string): boolean => dollars.length % 2 === 0;

/** @param value undefined: the reference stays as it stands, without its escapes */
const unescaped = (dollars: string, name: string, value: string | undefined): string =>
  value === undefined
    ? `${'$'.repeat(Math.ceil(dollars.length / 2))}(${name})`
    : `${'$'.repeat((dollars.length - 1) / 2)}${value}`;

/**
 * The variables of `env`. If a name appears twice, Kubernetes takes the last. `$(NAME)` in a value refers to a variable
 * defined earlier.
 */
export function variablesOf(env: unknown, budget: TextBudget): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const variable of Array.isArray(env) ? (env as unknown[]) : []) {
    if (budget.isSpent) break;
    const { name, value: text, valueFrom } = (variable ?? {}) as Fields;
    const value = isUnread(valueFrom) ? unreadValue : text;
    if (typeof name !== 'string' || typeof value !== 'string') continue;
    const [readName, readValue] = [budget.read(name), budget.read(value)];
    const filled = readValue.replace(reference, (_, dollars: string, one: string) =>
      unescaped(dollars, one, budget.expand(isEscaped(dollars) ? undefined : variables.get(one))),
    );
    // Only now: the value may name an earlier one of the same variable.
    variables.delete(readName);
    variables.set(readName, filled);
  }
  return variables;
}

/**
 * Whether the value may be an option from elsewhere: a ConfigMap, a Secret, a label or an annotation. No other field of a
 * pod can hold an option. A reference to the container's own resources, common for GOMEMLIMIT, only repeats the limit.
 */
function isUnread(valueFrom: unknown): boolean {
  if (typeof valueFrom !== 'object' || valueFrom === null) return false;
  return Object.entries(valueFrom).some(([kind, reference]) => {
    if (kind === 'resourceFieldRef') return false;
    if (kind !== 'fieldRef') return true;
    const { fieldPath } = (reference ?? {}) as Fields;
    return /^metadata\.(?:labels|annotations)/.test(String(fieldPath));
  });
}

/**
 * Expands `$NAME`, `${NAME}` and `${NAME:-default}` of a shell, and `$(NAME)` of Kubernetes. `$$(NAME)` gives `$(NAME)`.
 * @param mayBeFromElsewhere whether a variable without a known value may come from a ConfigMap or a Secret
 */
export function expandedBy(
  text: string,
  variables: ReadonlyMap<string, string>,
  mayBeFromElsewhere: (name: string) => boolean,
  budget: TextBudget,
): string {
  const pattern = /(?<!\$)(\$+)\((\w+)\)|\$\{(\w+)(?::?-([^}]*))?\}|\$(\w+)/g;
  return text.replace(pattern, (all, dollars: string | undefined, kube, braced, otherwise, plain) => {
    const name: string = kube ?? braced ?? plain;
    if (dollars !== undefined && isEscaped(dollars)) return unescaped(dollars, name, undefined);
    const value = variables.get(name) ?? (mayBeFromElsewhere(name) ? unreadValue : undefined);
    const expanded = budget.expand(value);
    return dollars === undefined ? (expanded ?? otherwise ?? all) : unescaped(dollars, name, expanded);
  });
}

/** Limits the characters read from a definition, and those that the expansion of variables adds. */
export class TextBudget {
  private toRead: number;
  private toExpand: number;

  /** @param most characters for each of the two */
  constructor(most: number) {
    this.toRead = most;
    this.toExpand = most;
  }

  get isSpent(): boolean {
    return this.toRead < 0 || this.toExpand < 0;
  }

  /** The text, cut at the end of the budget. */
  read(text: string): string {
    const read = text.slice(0, Math.max(0, this.toRead));
    this.toRead -= text.length;
    return read;
  }

  /** The value of a variable; empty beyond the budget. */
  expand(text: string | undefined): string | undefined {
    if (text === undefined) return undefined;
    this.toExpand -= text.length;
    return this.toExpand < 0 ? '' : text;
  }
}

/** Whether a variable that `env` does not set may come through `envFrom`: a whole ConfigMap or Secret. */
export function fromElsewhere(
  envFrom: unknown,
  variables: ReadonlyMap<string, string>,
): (name: string) => boolean {
  const prefixes = (Array.isArray(envFrom) ? (envFrom as unknown[]) : []).map((one) => {
    const { prefix } = (one ?? {}) as { prefix?: unknown };
    return typeof prefix === 'string' ? prefix : '';
  });
  // `$1` is an argument of the script and not a variable.
  return (name) =>
    /^\D/.test(name) && !variables.has(name) && prefixes.some((prefix) => name.startsWith(prefix));
}
