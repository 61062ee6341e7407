/** The accounted memory of one cgroup. */
import type { Bytes } from './bytes.ts';

/** Why usage and the sum of its parts differ by more than the kernel's counter lag. Definitions: docs/accounting.md. */
export const residualCauses = ['statLag', 'race', 'swapCache', 'hugetlb', 'kernelParts', 'unknown'] as const;
export type ResidualCause = (typeof residualCauses)[number];

/** Each field is present only where the kernel provides it. Formulas: docs/accounting.md. */
export interface MemoryUsage {
  /** The kernel's charge: `memory.current` (v1: `memory.usage_in_bytes`). */
  usageBytes?: Bytes;
  /** usage − (active_file + inactive_file): without page cache, with tmpfs. Never below the anonymous lists. */
  realBytes?: Bytes;
  /** usage − inactive_file: as in `kubectl top`, the kubelet, cAdvisor and `docker stats`. */
  workingSetBytes?: Bytes;
  rssBytes?: Bytes;
  /** File pages, tmpfs included: `file` (v1: `cache`). */
  cacheBytes?: Bytes;
  activeFileBytes?: Bytes;
  inactiveFileBytes?: Bytes;
  shmemBytes?: Bytes;
  mappedFileBytes?: Bytes;
  unevictableBytes?: Bytes;
  /** MADV_FREE pages: counted in rss, but on the file lists, and the kernel can reclaim them at any time. */
  lazyFreeBytes?: Bytes;
  kernelBytes?: Bytes;
  kernelTcpBytes?: Bytes;
  sockBytes?: Bytes;
  slabReclaimableBytes?: Bytes;
  /** real − reclaimable slab. Absent on v1, where the kernel gives no slab figure per cgroup. */
  unreclaimableBytes?: Bytes;
  swapBytes?: Bytes;
  zswapBytes?: Bytes;
  hugetlbBytes?: Bytes;
  /** The effective limit: the smallest of the cgroup and its ancestors. Absent: none. */
  limitBytes?: Bytes;
  /** Path of the ancestor that sets this limit. Absent: the cgroup itself. */
  limitFrom?: string;
  /** The container's limit in the API, when it differs from the cgroup's. */
  apiLimitBytes?: Bytes;
  requestBytes?: Bytes;
  /** The kernel's high-water mark of usage, page cache included. */
  peakBytes?: Bytes;
  /** The largest sampled real. */
  peakRealBytes?: Bytes;
  /** usage minus all its parts. The kernel's counter lag keeps it from being zero. */
  residualBytes?: Bytes;
  residualCause?: ResidualCause;
  oomKills?: number;
  /** OOM kills in the cgroup itself, when its descendants had some too. */
  oomKillsLocal?: number;
  failCount?: number;
  /** File pages read again after the kernel dropped them, since the cgroup was created. */
  refaultsFile?: number;
  psiSomeAvg60?: number;
  psiFullAvg60?: number;
  /** `realBytes` is a lower bound from the anonymous lists, because usage and page cache contradict each other. */
  clamped?: true;
  /** The smallest `memory.high` of the cgroup and its ancestors. Absent: none. */
  highBytes?: Bytes;
  /** Path of the ancestor that sets it. Absent: the cgroup itself. */
  highFrom?: string;
  /** How often usage exceeded it, counted by the cgroup that sets it since its creation. */
  highEvents?: number;
}

/** All fields, in the order of the report. */
export const usageFields = [
  'usageBytes',
  'realBytes',
  'workingSetBytes',
  'rssBytes',
  'cacheBytes',
  'activeFileBytes',
  'inactiveFileBytes',
  'shmemBytes',
  'mappedFileBytes',
  'unevictableBytes',
  'lazyFreeBytes',
  'kernelBytes',
  'kernelTcpBytes',
  'sockBytes',
  'slabReclaimableBytes',
  'unreclaimableBytes',
  'swapBytes',
  'zswapBytes',
  'hugetlbBytes',
  'limitBytes',
  'limitFrom',
  'apiLimitBytes',
  'requestBytes',
  'peakBytes',
  'peakRealBytes',
  'residualBytes',
  'residualCause',
  'oomKills',
  'oomKillsLocal',
  'failCount',
  'refaultsFile',
  'psiSomeAvg60',
  'psiFullAvg60',
  'clamped',
  'highBytes',
  'highFrom',
  'highEvents',
] as const satisfies readonly (keyof MemoryUsage)[];

/** Figures of which some may be undefined. */
export type MaybeUsage = { readonly [field in keyof MemoryUsage]: MemoryUsage[field] | undefined };

/**
 * A copy without the undefined figures, in the order of the report. It names each field, because V8 makes a hash table of an object
 * that gets more than 16 keys by a variable: with it the rows of a report take 8 kB each to make, without it 2.5 kB.
 */
export function knownFigures(figures: MaybeUsage): MemoryUsage {
  const known: MemoryUsage = {};
  if (figures.usageBytes !== undefined) known.usageBytes = figures.usageBytes;
  if (figures.realBytes !== undefined) known.realBytes = figures.realBytes;
  if (figures.workingSetBytes !== undefined) known.workingSetBytes = figures.workingSetBytes;
  if (figures.rssBytes !== undefined) known.rssBytes = figures.rssBytes;
  if (figures.cacheBytes !== undefined) known.cacheBytes = figures.cacheBytes;
  if (figures.activeFileBytes !== undefined) known.activeFileBytes = figures.activeFileBytes;
  if (figures.inactiveFileBytes !== undefined) known.inactiveFileBytes = figures.inactiveFileBytes;
  if (figures.shmemBytes !== undefined) known.shmemBytes = figures.shmemBytes;
  if (figures.mappedFileBytes !== undefined) known.mappedFileBytes = figures.mappedFileBytes;
  if (figures.unevictableBytes !== undefined) known.unevictableBytes = figures.unevictableBytes;
  if (figures.lazyFreeBytes !== undefined) known.lazyFreeBytes = figures.lazyFreeBytes;
  if (figures.kernelBytes !== undefined) known.kernelBytes = figures.kernelBytes;
  if (figures.kernelTcpBytes !== undefined) known.kernelTcpBytes = figures.kernelTcpBytes;
  if (figures.sockBytes !== undefined) known.sockBytes = figures.sockBytes;
  if (figures.slabReclaimableBytes !== undefined) known.slabReclaimableBytes = figures.slabReclaimableBytes;
  if (figures.unreclaimableBytes !== undefined) known.unreclaimableBytes = figures.unreclaimableBytes;
  if (figures.swapBytes !== undefined) known.swapBytes = figures.swapBytes;
  if (figures.zswapBytes !== undefined) known.zswapBytes = figures.zswapBytes;
  if (figures.hugetlbBytes !== undefined) known.hugetlbBytes = figures.hugetlbBytes;
  if (figures.limitBytes !== undefined) known.limitBytes = figures.limitBytes;
  if (figures.limitFrom !== undefined) known.limitFrom = figures.limitFrom;
  if (figures.apiLimitBytes !== undefined) known.apiLimitBytes = figures.apiLimitBytes;
  if (figures.requestBytes !== undefined) known.requestBytes = figures.requestBytes;
  if (figures.peakBytes !== undefined) known.peakBytes = figures.peakBytes;
  if (figures.peakRealBytes !== undefined) known.peakRealBytes = figures.peakRealBytes;
  if (figures.residualBytes !== undefined) known.residualBytes = figures.residualBytes;
  if (figures.residualCause !== undefined) known.residualCause = figures.residualCause;
  if (figures.oomKills !== undefined) known.oomKills = figures.oomKills;
  if (figures.oomKillsLocal !== undefined) known.oomKillsLocal = figures.oomKillsLocal;
  if (figures.failCount !== undefined) known.failCount = figures.failCount;
  if (figures.refaultsFile !== undefined) known.refaultsFile = figures.refaultsFile;
  if (figures.psiSomeAvg60 !== undefined) known.psiSomeAvg60 = figures.psiSomeAvg60;
  if (figures.psiFullAvg60 !== undefined) known.psiFullAvg60 = figures.psiFullAvg60;
  if (figures.clamped !== undefined) known.clamped = figures.clamped;
  if (figures.highBytes !== undefined) known.highBytes = figures.highBytes;
  if (figures.highFrom !== undefined) known.highFrom = figures.highFrom;
  if (figures.highEvents !== undefined) known.highEvents = figures.highEvents;
  return known;
}

/** The limit that growing usage reaches first. */
export interface LimitInForce {
  readonly bytes: Bytes;
  /** Path of the ancestor that sets it. Absent: the cgroup itself. */
  readonly from?: string;
  /** At `memory.max` the kernel OOM kills; above `memory.high` it throttles. */
  readonly file: 'memory.max' | 'memory.high';
}

/** Undefined when no limit applies. */
export function limitInForce(usage: MemoryUsage): LimitInForce | undefined {
  const { limitBytes, limitFrom, highBytes, highFrom } = usage;
  const of = (bytes: Bytes, from: string | undefined, file: LimitInForce['file']): LimitInForce => ({
    ...{ bytes, file },
    ...(from !== undefined && { from }),
  });
  // When both are equal, memory.max applies: usage can never exceed memory.high then.
  if (highBytes !== undefined && (limitBytes === undefined || highBytes < limitBytes))
    return of(highBytes, highFrom, 'memory.high');
  return limitBytes === undefined ? undefined : of(limitBytes, limitFrom, 'memory.max');
}

/** Per cent of a minute in which some task waited for memory (PSI some avg60). From here on the workload is slowed down. */
export const waits = 5;
/** Share of a limit. Above it, too little page cache is left for the kernel to reclaim. */
export const nearLimit = 0.9;

/**
 * Whether `memory.high` hurts the workload: its tasks wait for memory, or its real is near. A cgroup that only fills up with
 * page cache to its `memory.high` is healthy.
 */
export const suffersAtHigh = ({ realBytes, highBytes, psiSomeAvg60 = 0 }: MemoryUsage): boolean =>
  highBytes !== undefined &&
  (psiSomeAvg60 >= waits || (realBytes !== undefined && realBytes >= nearLimit * highBytes));

/**
 * Whether one reading shows throttling. One reading cannot show whether the event counter still rises: its events can be
 * days old. A throttled task counts as waiting, so a minute without waiting tasks means no throttling. If the kernel does
 * not count events, usage above the cgroup's own `memory.high` counts as one.
 */
export const isThrottledByOneReading = (usage: MemoryUsage): boolean =>
  (usage.highEvents === undefined ? isAboveOwnHigh(usage) : usage.highEvents > 0) &&
  usage.psiSomeAvg60 !== 0 &&
  suffersAtHigh(usage);

/** Whether usage is at its own `memory.high` now. One cgroup's usage says nothing about an ancestor's `memory.high`. */
export const isAboveOwnHigh = ({ usageBytes, highBytes, highFrom }: MemoryUsage): boolean =>
  usageBytes !== undefined && highBytes !== undefined && highFrom === undefined && usageBytes >= highBytes;
