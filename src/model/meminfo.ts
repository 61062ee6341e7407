/** `/proc/meminfo`, under names of our own spelling. */
import type { Bytes } from './bytes.ts';

/** What the node's figures are made of. A line that this kernel does not write, or that cannot be true, is absent. */
export interface Meminfo {
  readonly memTotal: Bytes;
  readonly memFree?: Bytes;
  readonly buffers?: Bytes;
  readonly cached?: Bytes;
  readonly memAvailable?: Bytes;
  readonly shmem?: Bytes;
  readonly slabReclaimable?: Bytes;
  readonly swapTotal?: Bytes;
  readonly swapFree?: Bytes;
  /** Pages of the default size that are set aside, and how many of them nobody uses. */
  readonly hugePages?: number;
  readonly hugePagesFree?: number;
  readonly hugePageSize?: Bytes;
  /** All that is set aside for huge pages of any size, from Linux 4.16. */
  readonly hugetlb?: Bytes;
}
