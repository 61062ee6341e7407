/** What a container's definition says of its heap: the few words of command, arguments and environment that count. */
import { commandWords, programOf, wordsOf } from './command-line.ts';
import { flagOf, type Runtime, sourceOf } from './heap-flags.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Under this name they stand in a reduced pod, in place of command, arguments and environment. */
export const heapFlagsKey = 'heapFlags';

/** The programs of runtimes, as they stand among the flags. */
export const programs: Readonly<Record<string, Runtime>> = { java: 'JVM', node: 'Node.js', dotnet: '.NET' };
/** Stands among the flags where a variable is set that only start scripts of a JVM, or a JVM, read. */
export const javaIsLikely = '*=java';
const javaVariables = /^(?:JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS|JAVA_OPTS|CATALINA_OPTS)$/;

/** Characters of command, arguments and environment that are read: anybody may write a megabyte of flags. */
const mostRead = 8 * 1024;
/** Stands among the flags where there is more. */
export const cutMark = '…';

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];

/** The few words of a container's definition that say what its heap may take, and nothing else of it. */
export function heapFlagsOf(container: Fields): readonly string[] {
  const budget = new Budget(mostRead);
  const kept = container[heapFlagsKey];
  if (kept !== undefined) {
    const words = textsOf(kept).map((word) => (word === cutMark ? word : budget.take(word)));
    return marked(words.flatMap(keptWord), budget.isSpent || words.includes(cutMark));
  }
  const command = textsOf(container['command']);
  const elements = [...command, ...textsOf(container['args'])].map((text) => budget.take(text));
  const variables = variablesOf(container['env'], budget);
  const expanded = elements.map((text) => expandedBy(text, variables, budget));
  const ofCommand = commandWords(expanded).flatMap(keptWord);
  const setThere = new Set(ofCommand.flatMap((word) => /^[A-Za-z_]\w*(?==)/.exec(word)?.[0] ?? []));
  const runtime = programs[programOf(command[0] ?? '') ?? ''];
  const ofVariables = [...variables].flatMap(([name, value]) =>
    // What a command sets itself replaces what the environment says.
    setThere.has(name) ? [] : ofVariable(name, value, runtime),
  );
  return marked([...ofCommand, ...ofVariables], budget.isSpent);
}

const marked = (flags: readonly string[], isCut: boolean): readonly string[] =>
  isCut ? [...deciding(flags), cutMark] : deciding(flags);

/** Of the flags that set the same the last of each source, and the largest of scripts: no other one decides. */
function deciding(words: readonly string[]): readonly string[] {
  const chosen = new Map<string, { readonly word: string; readonly amount: number }>();
  for (const word of words) {
    const { runtime = '', sets = word, source = '', amount = 0 } = flagOf(word) ?? {};
    const key = `${runtime} ${sets} ${source}`;
    const known = chosen.get(key);
    if (known !== undefined && source === 'script' && known.amount >= amount) continue;
    chosen.delete(key);
    chosen.set(key, { word, amount });
  }
  return [...chosen.values()].map(({ word }) => word);
}

/** A word as it is kept: of a file of flags only that there is one. */
function keptWord(word: string): readonly string[] {
  if (Object.hasOwn(programs, word) || word === javaIsLikely) return [word];
  const flag = flagOf(word);
  if (flag === undefined) return [];
  if (flag.sets !== 'file') return [flag.source === 'script' ? `script=${flag.text}` : word];
  return flag.source === 'command' ? ['@'] : flag.source === 'script' ? [] : [`${flag.source}=@`];
}

/** @param runtime the one that the container starts without a script: it reads no variable but its own */
function ofVariable(name: string, value: string, runtime: Runtime | undefined): readonly string[] {
  const source = sourceOf(name);
  const flags = wordsOf(value)
    .filter((word) => flagOf(word)?.source === 'command')
    .map((word) => `${source}=${word}`);
  const words = [`${name}=${value}`, ...flags].filter((word) => {
    const flag = flagOf(word);
    if (flag === undefined || runtime === undefined) return flag !== undefined;
    return flag.runtime === runtime && flag.source !== 'script';
  });
  const isLikely = javaVariables.test(name) && (runtime === undefined || runtime === 'JVM');
  return [...(isLikely ? [javaIsLikely] : []), ...words.flatMap(keptWord)];
}

/** Kubernetes takes the last of each name. `$(NAME)` in a value stands for a variable set before it. */
function variablesOf(env: unknown, budget: Budget): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const variable of Array.isArray(env) ? (env as unknown[]) : []) {
    if (budget.isSpent) break;
    const { name, value } = (variable ?? {}) as { name?: unknown; value?: unknown };
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

/** With `$NAME`, `${NAME}` and `${NAME:-default}` of a shell, and `$(NAME)` of Kubernetes, filled in. */
function expandedBy(text: string, variables: ReadonlyMap<string, string>, budget: Budget): string {
  const pattern = /\$\((\w+)\)|\$\{(\w+)(?::?-([^}]*))?\}|\$(\w+)/g;
  return text.replace(pattern, (all, kube, braced, otherwise, plain) => {
    const value = variables.get(kube ?? braced ?? plain);
    return budget.more(value) ?? otherwise ?? all;
  });
}

/** So many characters are read, and so many more come from variables that stand in several places. */
class Budget {
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
