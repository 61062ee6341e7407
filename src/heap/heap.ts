/**
 * Finds the cap of a container's heap from its definition. A garbage-collected runtime fills its heap up to the cap
 * whether it needs the memory or not, so usage alone does not show the demand.
 */
import { bytes } from '../model/bytes.ts';
import type { Heap, HeapCap } from '../model/pod.ts';
import { type FlagSource, flagOf, type HeapFlag, type Runtime, type Sets } from './flags.ts';
import { cutMark, javaIsLikely, programs } from './words.ts';

/** Without a flag a JVM takes a quarter of the limit (MaxRAMPercentage in the `java` manual). */
const jvmDefaultShare = 0.25;
/** On a small machine a JVM takes half of the memory, but at most 126 MiB (MinRAMPercentage). */
const jvmSmallShare = 0.5;
const jvmSmallHeap = 126 * 2 ** 20;
/** V8's young generation consists of three semi-spaces. */
const semiSpaces = 3;

/**
 * The cap of the heap. Without a flag it is the default of the runtime that the command starts.
 * @param words the result of `heapFlagsOf`
 * @returns undefined without a sign of a capped runtime; runtime `unknown` if the cap is somewhere that realmem does not read
 */
export function heapCapOf(words: readonly string[]): Heap | undefined {
  // Most containers.
  if (words.length === 0) return undefined;
  if (words.includes(cutMark)) return { runtime: 'unknown' };
  const flags = words.flatMap((word) => flagOf(word) ?? []);
  const started = new Set(
    words.flatMap((word) => (Object.hasOwn(programs, word) ? (programs[word] ?? []) : [])),
  );
  const caps = runtimes.flatMap((runtime) => {
    const cap = capOf[runtime](flags.filter((flag) => flag.runtime === runtime));
    return cap === undefined ? [] : [cap];
  });
  // Ignore flags of a runtime that nothing starts: someone may have set them for every container of a pod.
  const ofStarted = caps.filter(({ runtime }) => started.has(runtime));
  const isJvmAlone = started.has('JVM') && started.size === 1;
  const cap = largest(ofStarted.length > 0 || isJvmAlone ? ofStarted : caps);
  if (cap !== undefined) return cap.isUnread === true ? { runtime: 'unknown' } : heapOf(cap);
  const isJvm = started.has('JVM') || words.includes(javaIsLikely);
  return isJvm ? { runtime: 'JVM', share: jvmDefaultShare } : undefined;
}

/** The cap according to the flags of one runtime: in bytes, or as a share of the limit. */
interface Cap {
  readonly runtime: Runtime;
  /** The flags that set it. */
  readonly by: readonly string[];
  readonly bytes?: number;
  /** Direct memory of a JVM, outside the heap. */
  readonly besideBytes?: number;
  /** From 0 to 1. */
  readonly share?: number;
  /** The value may come from a file, a ConfigMap or a Secret, which realmem does not read. */
  readonly isUnread?: true;
}

const heapOf = ({ runtime, by, bytes: amount, besideBytes, share }: Cap): HeapCap => ({
  runtime,
  by: by.join(' '),
  ...(amount !== undefined && { bytes: bytes(Math.round(amount)) }),
  ...(besideBytes !== undefined && { besideBytes: bytes(Math.round(besideBytes)) }),
  ...(share !== undefined && { share }),
});

/** An unread cap counts as the largest, then a share: each may exceed any number of bytes. */
function largest(caps: readonly Cap[]): Cap | undefined {
  const sizeOf = ({ bytes: amount = 0, besideBytes = 0, share, isUnread }: Cap): readonly [number, number] =>
    isUnread === true ? [2, 0] : share !== undefined ? [1, share] : [0, amount + besideBytes];
  return caps.toSorted((a, b) => {
    const [[classA, sizeA], [classB, sizeB]] = [sizeOf(a), sizeOf(b)];
    return classB - classA || sizeB - sizeA;
  })[0];
}

const runtimes: readonly Runtime[] = ['JVM', 'Node.js', '.NET', 'Go'];

const capOf: Readonly<Record<Runtime, (flags: readonly HeapFlag[]) => Cap | undefined>> = {
  JVM: capOfJvm,
  'Node.js': capOfNode,
  '.NET': (flags) => {
    const last = (sets: Sets): HeapFlag | undefined => flags.findLast((flag) => flag.sets === sets);
    const heap = last('heap') ?? last('legacy heap');
    if (last('file') !== undefined) return unread('.NET');
    return heap === undefined
      ? shareCap('.NET', last('share') ?? last('legacy share'))
      : bytesCap('.NET', [heap], heap.amount);
  },
  Go: (flags) => {
    const heap = flags.at(-1);
    if (heap?.sets === 'file') return unread('Go');
    return heap === undefined ? undefined : bytesCap('Go', [heap], heap.amount);
  },
};

const unread = (runtime: Runtime): Cap => ({ runtime, by: [], isUnread: true });

const bytesCap = (runtime: Runtime, by: readonly HeapFlag[], amount: number): Cap => ({
  runtime,
  by: by.map(({ text }) => text),
  bytes: amount,
});

const shareCap = (runtime: Runtime, flag: HeapFlag | undefined): Cap | undefined =>
  flag === undefined ? undefined : { runtime, by: [flag.text], share: flag.amount };

/** Sorts flags by source, in the order in which a runtime reads the sources. For each setting the last flag wins. */
const inOrder = (flags: readonly HeapFlag[], order: readonly FlagSource[]): readonly HeapFlag[] =>
  order.flatMap((source) => flags.filter((flag) => flag.source === source));

/** The largest flag counts for start scripts: nobody knows whether and in which order a script passes its variables on. */
const largestOf = (flags: readonly (HeapFlag | undefined)[]): HeapFlag | undefined =>
  flags.filter((flag) => flag !== undefined).toSorted((a, b) => b.amount - a.amount)[0];

/** HotSpot's order: JAVA_TOOL_OPTIONS, JDK_JAVA_OPTIONS (the launcher prepends it), the command line, _JAVA_OPTIONS. */
function capOfJvm(flags: readonly HeapFlag[]): Cap | undefined {
  const read = inOrder(flags, ['JAVA_TOOL_OPTIONS', 'JDK_JAVA_OPTIONS', 'command', '_JAVA_OPTIONS']);
  const ofScripts = flags.filter(({ source }) => source === 'script');
  const last = (sets: Sets): HeapFlag | undefined => read.findLast((flag) => flag.sets === sets);
  const most = (sets: Sets): HeapFlag | undefined =>
    largestOf(ofScripts.filter((flag) => flag.sets === sets));
  const [sure, maybe] = [last('heap'), most('heap')];
  if (read.indexOf(last('file') as HeapFlag) > read.indexOf(sure as HeapFlag)) return unread('JVM');
  const machine = last('machine') ?? most('machine');
  // A percentage overrides a fraction in any order. A heap in bytes overrides both.
  const share = last('share') ?? last('fraction');
  const isOverridden = sure?.source === '_JAVA_OPTIONS';
  if (!isOverridden && most('file') !== undefined) return unread('JVM');
  const heap = isOverridden || maybe === undefined ? sure : largestOf([sure, maybe]);
  const direct = largestOf([last('direct'), most('direct')]);
  const withDirect = (by: readonly (HeapFlag | undefined)[], amount: number): Cap => ({
    ...bytesCap(
      'JVM',
      [...by, direct].filter((flag) => flag !== undefined),
      amount,
    ),
    ...(direct !== undefined && { besideBytes: direct.amount }),
  });
  // If only a script's variable sets bytes, and the JVM itself gets a share, the share may be in force.
  if (heap !== undefined && (sure !== undefined || (share === undefined && machine === undefined)))
    return withDirect([heap], heap.amount);
  const part = largestOf([share, most('share') ?? most('fraction')]);
  if (machine === undefined) return shareCap('JVM', part);
  const small = Math.min(machine.amount * jvmSmallShare, jvmSmallHeap);
  return withDirect([machine, part], Math.max(small, machine.amount * (part?.amount ?? jvmDefaultShare)));
}

/** The command line overrides NODE_OPTIONS. A share overrides bytes. The heap size adds to the size of the old space. */
function capOfNode(flags: readonly HeapFlag[]): Cap | undefined {
  const read = inOrder(flags, ['NODE_OPTIONS', 'command']);
  const of = (sets: Sets): HeapFlag | undefined =>
    largestOf([
      read.findLast((flag) => flag.sets === sets),
      ...flags.filter((flag) => flag.source === 'script' && flag.sets === sets),
    ]);
  const last = read.findLast(({ sets }) => sets !== 'semi-space');
  if (last?.sets === 'file') return unread('Node.js');
  const share = of('share');
  if (share !== undefined) return shareCap('Node.js', share);
  const [old, heap, semi] = [of('old space'), of('heap'), of('semi-space')];
  if (old === undefined) return heap === undefined ? undefined : bytesCap('Node.js', [heap], heap.amount);
  if (heap !== undefined) return bytesCap('Node.js', [old, heap], old.amount + heap.amount);
  return bytesCap(
    'Node.js',
    [old, ...(semi === undefined ? [] : [semi])],
    old.amount + semiSpaces * (semi?.amount ?? 0),
  );
}
