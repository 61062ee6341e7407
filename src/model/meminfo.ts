/** The node's memory as the kernel's files report it. */
import type { Bytes } from './bytes.ts';

/**
 * `/proc/meminfo`, in bytes. A line that this kernel does not write, or whose value is impossible, is absent.
 * Source: proc_meminfo(5).
 */
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
  /** Number of reserved huge pages of the default size; `Free`: those not in use. */
  readonly hugePages?: number;
  readonly hugePagesFree?: number;
  readonly hugePageSize?: Bytes;
  /** Bytes reserved for huge pages of all sizes. Since Linux 4.16. */
  readonly hugetlb?: Bytes;
}

/** The ZFS cache (ARC), in bytes. Source: `/proc/spl/kstat/zfs/arcstats`. */
export interface Arcstats {
  readonly size: Bytes;
  /** The size that ZFS never shrinks it below (`c_min`). */
  readonly least?: Bytes;
  /** Data and metadata not in use now. */
  readonly evictable?: Bytes;
}
