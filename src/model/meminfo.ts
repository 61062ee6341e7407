/** The node's own memory, as the kernel's files have it. */
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

export interface Arcstats {
  readonly size: Bytes;
  /** What it never shrinks below. */
  readonly least?: Bytes;
  /** Data and metadata that nobody holds at the moment. */
  readonly evictable?: Bytes;
}
