/** The flags that cap a heap: a table with one row each, and the parser for a word. */

export type Runtime = 'JVM' | 'Node.js' | '.NET' | 'Go';

/**
 * What a flag sets: bytes of the heap or a part of it, a share of the limit (`share`, `fraction`), or the memory that the
 * JVM assumes the machine to have. `file`: the value is in a file, a ConfigMap or a Secret, which realmem does not read.
 */
export type Sets =
  | 'heap'
  | 'share'
  | 'fraction'
  | 'machine'
  | 'direct'
  | 'old space'
  | 'semi-space'
  | 'file'
  | 'legacy heap'
  | 'legacy share';

interface FlagRow {
  readonly runtime: Runtime;
  readonly sets: Sets;
  readonly pattern: RegExp;
  /** Bytes, or a share from 0 to 1. */
  readonly amount: (match: RegExpExecArray) => number;
}

const KiB = 1024;
const MiB = KiB ** 2;
/** More than any machine has. The history cannot store larger amounts, so they are cut to this. */
const mostBytes = 2 ** 50;
const unitBytes: Readonly<Record<string, number>> = { '': 1, k: KiB, m: MiB, g: KiB ** 3, t: KiB ** 4 };
const goUnits: Readonly<Record<string, number>> = { B: 1, KiB, MiB, GiB: KiB ** 3, TiB: KiB ** 4 };

const size = ([, count, unit = '']: RegExpExecArray): number =>
  Math.min(mostBytes, Number(count) * (unitBytes[unit.toLowerCase()] ?? 1));
const mebibytes = ([, count]: RegExpExecArray): number => Number(count) * MiB;
const percent = ([, count]: RegExpExecArray): number => Math.min(1, Number(count) / 100);
const hex = ([, digits = '']: RegExpExecArray): number => Math.min(mostBytes, Number.parseInt(digits, 16));
const hexPercent = (match: RegExpExecArray): number => Math.min(1, hex(match) / 100);

/** Sources: the `java` manual, `node --v8-options`, the documentation of the .NET and Go garbage collectors. */
const rows: readonly FlagRow[] = [
  {
    runtime: 'JVM',
    sets: 'heap',
    pattern: /^-(?:Xmx|mx|XX:MaxHeapSize=)(\d{1,15})([kKmMgGtT]?)$/,
    amount: size,
  },
  {
    runtime: 'JVM',
    sets: 'share',
    pattern: /^-XX:MaxRAMPercentage=(\d{1,3}(?:\.\d{1,9})?)$/,
    amount: percent,
  },
  {
    runtime: 'JVM',
    sets: 'fraction',
    pattern: /^-XX:MaxRAMFraction=([1-9]\d{0,8})$/,
    amount: ([, parts]) => 1 / Number(parts),
  },
  { runtime: 'JVM', sets: 'machine', pattern: /^-XX:MaxRAM=(\d{1,15})([kKmMgGtT]?)$/, amount: size },
  {
    runtime: 'JVM',
    sets: 'direct',
    pattern: /^-XX:MaxDirectMemorySize=(\d{1,15})([kKmMgGtT]?)$/,
    amount: size,
  },
  {
    runtime: 'JVM',
    sets: 'file',
    pattern:
      /^(?:@.*|-XX:(?:Flags|VMOptionsFile)=.*|-Xoptionsfile=.*|-(?:Xmx|mx|XX:Max(?:HeapSize|RAM\w*|DirectMemorySize)=)@.*)$/,
    amount: () => 0,
  },
  {
    runtime: 'Node.js',
    sets: 'old space',
    pattern: /^--?max[-_]old[-_]space[-_]size=(\d{1,9})$/,
    amount: mebibytes,
  },
  {
    runtime: 'Node.js',
    sets: 'file',
    pattern: /^(?:(?:--)?@|--?max[-_](?:heap|old[-_]space|semi[-_]space)[-_]size(?:[-_]percentage)?=@.*)$/,
    amount: () => 0,
  },
  { runtime: 'Node.js', sets: 'heap', pattern: /^--?max[-_]heap[-_]size=(\d{1,9})$/, amount: mebibytes },
  {
    runtime: 'Node.js',
    sets: 'semi-space',
    pattern: /^--?max[-_]semi[-_]space[-_]size=(\d{1,9})$/,
    amount: mebibytes,
  },
  {
    runtime: 'Node.js',
    sets: 'share',
    pattern: /^--max[-_]old[-_]space[-_]size[-_]percentage=(\d{1,3}(?:\.\d{1,9})?)$/,
    amount: percent,
  },
  {
    runtime: '.NET',
    sets: 'heap',
    pattern: /^DOTNET_GCHeapHardLimit=(?:0x)?([0-9a-f]{1,16})$/i,
    amount: hex,
  },
  {
    runtime: '.NET',
    sets: 'share',
    pattern: /^DOTNET_GCHeapHardLimitPercent=(?:0x)?([0-9a-f]{1,2})$/i,
    amount: hexPercent,
  },
  {
    runtime: '.NET',
    sets: 'legacy heap',
    pattern: /^COMPlus_GCHeapHardLimit=(?:0x)?([0-9a-f]{1,16})$/i,
    amount: hex,
  },
  {
    runtime: '.NET',
    sets: 'legacy share',
    pattern: /^COMPlus_GCHeapHardLimitPercent=(?:0x)?([0-9a-f]{1,2})$/i,
    amount: hexPercent,
  },
  {
    runtime: '.NET',
    sets: 'file',
    pattern: /^(?:DOTNET|COMPlus)_GCHeapHardLimit(?:Percent)?=@$/,
    amount: () => 0,
  },
  { runtime: 'Go', sets: 'file', pattern: /^GOMEMLIMIT=@$/, amount: () => 0 },
  {
    runtime: 'Go',
    sets: 'heap',
    pattern: /^GOMEMLIMIT=(\d{1,15})(B|KiB|MiB|GiB|TiB)?$/,
    amount: ([, count, unit = 'B']) => Math.min(mostBytes, Number(count) * (goUnits[unit] ?? 1)),
  },
];

/** Where a flag comes from: a variable of the runtime, or any variable that only a start script can pass on (`script`). */
const sources = ['JAVA_TOOL_OPTIONS', 'JDK_JAVA_OPTIONS', '_JAVA_OPTIONS', 'NODE_OPTIONS', 'script'] as const;
export type FlagSource = 'command' | (typeof sources)[number];

export interface HeapFlag {
  readonly runtime: Runtime;
  readonly sets: Sets;
  readonly source: FlagSource;
  /** The flag as written, without the name of its variable. */
  readonly text: string;
  /** Bytes, or a share from 0 to 1; 0 for a file. */
  readonly amount: number;
}

/** The source of flags in a variable of this name. */
export const sourceOf = (variable: string): FlagSource =>
  sources.find((known) => known === variable) ?? 'script';

/** Placeholder for a value from a ConfigMap or a Secret, which realmem does not read. To every runtime it is no option. */
export const unreadValue = '@';

/** The only runtime that reads this variable; undefined if any can. */
const readerOf = (source: FlagSource): Runtime | undefined =>
  source === 'NODE_OPTIONS' ? 'Node.js' : /JAVA/.test(source) ? 'JVM' : undefined;

/** @param word an option, or `VARIABLE=option`. @returns undefined if it does not concern a heap */
export function flagOf(word: string): HeapFlag | undefined {
  // The variables of .NET and Go are flags themselves, so try the whole word first.
  return rowOf(word, 'command') ?? variableFlagOf(word);
}

function variableFlagOf(word: string): HeapFlag | undefined {
  const [, variable = '', text] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
  return text === undefined ? undefined : rowOf(text, sourceOf(variable));
}

function rowOf(text: string, source: FlagSource): HeapFlag | undefined {
  const reader = readerOf(source);
  for (const { runtime, sets, pattern, amount } of rows) {
    if (reader !== undefined && reader !== runtime) continue;
    const match = pattern.exec(text);
    if (match === null) continue;
    const flag = { runtime, sets, source, text, amount: amount(match) };
    // In each of these runtimes 0 means "no cap".
    return flag.amount === 0 && sets !== 'file' ? undefined : flag;
  }
  return undefined;
}
