/** What a container's definition says of the most that its heap takes: a runtime fills what it is allowed, needed or not. */
import { bytes } from '../model/bytes.ts';
import type { Heap, HeapCap } from '../model/pod.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Under this name they stand in a reduced pod, in place of command, arguments and environment. */
export const heapFlagsKey = 'heapFlags';

const KiB = 1024;
const jvmUnits: Readonly<Record<string, number>> = { '': 1, k: KiB, m: KiB ** 2, g: KiB ** 3, t: KiB ** 4 };
const goUnits: Readonly<Record<string, number>> = {
  B: 1,
  KiB,
  MiB: KiB ** 2,
  GiB: KiB ** 3,
  TiB: KiB ** 4,
};
/** A JVM that is told nothing takes a quarter of the limit (MaxRAMPercentage in the `java` manual). */
const jvmDefaultShare = 0.25;

interface Rule {
  readonly runtime: HeapCap['runtime'];
  readonly pattern: RegExp;
  readonly cap: (match: RegExpExecArray) => Pick<HeapCap, 'bytes' | 'share'>;
}

const rules: readonly Rule[] = [
  {
    runtime: 'JVM',
    pattern: /^-(?:Xmx|XX:MaxHeapSize=)(\d{1,15})([kmgt]?)$/i,
    cap: ([, count, unit = '']) => ({ bytes: bytes(Number(count) * (jvmUnits[unit.toLowerCase()] ?? 1)) }),
  },
  {
    runtime: 'JVM',
    pattern: /^-XX:MaxRAMPercentage=(\d{1,3}(?:\.\d{1,9})?)$/,
    cap: ([, percent]) => ({ share: Number(percent) / 100 }),
  },
  {
    runtime: 'Node.js',
    pattern: /^--max[-_]old[-_]space[-_]size=(\d{1,9})$/,
    cap: ([, count]) => ({ bytes: bytes(Number(count) * KiB ** 2) }),
  },
  {
    runtime: '.NET',
    pattern: /^(?:DOTNET|COMPlus)_GCHeapHardLimit=(?:0x)?([0-9a-f]{1,12})$/i,
    cap: ([, hex = '']) => ({ bytes: bytes(Number.parseInt(hex, 16)) }),
  },
  {
    runtime: '.NET',
    pattern: /^(?:DOTNET|COMPlus)_GCHeapHardLimitPercent=(?:0x)?([0-9a-f]{1,2})$/i,
    cap: ([, hex = '']) => ({ share: Number.parseInt(hex, 16) / 100 }),
  },
  {
    runtime: 'Go',
    pattern: /^GOMEMLIMIT=(\d{1,15})(B|KiB|MiB|GiB|TiB)?$/,
    cap: ([, count, unit = 'B']) => ({ bytes: bytes(Number(count) * (goUnits[unit] ?? 1)) }),
  },
];

/** That it is one: its program, or a variable that only it reads. */
const isJava = /^(?:\/\S*\/)?java$/;
const javaVariables = /^(?:JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS|JAVA_OPTS|CATALINA_OPTS)$/;
const java = 'java';

/** Characters of command, arguments and environment that are read: anybody may write a megabyte of flags. */
const mostRead = 8 * 1024;
/** Stands among the flags where there is more. */
const cutMark = '…';

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];

/** The few words of a container's definition that tell it, and nothing else of its command and its environment. */
export function heapFlagsOf(container: Fields): readonly string[] {
  const words: string[] = [];
  let left = mostRead;
  const taken = (text: string): string => {
    const read = text.slice(0, Math.max(0, left));
    left -= text.length;
    return read;
  };
  const kept = container[heapFlagsKey];
  if (kept !== undefined) {
    for (const flag of textsOf(kept)) words.push(flag === cutMark ? flag : taken(flag));
  } else {
    for (const text of [...textsOf(container['command']), ...textsOf(container['args'])])
      words.push(...taken(text).split(/\s+/));
    const env = Array.isArray(container['env']) ? (container['env'] as unknown[]) : [];
    for (const variable of env) {
      if (left < 0) break;
      const { name, value } = (variable ?? {}) as { name?: unknown; value?: unknown };
      if (typeof name !== 'string' || typeof value !== 'string') continue;
      const [readName, readValue] = [taken(name), taken(value)];
      if (javaVariables.test(readName)) words.push(java);
      words.push(`${readName}=${readValue}`, ...readValue.split(/\s+/));
    }
  }
  const flags = words.map((word) => (isJava.test(word) ? java : word)).filter(isFlag);
  return left < 0 || words.includes(cutMark) ? [...flags, cutMark] : flags;
}

const isFlag = (word: string): boolean => word === java || rules.some(({ pattern }) => pattern.test(word));

/** Of several the last one counts, as the runtimes have it; one in bytes over one in per cent. */
export function heapCapOf(flags: readonly string[]): Heap | undefined {
  if (flags.includes(cutMark)) return { runtime: 'unknown' };
  const caps = flags.flatMap((by): HeapCap[] =>
    rules.flatMap(({ runtime, pattern, cap }) => {
      const match = pattern.exec(by);
      return match === null ? [] : [{ runtime, by, ...cap(match) }];
    }),
  );
  const told = caps.findLast((cap) => cap.bytes !== undefined) ?? caps.at(-1);
  if (told !== undefined) return told;
  return flags.includes(java) ? { runtime: 'JVM', share: jvmDefaultShare } : undefined;
}
