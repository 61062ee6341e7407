/** The files of one cgroup → its numbers. */
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

/** The usage file of each version: it stands first in every sample, and its absence explains all others'. */
const usageFile = { 1: 'memory.usage_in_bytes', 2: 'memory.current' } as const;

/** What every sample reads: worth a descriptor kept open (about 5 KiB of kernel memory each). */
export const hotFiles = {
  1: [usageFile[1], 'memory.stat'],
  2: [usageFile[2], 'memory.stat'],
} as const;

/**
 * One cgroup, sampled: usage first and stat right behind it, since the two are compared. `detailed` reads the files
 * that only a report needs, all of stat, and usage and stat a second time. A file that cannot be read or parsed is a
 * line in `faults`, and so is a key of a file that cannot be used; the others still count.
 * @throws CgroupGone
 */
export function sampleCgroup(raw: RawCgroup, version: CgroupVersion, detailed: boolean): CgroupSample {
  return detailed ? sampleInDetail(raw, version) : sampleBriefly(raw, version);
}

/** How large it is, of a cgroup that is weighed and not sampled; undefined where that cannot be read. */
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

/** Ends the short way. */
const give = (fault: LocatedError): never => {
  throw fault;
};

/** The hot path: no closure, no list, no copy. */
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
        stat: parseStat('memory.stat', statText, version, false, give),
        faults: noFaults,
      };
  } catch (error) {
    if (error instanceof CgroupGone) throw error;
  }
  // Something is missing or wrong: the long way tells what.
  const { details: _, kmem: __, again: ___, ...brief } = sampleInDetail(raw, version);
  return brief;
}

function sampleInDetail(raw: RawCgroup, version: CgroupVersion): CgroupSample {
  const faults: string[] = [];
  const get: Get = (file, parse) => {
    try {
      const text = raw.read(file);
      if (text === undefined) return undefined;
      let told = 0;
      return parse(`${raw.id.path === '/' ? '' : raw.id.path}/${file}`, text, ({ message }) => {
        if (told++ < mostFaults) faults.push(message);
      });
    } catch (error) {
      if (error instanceof CgroupGone) throw error;
      faults.push(messageOf(error));
      return undefined;
    }
  };
  // memsw, usage, stat in a row: each is compared with its neighbour.
  const usageAndSwap = version === 1 ? get('memory.memsw.usage_in_bytes', amount) : undefined;
  const usage = get(usageFile[version], amount);
  const stat = get('memory.stat', (file, text, onFault) => parseStat(file, text, version, true, onFault));
  const kmem = version === 1 ? get('memory.kmem.usage_in_bytes', amount) : undefined;
  const again = usage === undefined || stat === undefined ? undefined : secondReading(raw, version);
  const swap = usageAndSwap === undefined || usage === undefined ? undefined : bytes(usageAndSwap - usage);
  const details = version === 1 ? { ...detailsV1(get), ...defined({ swap }) } : detailsV2(get);
  return { id: raw.id, version, ...defined({ usage, stat, kmem, details, again }), faults };
}

/** What is wrong with a file has been said of the first reading. @throws CgroupGone */
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
  // The counter reads 0 until a TCP limit switches it on: then 0 means "not counted".
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

/** Every size of huge pages that an architecture of Linux has, as the controller writes it in its files' names. */
const hugePages = ['64KB', '1MB', '2MB', '16MB', '32MB', '512MB', '1GB', '2GB', '16GB'] as const;

/** Of all sizes that this kernel has; undefined where it has none, or the controller is off. */
function hugetlb(get: Get, what: 'current' | 'usage_in_bytes'): Bytes | undefined {
  const amounts = hugePages.flatMap((size) => get(`hugetlb.${size}.${what}`, amount) ?? []);
  return amounts.length === 0 ? undefined : bytes(amounts.reduce<number>((a, b) => a + b, 0));
}

// `max`: how often usage was about to go over the limit, which v1 counts in a file of its own, `memory.failcnt`.
const events = new KeyTable(['oom_kill', 'max', 'oom_group_kill', 'oom', 'high']);
const counts = new Float64Array(events.keys.length);

type Events = Pick<CgroupDetails, 'oomKills' | 'failCount' | 'limitOoms' | 'highEvents'>;

/**
 * A group that is killed as one (`memory.oom.group`, the kubelet's way on v2) is one kill: of its processes the kernel
 * counts each, and on 6.1 the first of them twice.
 */
function parseEvents(file: string, text: Uint8Array, onFault: OnFault): Events {
  parseKeyed(file, text, events, counts, onFault);
  for (const [slot, count] of counts.entries())
    if (!Number.isNaN(count) && !isExact(count)) {
      counts[slot] = Number.NaN;
      onFault(faultAt(file, text, events.keys[slot] as string, exactly));
    }
  const [processes, failCount, groups = 0, limitOoms, highEvents] = Array.from(counts, (count) =>
    Number.isNaN(count) ? undefined : count,
  );
  return defined({ oomKills: groups > 0 ? groups : processes, failCount, limitOoms, highEvents });
}
