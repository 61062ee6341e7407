/** Reads the files of one cgroup and parses them into a sample. */
import { type Bytes, bytes } from '../model/bytes.ts';
import {
  type CgroupDetails,
  CgroupGone,
  type CgroupSample,
  type CgroupVersion,
  type RawCgroup,
  type SecondReading,
} from '../model/cgroup.ts';
import { defined } from '../model/defined.ts';
import { type LocatedError, messageOf, mostFaults, type OnFault } from '../model/located-error.ts';
import { faultAt, KeyTable, parseKeyed } from './keyed.ts';
import { exactly, isExact, parseLimit, parseNumber } from './number.ts';
import { parsePressure } from './pressure.ts';
import { parseStat } from './stat.ts';

type Parser<Value> = (file: string, text: Uint8Array, onFault: OnFault) => Value | undefined;

const amount = (file: string, text: Uint8Array): Bytes => bytes(parseNumber(file, text));

/** The usage file of each cgroup version. Every sample reads it first: without it the other files are missing too. */
const usageFile = { 1: 'memory.usage_in_bytes', 2: 'memory.current' } as const;

/** The files that every sample reads. The host keeps their descriptors open (about 5 KiB of kernel memory each). */
export const hotFiles = {
  1: [usageFile[1], 'memory.stat'],
  2: [usageFile[2], 'memory.stat'],
} as const;

/**
 * Samples one cgroup. It reads usage and then at once `memory.stat`, because the formulas subtract one from the other.
 * A file or a key that cannot be read or parsed adds a line to `faults` and costs only its own figures.
 * @param detailed also read the files that only a report needs, all keys of `memory.stat`, and usage and stat twice
 * @throws CgroupGone if the cgroup disappears while it is read
 */
export function sampleCgroup(raw: RawCgroup, version: CgroupVersion, detailed: boolean): CgroupSample {
  return detailed ? sampleInDetail(raw, version) : sampleBriefly(raw, version);
}

/** Usage in bytes, for the survey that ranks cgroups by size. Undefined if the file is missing or malformed. */
export function readUsage(raw: RawCgroup, version: CgroupVersion): Bytes | undefined {
  const file = usageFile[version];
  try {
    const text = raw.read(file);
    return text === undefined ? undefined : amount(file, text);
  } catch {
    return undefined;
  }
}

const noFaults: readonly string[] = [];

/** Leaves the hot path at the first malformed key. */
const throwFault = (fault: LocatedError): never => {
  throw fault;
};

/** The hot path: it allocates no closure, no list and no copy of a file. */
function sampleBriefly(raw: RawCgroup, version: CgroupVersion): CgroupSample {
  const { id } = raw;
  const file = usageFile[version];
  try {
    const usageText = raw.read(file);
    const usage = usageText === undefined ? undefined : amount(file, usageText);
    const statText = raw.read('memory.stat');
    if (usage !== undefined && statText !== undefined)
      return {
        id,
        version,
        usage,
        stat: parseStat('memory.stat', statText, version, false, throwFault),
        faults: noFaults,
      };
  } catch (error) {
    if (error instanceof CgroupGone) throw error;
  }
  // A file is missing or malformed. The detailed pass finds out which one and adds it to `faults`.
  const { details: _, kmem: __, again: ___, ...brief } = sampleInDetail(raw, version);
  return brief;
}

function sampleInDetail(raw: RawCgroup, version: CgroupVersion): CgroupSample {
  const faults: string[] = [];
  const get: Get = (file, parse) => {
    try {
      const text = raw.read(file);
      if (text === undefined) return undefined;
      let reported = 0;
      return parse(`${raw.id.path === '/' ? '' : raw.id.path}/${file}`, text, ({ message }) => {
        if (reported++ < mostFaults) faults.push(message);
      });
    } catch (error) {
      if (error instanceof CgroupGone) throw error;
      faults.push(messageOf(error));
      return undefined;
    }
  };
  // Read memsw, usage and stat back to back: each is subtracted from its neighbour.
  const usageAndSwap = version === 1 ? get('memory.memsw.usage_in_bytes', amount) : undefined;
  const usage = get(usageFile[version], amount);
  const stat = get('memory.stat', (file, text, onFault) => parseStat(file, text, version, true, onFault));
  const kmem = version === 1 ? get('memory.kmem.usage_in_bytes', amount) : undefined;
  const again = usage === undefined || stat === undefined ? undefined : secondReading(raw, version);
  const swap = usageAndSwap === undefined || usage === undefined ? undefined : bytes(usageAndSwap - usage);
  const details = version === 1 ? { ...detailsV1(get), ...defined({ swap }) } : detailsV2(get);
  return { id: raw.id, version, ...defined({ usage, stat, kmem, details, again }), faults };
}

/**
 * Reads usage, stat and kernel memory once more. Ignores malformed files: the first reading reported them.
 * @throws CgroupGone if the cgroup disappears while it is read
 */
function secondReading(raw: RawCgroup, version: CgroupVersion): SecondReading {
  const get: Get = (file, parse) => {
    try {
      const text = raw.read(file);
      return text === undefined ? undefined : parse(file, text, () => {});
    } catch (error) {
      if (error instanceof CgroupGone) throw error;
      return undefined;
    }
  };
  return defined<SecondReading>({
    usage: get(usageFile[version], amount),
    stat: get('memory.stat', (file, text, onFault) => parseStat(file, text, version, true, onFault)),
    kmem: version === 1 ? get('memory.kmem.usage_in_bytes', amount) : undefined,
  });
}

type Get = <Value>(file: string, parse: Parser<Value>) => Value | undefined;

function detailsV1(get: Get): CgroupDetails {
  // The kernel starts this counter only when someone sets a TCP limit. Without a limit, 0 means "not counted".
  const tcpLimit = get('memory.kmem.tcp.limit_in_bytes', parseLimit);
  const tcpCounted = tcpLimit !== undefined && tcpLimit !== 'none';
  const kmemTcp = get('memory.kmem.tcp.usage_in_bytes', amount);
  return defined({
    limit: get('memory.limit_in_bytes', parseLimit),
    peak: get('memory.max_usage_in_bytes', amount),
    hugetlb: hugetlb(get, 'usage_in_bytes'),
    kmemTcp: tcpCounted || kmemTcp !== 0 ? kmemTcp : undefined,
    oomKills: get('memory.oom_control', parseEvents)?.oomKills,
    failCount: get('memory.failcnt', parseNumber),
  });
}

function detailsV2(get: Get): CgroupDetails {
  const pressure = get('memory.pressure', parsePressure);
  const events = get('memory.events', parseEvents);
  const localEvents = get('memory.events.local', parseEvents);
  return defined({
    limit: get('memory.max', parseLimit),
    high: get('memory.high', parseLimit),
    peak: get('memory.peak', amount),
    swap: get('memory.swap.current', amount),
    zswap: get('memory.zswap.current', amount),
    hugetlb: hugetlb(get, 'current'),
    oomKills: events?.oomKills,
    oomKillsLocal: localEvents?.oomKills,
    limitOoms: events?.limitOoms,
    limitOomsLocal: localEvents?.limitOoms,
    highEvents: events?.highEvents,
    highEventsLocal: localEvents?.highEvents,
    failCount: events?.failCount,
    psiSomeAvg60: pressure?.some,
    psiFullAvg60: pressure?.full,
  });
}

/** Every huge page size of any Linux architecture, spelled as in the names of the hugetlb controller's files. */
const hugePages = ['64KB', '1MB', '2MB', '16MB', '32MB', '512MB', '1GB', '2GB', '16GB'] as const;

/** Huge page usage in bytes, summed over all page sizes. Undefined if the kernel has none or the controller is off. */
function hugetlb(get: Get, what: 'current' | 'usage_in_bytes'): Bytes | undefined {
  const amounts = hugePages.flatMap((size) => get(`hugetlb.${size}.${what}`, amount) ?? []);
  return amounts.length === 0 ? undefined : bytes(amounts.reduce<number>((a, b) => a + b, 0));
}

// `max` counts how often usage was about to exceed the limit. On v1 that counter is the file `memory.failcnt`.
const eventKeys = new KeyTable(['oom_kill', 'max', 'oom_group_kill', 'oom', 'high']);

type Events = Pick<CgroupDetails, 'oomKills' | 'failCount' | 'limitOoms' | 'highEvents'>;

/**
 * Counts a group kill as one OOM kill. With `memory.oom.group`, which the kubelet sets on v2, the kernel kills the whole
 * cgroup at once and counts every process in `oom_kill`. Linux 6.1 even counts the first process twice.
 */
export function parseEvents(file: string, text: Uint8Array, onFault: OnFault): Events {
  const counts = new Float64Array(eventKeys.keys.length);
  parseKeyed(file, text, eventKeys, counts, onFault);
  for (const [slot, count] of counts.entries())
    if (!Number.isNaN(count) && !isExact(count)) {
      counts[slot] = Number.NaN;
      onFault(faultAt(file, text, eventKeys.keys[slot] as string, exactly));
    }
  const [processes, failCount, groups = 0, limitOoms, highEvents] = Array.from(counts, (count) =>
    Number.isNaN(count) ? undefined : count,
  );
  return defined({ oomKills: groups > 0 ? groups : processes, failCount, limitOoms, highEvents });
}
