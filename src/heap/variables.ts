/** The environment of a container's definition, and what it fills in where the command names it. */
import { unreadValue } from './flags.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Kubernetes takes the last of each name. `$(NAME)` in a value stands for a variable set before it. */
export function variablesOf(env: unknown, budget: Budget): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const variable of Array.isArray(env) ? (env as unknown[]) : []) {
    if (budget.isSpent) break;
    const { name, value: text, valueFrom } = (variable ?? {}) as Fields;
    const value = isUnread(valueFrom) ? unreadValue : text;
    if (typeof name !== 'string' || typeof value !== 'string') continue;
    const [readName, readValue] = [budget.take(name), budget.take(value)];
    variables.delete(readName);
    variables.set(
      readName,
      readValue.replace(/\$\((\w+)\)/g, (all, one) => budget.more(variables.get(one)) ?? all),
    );
  }
  return variables;
}

/**
 * Options may stand in a ConfigMap, a Secret, a label or an annotation. No other field of a pod can hold
 * an option. A number that follows the container's resources, as GOMEMLIMIT often does, says nothing beyond the limit.
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

/** With `$NAME`, `${NAME}` and `${NAME:-default}` of a shell, and `$(NAME)` of Kubernetes, filled in. */
export function expandedBy(
  text: string,
  variables: ReadonlyMap<string, string>,
  mayBeFromElsewhere: (name: string) => boolean,
  budget: Budget,
): string {
  const pattern = /\$\((\w+)\)|\$\{(\w+)(?::?-([^}]*))?\}|\$(\w+)/g;
  return text.replace(pattern, (all, kube, braced, otherwise, plain) => {
    const name: string = kube ?? braced ?? plain;
    const value = variables.get(name) ?? (mayBeFromElsewhere(name) ? unreadValue : undefined);
    return budget.more(value) ?? otherwise ?? all;
  });
}

/** So many characters are read, and so many more come from variables that stand in several places. */
export class Budget {
  private left: number;
  private leftMore: number;

  constructor(most: number) {
    this.left = most;
    this.leftMore = most;
  }

  get isSpent(): boolean {
    return this.left < 0 || this.leftMore < 0;
  }

  take(text: string): string {
    const read = text.slice(0, Math.max(0, this.left));
    this.left -= text.length;
    return read;
  }

  more(text: string | undefined): string | undefined {
    if (text === undefined) return undefined;
    this.leftMore -= text.length;
    return this.leftMore < 0 ? '' : text;
  }
}

/** Whether a variable that the definition does not set may come from a whole ConfigMap or Secret. */
export function fromElsewhere(
  envFrom: unknown,
  variables: ReadonlyMap<string, string>,
): (name: string) => boolean {
  const prefixes = (Array.isArray(envFrom) ? (envFrom as unknown[]) : []).map((one) => {
    const { prefix } = (one ?? {}) as { prefix?: unknown };
    return typeof prefix === 'string' ? prefix : '';
  });
  // `$1` is an argument of the script.
  return (name) =>
    /^\D/.test(name) && !variables.has(name) && prefixes.some((prefix) => name.startsWith(prefix));
}
