/** The memory of one cgroup, accounted. */
import type { Bytes } from './bytes.ts';

/** Why usage and its parts differ by more than the kernel's own lag. Definitions: docs/accounting.md. */
export const residualCauses = ['statLag', 'race', 'swapCache', 'hugetlb', 'kernelParts', 'unknown'] as const;
export type ResidualCause = (typeof residualCauses)[number];

/** Each present only where the kernel has it. Formulas: docs/accounting.md. */
export interface MemoryUsage {
  /** What the kernel charges: `memory.current`, `memory.usage_in_bytes`. */
  usageBytes?: Bytes;
  /** usage − (active_file + inactive_file): page cache out, tmpfs kept in. */
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
  /** A difference came out below zero and was set to 0. */
  clamped?: true;
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
] as const satisfies readonly (keyof MemoryUsage)[];
