/** What a container's definition says of its heap: the few words of command, arguments and environment that count. */
import { commandWords, programOf, wordsOf } from './command-line.ts';
import { flagOf, type HeapFlag, type Runtime, sourceOf, unreadValue } from './flags.ts';
import { Budget, expandedBy, fromElsewhere, variablesOf } from './variables.ts';

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
  const mayBeFromElsewhere = fromElsewhere(container['envFrom'], variables);
  const expanded = elements.map((text) => expandedBy(text, variables, mayBeFromElsewhere, budget));
  const ofCommand = commandWords(expanded).flatMap(keptWord);
  const setThere = new Set(ofCommand.flatMap((word) => /^[A-Za-z_]\w*(?==)/.exec(word)?.[0] ?? []));
  const runtime = programs[programOf(command[0] ?? '') ?? ''];
  const ofVariables = [...variables].flatMap(([name, value]) =>
    // What a command sets itself replaces what the environment says.
    setThere.has(name) ? [] : ofVariable(name, value, runtime),
  );
  const told = [...ofCommand, ...ofVariables];
  return marked([...told, ...ofWholeMaps(told, mayBeFromElsewhere)], budget.isSpent);
}

/**
 * With `envFrom` any variable may come from a ConfigMap or a Secret. Most such containers set no heap there: to hold all their
 * limits would help nobody. So it counts only where the command itself starts a JVM or Node.js and nothing tells a cap, or
 * where the command expands a variable that nothing else sets. A cap that stands there is believed.
 */
const readOf: readonly (readonly [string, string])[] = [
  ['java', 'JAVA_TOOL_OPTIONS'],
  ['node', 'NODE_OPTIONS'],
];

function ofWholeMaps(
  told: readonly string[],
  mayBeFromElsewhere: (name: string) => boolean,
): readonly string[] {
  const flags = told.flatMap((word) => flagOf(word) ?? []);
  return readOf.flatMap(([program, variable]) => {
    if (!told.includes(program) || !mayBeFromElsewhere(variable)) return [];
    const isTold = flags.some(({ runtime, sets }) => runtime === programs[program] && !besides.has(sets));
    return isTold ? [] : [`${variable}=${unreadValue}`];
  });
}

/** They tell no cap of the heap itself. */
const besides: ReadonlySet<HeapFlag['sets']> = new Set(['direct', 'semi-space'] as const);

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

/** Variables that start scripts hand to a JVM: `ES_JAVA_OPTS`, `KAFKA_HEAP_OPTS`. Others may be passwords. */
const forScripts =
  /^(?:script|(?:\w+_)?(?:JAVA|JVM|HEAP|CATALINA|JBOSS)_?(?:\w+_)?(?:OPTS|OPTIONS|ARGS|FLAGS))$/;

/** A word as it is kept: of a file of flags only that there is one. */
function keptWord(word: string): readonly string[] {
  if (Object.hasOwn(programs, word) || word === javaIsLikely) return [word];
  const flag = flagOf(word);
  if (flag === undefined) return [];
  if (flag.sets !== 'file') return [flag.source === 'script' ? `script=${flag.text}` : word];
  if (flag.source === 'script')
    return forScripts.test(word.slice(0, word.indexOf('='))) ? [`script=${unreadValue}`] : [];
  if (flag.source !== 'command') return [`${flag.source}=${unreadValue}`];
  return [flag.runtime === 'JVM' ? unreadValue : flag.runtime === 'Node.js' ? `--${unreadValue}` : word];
}

/** @param runtime the one that the container starts without a script: it reads no variable but its own */
function ofVariable(name: string, value: string, runtime: Runtime | undefined): readonly string[] {
  const source = sourceOf(name);
  const flags = wordsOf(value)
    .filter((word) => flagOf(word)?.source === 'command')
    .map((word) => `${source}=${word}`);
  const words = [`${name}=${value}`, ...flags].filter((word) => {
    const flag = flagOf(word);
    if (flag?.source === 'script' && flag.sets === 'file' && !forScripts.test(name)) return false;
    if (flag === undefined || runtime === undefined) return flag !== undefined;
    return flag.runtime === runtime && flag.source !== 'script';
  });
  const isLikely = javaVariables.test(name) && (runtime === undefined || runtime === 'JVM');
  return [...(isLikely ? [javaIsLikely] : []), ...words.flatMap(keptWord)];
}
