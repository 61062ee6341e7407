/** The memory of one cgroup, accounted. */
import type { Bytes } from './bytes.ts';

/** Why usage and its parts differ by more than the kernel's own lag. Definitions: docs/accounting.md. */
export const residualCauses = ['statLag', 'race', 'swapCache', 'hugetlb', 'kernelParts', 'unknown'] as const;
export type ResidualCause = (typeof residualCauses)[number];

/** Each present only where the kernel has it. Formulas: docs/accounting.md. */
export interface MemoryUsage {
  /** What the kernel charges: `memory.current`, `memory.usage_in_bytes`. */
  usageBytes?: Bytes;
  /** usage − (active_file + inactive_file): page cache out, tmpfs kept in. Never below the anonymous lists. */
  realBytes?: Bytes;
  /** usage − inactive_file: `kubectl top`, the kubelet, cAdvisor, `docker stats`. */
  workingSetBytes?: Bytes;
  rssBytes?: Bytes;
  /** File pages with tmpfs in them (`cache`, `file`). */
  cacheBytes?: Bytes;
  activeFileBytes?: Bytes;
  inactiveFileBytes?: Bytes;
  shmemBytes?: Bytes;
  mappedFileBytes?: Bytes;
  unevictableBytes?: Bytes;
  /** MADV_FREE pages: still rss, but on the file lists and free for the taking. */
  lazyFreeBytes?: Bytes;
  kernelBytes?: Bytes;
  kernelTcpBytes?: Bytes;
  sockBytes?: Bytes;
  slabReclaimableBytes?: Bytes;
  /** real − reclaimable slab; absent where the kernel gives no slab figure per cgroup (v1). */
  unreclaimableBytes?: Bytes;
  swapBytes?: Bytes;
  zswapBytes?: Bytes;
  hugetlbBytes?: Bytes;
  /** The limit that bites: the smallest of the cgroup and its ancestors. Absent: none. */
  limitBytes?: Bytes;
  /** The ancestor the limit comes from, when it is not the cgroup's own. */
  limitFrom?: string;
  /** What the API says of the container's limit, where the cgroup's own is another. */
  apiLimitBytes?: Bytes;
  requestBytes?: Bytes;
  /** The kernel's high-water mark, page cache in it. */
  peakBytes?: Bytes;
  /** The largest real that was sampled. */
  peakRealBytes?: Bytes;
  /** usage less every part it is made of; not zero by the kernel's own lag. */
  residualBytes?: Bytes;
  residualCause?: ResidualCause;
  oomKills?: number;
  /** Of the cgroup alone, where those below it have had others. */
  oomKillsLocal?: number;
  failCount?: number;
  /** File pages read back after having been dropped, since the cgroup was made. */
  refaultsFile?: number;
  psiSomeAvg60?: number;
  psiFullAvg60?: number;
  /** Real is at least this: usage and its page cache contradict each other, and the anonymous lists tell the least. */
  clamped?: true;
  /** The smallest `memory.high` of the cgroup and its ancestors. Absent: none. */
  highBytes?: Bytes;
  /** The ancestor that sets it, when it is not the cgroup's own. */
  highFrom?: string;
  /** How often usage of the cgroup that sets it was above it, since that cgroup was made. */
  highEvents?: number;
}

/** Every field in the order of the report. */
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

/** The limit that usage meets first. */
export interface LimitInForce {
  readonly bytes: Bytes;
  /** The ancestor that sets it, when it is not the cgroup's own. */
  readonly from?: string;
  /** `memory.max`, where the OOM killer ends a process, or `memory.high`, above which the kernel throttles. */
  readonly file: 'memory.max' | 'memory.high';
}

/** Undefined where there is none. */
export function limitInForce(usage: MemoryUsage): LimitInForce | undefined {
  const { limitBytes, limitFrom, highBytes, highFrom } = usage;
  const of = (bytes: Bytes, from: string | undefined, file: LimitInForce['file']): LimitInForce => ({
    ...{ bytes, file },
    ...(from !== undefined && { from }),
  });
  // At one size usage cannot go above memory.high: memory.max holds it first.
  if (highBytes !== undefined && (limitBytes === undefined || highBytes < limitBytes))
    return of(highBytes, highFrom, 'memory.high');
  return limitBytes === undefined ? undefined : of(limitBytes, limitFrom, 'memory.max');
}

/** Per cent of a minute in which some task waited for memory: from here on the workload is slowed down, and not by chance. */
export const waits = 5;
/** A share of a limit: with real there, page cache is no longer what the kernel can take back. */
export const nearLimit = 0.9;

/** A cgroup that merely keeps page cache at its `memory.high` is well: it neither waits, nor is its real near. */
export const suffersAtHigh = ({ realBytes, highBytes, psiSomeAvg60 = 0 }: MemoryUsage): boolean =>
  highBytes !== undefined &&
  (psiSomeAvg60 >= waits || (realBytes !== undefined && realBytes >= nearLimit * highBytes));

/**
 * By one reading, which cannot tell whether the events still rise: they can be days old. A throttled process counts as
 * waiting, so where none waited in a whole minute none was throttled, however near real is. Where the kernel does not count
 * events, usage above the cgroup's own `memory.high` is one.
 */
export const isThrottledByOneReading = (usage: MemoryUsage): boolean =>
  (usage.highEvents === undefined ? isAboveOwnHigh(usage) : usage.highEvents > 0) &&
  usage.psiSomeAvg60 !== 0 &&
  suffersAtHigh(usage);

/** At this moment; of an ancestor's `memory.high` the usage of one cgroup below it does not tell. */
export const isAboveOwnHigh = ({ usageBytes, highBytes, highFrom }: MemoryUsage): boolean =>
  usageBytes !== undefined && highBytes !== undefined && highFrom === undefined && usageBytes >= highBytes;
