/** Reads the files of one cgroup and parses them into a sample. */
import type { Bytes } from '../model/bytes.ts';
import {
  CgroupGone,
  type CgroupSample,
  type CgroupVersion,
  type MemoryStat,
  type RawCgroup,
  type SecondReading,
  usageFile,
} from '../model/cgroup.ts';
import { defined } from '../model/json.ts';
import { type LocatedError, messageOf, mostFaults } from '../model/located-error.ts';
import {
  type Around,
  amount,
  detailsV1,
  detailsV2,
  type Get,
  memswFile,
  type Parser,
  type Read,
} from './details.ts';
import { type CgroupDetailFiles, intervals } from './reuse/kept-details.ts';
import type { Reuse } from './reuse/reuse.ts';
import { parseStat } from './stat.ts';

/** v1. */
export const kmemFile = 'memory.kmem.usage_in_bytes';

/** The files that every sample reads. The host keeps their descriptors open (about 5 KiB of kernel memory each). */
export const hotFiles = {
  1: [usageFile[1], 'memory.stat'],
  2: [usageFile[2], 'memory.stat'],
} as const;

/**
 * Samples one cgroup. It reads usage and then at once `memory.stat`, because the formulas subtract one from the other.
 * A file or a key that cannot be read or parsed adds a line to `faults` and costs only its own figures.
 * @param detailed also read the files that only a report needs, all keys of `memory.stat`, and usage and stat twice
 * @param reuse what earlier reports read, to read less. Absent: read all
 * @throws CgroupGone if the cgroup disappears while it is read
 */
export function sampleCgroup(
  raw: RawCgroup,
  version: CgroupVersion,
  detailed: boolean,
  reuse?: Pick<Reuse, 'kept' | 'isExplained'>,
): CgroupSample {
  return detailed ? sampleInDetail(raw, version, reuse) : sampleBriefly(raw, version);
}

/** Usage in bytes. Undefined if the file is missing or malformed. @throws CgroupGone if the cgroup disappeared */
export function readUsage(raw: RawCgroup, version: CgroupVersion): Bytes | undefined {
  const file = usageFile[version];
  try {
    const text = raw.read(file);
    return text === undefined ? undefined : amount(file, text);
  } catch (error) {
    if (error instanceof CgroupGone) throw error;
    return undefined;
  }
}

const noFaults: readonly string[] = [];

/** Leaves the hot path at the first malformed key. */
const throwFault = (fault: LocatedError): never => {
  throw fault;
};

const sampleBriefly = (raw: RawCgroup, version: CgroupVersion): CgroupSample =>
  sampleWithUsage(raw, version, readUsage(raw, version));

/** The rest of a brief sample whose usage was just read. The hot path: it allocates no closure, no list and no copy of a file. */
export function sampleWithUsage(
  raw: RawCgroup,
  version: CgroupVersion,
  usage: Bytes | undefined,
): CgroupSample {
  const { id } = raw;
  try {
    const text = usage === undefined ? undefined : raw.read('memory.stat');
    if (usage !== undefined && text !== undefined)
      return {
        id,
        version,
        usage,
        stat: parseStat('memory.stat', text, version, false, throwFault),
        faults: noFaults,
      };
  } catch (error) {
    if (error instanceof CgroupGone) throw error;
  }
  // A file is missing or malformed. The detailed pass finds out which one and adds it to `faults`.
  const { details: _, kmem: __, again: ___, ...brief } = sampleFiles(raw, version);
  return brief;
}

/**
 * For most cgroups of a node the sample of the last report still holds. This way allocates no closure and no list.
 * @param reuse what earlier reports read. Absent: read every file
 */
function sampleInDetail(
  raw: RawCgroup,
  version: CgroupVersion,
  reuse?: Pick<Reuse, 'kept' | 'isExplained'>,
): CgroupSample {
  if (reuse === undefined) return sampleFiles(raw, version);
  const kept = reuse.kept.of(raw.id);
  if (!kept.isSampleKept) return sampleFiles(raw, version, kept, reuse);
  const usage = readUsage(raw, version);
  try {
    const text = usage === undefined ? undefined : raw.read('memory.stat');
    if (usage === undefined || text === undefined) return sampleFiles(raw, version, kept, reuse);
    kept.observe(usage, text);
    return kept.same ?? sampleFiles(raw, version, kept, reuse, { usage, text });
  } catch (error) {
    if (error instanceof CgroupGone) throw error;
    return sampleFiles(raw, version, kept, reuse);
  }
}

/** Usage and the content of `memory.stat`, just read. */
interface HotFiles {
  readonly usage: Bytes;
  readonly text: Uint8Array;
}

/** @param hot absent: read these too, to find out what is wrong with them */
function sampleFiles(
  raw: RawCgroup,
  version: CgroupVersion,
  kept?: CgroupDetailFiles,
  reuse?: Pick<Reuse, 'isExplained'>,
  hot?: HotFiles,
): CgroupSample {
  const faults: string[] = [];
  const where = raw.id.path === '/' ? '' : raw.id.path;
  const read: Read = (file, parse, given) => {
    try {
      const text = given ?? raw.read(file);
      if (text === undefined) return undefined;
      let reported = 0;
      return parse(`${where}/${file}`, text, ({ message }) => {
        if (reported++ < mostFaults) faults.push(message);
      });
    } catch (error) {
      if (error instanceof CgroupGone) throw error;
      faults.push(messageOf(error));
      return undefined;
    }
  };
  const get: Get = (file, parse, interval) => {
    if (kept?.holds(file, interval)) return kept.last(file) as ReturnType<typeof parse>;
    const before = faults.length;
    const value = read(file, parse);
    if (faults.length === before) kept?.keep(file, value, interval);
    return value;
  };
  // Read memsw, usage and stat back to back: each is subtracted from its neighbour.
  const usageAndSwap = version === 1 && kept === undefined ? read(memswFile, amount) : undefined;
  const usage = hot?.usage ?? read(usageFile[version], amount);
  const parse: Parser<MemoryStat> = (file, text, onFault) => {
    if (hot === undefined) kept?.observe(usage, text);
    return kept?.stat ?? parseStat(file, text, version, true, onFault);
  };
  const stat = read('memory.stat', parse, hot?.text);
  kept?.begin();
  if (kept !== undefined && faults.length === 0) kept.stat = stat;
  const kmem = version === 1 ? get(kmemFile, amount, intervals.withStat) : undefined;
  const first = { id: raw.id, version, ...defined({ usage, stat, kmem }), faults };
  const again =
    usage === undefined || stat === undefined || reuse?.isExplained(first) === true
      ? undefined
      : secondReading(raw, version);
  const isOtherLimit = kept?.limitInForce !== stat?.hierarchicalLimit;
  if (kept !== undefined) kept.limitInForce = stat?.hierarchicalLimit;
  const usageNow = () => read(usageFile[version], amount);
  const around: Around = { usage, stat, usageAndSwap, kept, isOtherLimit, usageNow };
  const details = version === 1 ? detailsV1(get, around) : detailsV2(get, around);
  const sampled = { ...first, ...defined({ details, again }) };
  const isWhole = usage !== undefined && stat !== undefined && faults.length === 0;
  return isWhole && again === undefined && kept !== undefined ? kept.keepSample(sampled) : sampled;
}

/**
 * Reads usage, stat and kernel memory once more. Ignores malformed files: the first reading reported them.
 * @throws CgroupGone if the cgroup disappears while it is read
 */
function secondReading(raw: RawCgroup, version: CgroupVersion): SecondReading {
  const read: Read = (file, parse) => {
    try {
      const text = raw.read(file);
      return text === undefined ? undefined : parse(file, text, () => {});
    } catch (error) {
      if (error instanceof CgroupGone) throw error;
      return undefined;
    }
  };
  return defined<SecondReading>({
    usage: read(usageFile[version], amount),
    stat: read('memory.stat', (file, text, onFault) => parseStat(file, text, version, true, onFault)),
    kmem: version === 1 ? read(kmemFile, amount) : undefined,
  });
}
