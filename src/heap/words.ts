/** Picks the few words of command, arguments and environment that concern the heap. A recording keeps these and no others. */
import type { Fields } from '../model/json.ts';
import { commandWords, programOf, wordsOf } from './command-line.ts';
import { flagOf, type HeapFlag, type Runtime, sourceOf, unreadValue } from './flags.ts';
import { expandedBy, fromElsewhere, TextBudget, variablesOf } from './variables.ts';

/** Key of these words in a reduced pod, which has them in place of command, arguments and environment. */
export const heapFlagsKey = 'heapFlags';

/** The words that mark a program of a runtime. */
export const programs: Readonly<Record<string, Runtime>> = { java: 'JVM', node: 'Node.js', dotnet: '.NET' };
/** A word that marks a variable which only a JVM or its start scripts read. */
export const javaIsLikely = '*=java';
const javaVariables = /^(?:JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS|JAVA_OPTS|CATALINA_OPTS)$/;

/** Characters of command, arguments and environment that are read. A tenant could write a megabyte of flags. */
const mostRead = 8 * 1024;
/** A word that marks a definition longer than that. */
export const cutMark = '…';

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];

/** The words of a container's definition that concern the heap, without any other part of it. */
export function heapFlagsOf(container: Fields): readonly string[] {
  const budget = new TextBudget(mostRead);
  const kept = container[heapFlagsKey];
  if (kept !== undefined) {
    const words = textsOf(kept).map((word) => (word === cutMark ? word : budget.read(word)));
    return marked(words.flatMap(keptWord), budget.isSpent || words.includes(cutMark));
  }
  const command = textsOf(container['command']);
  const elements = [...command, ...textsOf(container['args'])].map((text) => budget.read(text));
  const variables = variablesOf(container['env'], budget);
  const mayBeFromElsewhere = fromElsewhere(container['envFrom'], variables);
  const expanded = elements.map((text) => expandedBy(text, variables, mayBeFromElsewhere, budget));
  const ofCommand = commandWords(expanded).flatMap(keptWord);
  const setThere = new Set(ofCommand.flatMap((word) => /^[A-Za-z_]\w*(?==)/.exec(word)?.[0] ?? []));
  const runtime = programs[programOf(command[0] ?? '') ?? ''];
  const ofVariables = [...variables].flatMap(([name, value]) =>
    // A variable set in the command overrides that of the environment.
    setThere.has(name) ? [] : wordsOfVariable(name, value, runtime),
  );
  const words = [...ofCommand, ...ofVariables];
  return marked([...words, ...wordsOfEnvFrom(words, mayBeFromElsewhere)], budget.isSpent);
}

/** The program of each runtime, and the variable that it reads. */
const variableOf: readonly (readonly [string, string])[] = [
  ['java', 'JAVA_TOOL_OPTIONS'],
  ['node', 'NODE_OPTIONS'],
];

/**
 * Unread values for variables that `envFrom` may set. With `envFrom` any variable may come from a ConfigMap or a
 * Secret, but most such containers set no heap there. If all of them counted as unknown, none of
 * their limits could be lowered, for no benefit. So this counts only if the command starts a JVM or Node.js and no flag caps its heap.
 * A visible cap is believed. (`expandedBy` handles a variable that the command itself expands.)
 */
function wordsOfEnvFrom(
  words: readonly string[],
  mayBeFromElsewhere: (name: string) => boolean,
): readonly string[] {
  const flags = words.flatMap((word) => flagOf(word) ?? []);
  return variableOf.flatMap(([program, variable]) => {
    if (!words.includes(program) || !mayBeFromElsewhere(variable)) return [];
    const isCapped = flags.some(({ runtime, sets }) => runtime === programs[program] && !besides.has(sets));
    return isCapped ? [] : [`${variable}=${unreadValue}`];
  });
}

/** Settings that do not cap the heap as a whole. */
const besides: ReadonlySet<HeapFlag['sets']> = new Set(['direct', 'semi-space'] as const);

const marked = (flags: readonly string[], isCut: boolean): readonly string[] =>
  isCut ? [...deciding(flags), cutMark] : deciding(flags);

/** For each setting and source keeps the flag that wins: the last one, or for scripts the largest. */
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

/** Variables that start scripts pass to a JVM: `ES_JAVA_OPTS`, `KAFKA_HEAP_OPTS`. Other variables may be passwords. */
const forScripts =
  /^(?:script|(?:\w+_)?(?:JAVA|JVM|HEAP|CATALINA|JBOSS)_?(?:\w+_)?(?:OPTS|OPTIONS|ARGS|FLAGS))$/;

/** The form in which a word is kept. For a file of flags this is only a marker that it exists. */
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

/**
 * The words to keep of one variable.
 * @param runtime the one that the container starts without a script: it reads only its own variables
 */
function wordsOfVariable(name: string, value: string, runtime: Runtime | undefined): readonly string[] {
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
