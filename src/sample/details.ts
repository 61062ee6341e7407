/** The details of a cgroup: limits, peak, swap, huge pages, OOM kills, pressure. */
import { type Bytes, bytes } from '../model/bytes.ts';
import type { CgroupDetails, MemoryStat } from '../model/cgroup.ts';
import { defined } from '../model/json.ts';
import type { OnFault } from '../model/located-error.ts';
import { faultAt, KeyTable, parseKeyed } from './keyed.ts';
import { exactly, isExact, parseLimit, parseNumber } from './number.ts';
import { type Pressure, parsePressure } from './pressure.ts';
import { type CgroupDetailFiles, type IntervalOf, intervals } from './reuse/kept-details.ts';

export type Parser<Value> = (file: string, text: Uint8Array, onFault: OnFault) => Value | undefined;

/** Reads a file now, unless its content is given. */
export type Read = <Value>(file: string, parse: Parser<Value>, given?: Uint8Array) => Value | undefined;

/** Reads a file, or takes its last value while the interval allows. */
export type Get = <Value>(
  file: string,
  parse: Parser<Value>,
  interval: IntervalOf<Value>,
) => Value | undefined;

export const amount = (file: string, text: Uint8Array): Bytes => bytes(parseNumber(file, text));

export const memswFile = 'memory.memsw.usage_in_bytes';

/** What was read before the details. */
export interface Around {
  readonly usage: Bytes | undefined;
  readonly stat: MemoryStat | undefined;
  /** v1: read just before usage. Undefined also if earlier reports may be reused. */
  readonly usageAndSwap: Bytes | undefined;
  /** Absent: read every file. */
  readonly kept: CgroupDetailFiles | undefined;
  /** v1: the limit in force is another one than in the last report. */
  readonly isOtherLimit: boolean;
  readonly usageNow: () => Bytes | undefined;
}

/** A peak is at least as large as usage. */
const peakInterval = (usage: Bytes | undefined) => (peak: Bytes | undefined) =>
  (usage ?? 0) > (peak ?? 0) ? intervals.always : intervals.slow;

export function detailsV1(get: Get, around: Around): CgroupDetails {
  // The kernel starts this counter only when someone sets a TCP limit. Without a limit, 0 means "not counted".
  const tcpLimit = get('memory.kmem.tcp.limit_in_bytes', parseLimit, intervals.unused);
  const tcpCounted = tcpLimit !== undefined && tcpLimit !== 'none';
  const kmemTcp = get('memory.kmem.tcp.usage_in_bytes', amount, (last) =>
    tcpCounted || last !== 0 ? intervals.always : intervals.unused,
  );
  const before = around.kept?.last('memory.oom_control') as Events | undefined;
  const events = get('memory.oom_control', parseEvents, intervals.withStat);
  // The cause of a kill comes from the limit, the peak and the failure count at that time.
  const isKilled = !isSame(before, events);
  const limitInterval = isKilled || around.isOtherLimit ? intervals.always : intervals.inForceInStat;
  const limit = get('memory.limit_in_bytes', parseLimit, limitInterval);
  return defined({
    limit,
    peak: get('memory.max_usage_in_bytes', amount, isKilled ? intervals.always : peakInterval(around.usage)),
    hugetlb: hugetlb(get, 'usage_in_bytes', around),
    kmemTcp: tcpCounted || kmemTcp !== 0 ? kmemTcp : undefined,
    oomKills: events?.oomKills,
    // Only a charge above a limit can fail.
    failCount: get('memory.failcnt', parseNumber, limit === 'none' ? intervals.slow : intervals.withStat),
    swap: swapV1(get, around),
  });
}

/** Usage of memory and swap minus usage, in bytes. Can be negative: these are two readings. */
function swapV1(get: Get, { usage, stat, usageAndSwap, kept, usageNow }: Around): Bytes | undefined {
  if (kept === undefined)
    return usageAndSwap === undefined || usage === undefined ? undefined : bytes(usageAndSwap - usage);
  if (stat?.swap === 0) return stat.swap;
  const difference = (file: string, text: Uint8Array): Bytes | undefined => {
    const both = amount(file, text);
    const now = usageNow();
    return now === undefined ? undefined : bytes(both - now);
  };
  return get(memswFile, difference, intervals.withStat);
}

export function detailsV2(get: Get, around: Around): CgroupDetails {
  const { usage, stat, kept } = around;
  // Averages fall without an event. Only 0 stays 0.
  const pressure = get('memory.pressure', parsePressure, (last) =>
    isCalm(last) ? intervals.withStat : intervals.always,
  );
  const before = kept?.last('memory.events') as Events | undefined;
  const events = get('memory.events', parseEvents, intervals.withStat);
  // Each local event counts in memory.events too.
  const isNews = !isSame(before, events);
  const localEvents = get('memory.events.local', parseEvents, isNews ? intervals.always : intervals.unused);
  const isZswapInStat = kept !== undefined && stat?.zswap !== undefined;
  return defined({
    // A kill is remembered with the limit at that time.
    limit: get('memory.max', parseLimit, isNews ? intervals.always : intervals.setByPeople),
    high: get('memory.high', parseLimit, intervals.setByPeople),
    peak: get('memory.peak', amount, peakInterval(usage)),
    swap: get(
      'memory.swap.current',
      amount,
      kept?.features.hasSwap === false ? intervals.unused : intervals.withStat,
    ),
    // memory.stat has the same counter.
    zswap: isZswapInStat ? undefined : get('memory.zswap.current', amount, intervals.withStat),
    hugetlb: hugetlb(get, 'current', around),
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

const isCalm = (pressure: Pressure): boolean => pressure.some === 0 && (pressure.full ?? 0) === 0;

/** Every huge page size of any Linux architecture, spelled as in the names of the hugetlb controller's files. */
const hugePages = ['64KB', '1MB', '2MB', '16MB', '32MB', '512MB', '1GB', '2GB', '16GB'] as const;

/** Huge page usage in bytes, summed over all page sizes. Undefined if the kernel has none or the controller is off. */
function hugetlb(get: Get, what: 'current' | 'usage_in_bytes', { kept }: Around): Bytes | undefined {
  const { hugePageSizes = hugePages, hasHugePages } = kept?.features ?? {};
  const interval = hasHugePages === false ? intervals.unused : intervals.always;
  const amounts = hugePageSizes.flatMap((size) => get(`hugetlb.${size}.${what}`, amount, interval) ?? []);
  return amounts.length === 0 ? undefined : bytes(amounts.reduce<number>((a, b) => a + b, 0));
}

// `max` counts how often usage was about to exceed the limit. On v1 that counter is the file `memory.failcnt`.
const eventKeys = new KeyTable(['oom_kill', 'max', 'oom_group_kill', 'oom', 'high']);

type Events = Pick<CgroupDetails, 'oomKills' | 'failCount' | 'limitOoms' | 'highEvents'>;

const isSame = (one: Events | undefined, other: Events | undefined): boolean =>
  one?.oomKills === other?.oomKills &&
  one?.failCount === other?.failCount &&
  one?.limitOoms === other?.limitOoms &&
  one?.highEvents === other?.highEvents;

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
