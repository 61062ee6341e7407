/** A cgroup as the kernel shows it. */
import type { Bytes } from './bytes.ts';

export type CgroupVersion = 1 | 2;

/** Of a page: the most common one, where the kernel or a recording does not tell. */
export const usualPageBytes = 4096;

/** What the kernel's own lag depends on. */
export interface Machine {
  readonly pageBytes: number;
  readonly cpus: number;
}

/**
 * How the kernel sorts page cache to find what to drop. Under the multi-generational LRU (Linux 6.1) `active_file` tells how
 * young a page is, and not that it was read again: files that are read over and over can stand in `inactive_file` alone.
 */
export type Lru = 'classic' | 'multi-generational' | 'unknown';

/** Which cgroup: a name alone can be used again, so the inode belongs to it. */
export interface CgroupId {
  /** From the root of the hierarchy, beginning with `/`. */
  readonly path: string;
  readonly inode: number;
}

/**
 * The files of one cgroup, read when asked for. On a live host the bytes are a view into one reused buffer,
 * good until the next `read`; in a recording they are a file: the same parsers take both.
 */
export interface RawCgroup {
  readonly id: CgroupId;
  /**
   * The bytes of one file, or undefined where this cgroup has no such file.
   * @throws CgroupGone when the cgroup has been removed; Fault when it may not or cannot be read.
   */
  read(file: string): Uint8Array | undefined;
}

/** The cgroup was removed between listing and reading: not an error, it has ended. */
export class CgroupGone extends Error {}

/**
 * `memory.stat`, under the names of cgroup v2 (v1: the hierarchical `total_` keys). Bytes, but for the refaults
 * (pages, counted since the cgroup was made). A key that this kernel does not write is absent.
 */
export interface MemoryStat {
  readonly anon?: Bytes;
  readonly file?: Bytes;
  readonly shmem?: Bytes;
  readonly fileMapped?: Bytes;
  readonly activeAnon?: Bytes;
  readonly inactiveAnon?: Bytes;
  readonly activeFile?: Bytes;
  readonly inactiveFile?: Bytes;
  readonly unevictable?: Bytes;
  readonly kernel?: Bytes;
  readonly kernelStack?: Bytes;
  readonly pagetables?: Bytes;
  readonly secPagetables?: Bytes;
  readonly percpu?: Bytes;
  /** From 5.17; in `kernel` where that is there. */
  readonly vmalloc?: Bytes;
  readonly slab?: Bytes;
  readonly slabReclaimable?: Bytes;
  readonly sock?: Bytes;
  readonly zswap?: Bytes;
  /** v1: the kernel's own count of what is in swap. */
  readonly swap?: Bytes;
  /** Pages that are in memory and in swap as well: on the anonymous lists, mapped or not. */
  readonly swapCached?: Bytes;
  /** Only where huge pages are charged to memory (`memory_hugetlb_accounting`). */
  readonly hugetlb?: Bytes;
  readonly refaultFile?: number;
  /** v1: the smallest limit of this cgroup and its ancestors. */
  readonly hierarchicalLimit?: Bytes | 'none';
}

/** The numbers of one cgroup at one moment. Absent: the kernel does not give it; never a stand-in for zero. */
export interface CgroupSample {
  readonly id: CgroupId;
  readonly version: CgroupVersion;
  readonly usage?: Bytes;
  readonly stat?: MemoryStat;
  /** v1 `memory.kmem.usage_in_bytes`; on v2 `stat.kernel`. */
  readonly kmem?: Bytes;
  readonly details?: CgroupDetails;
  /** Usage and stat read a second time right after, of a sample in detail: whether the cgroup stood still. */
  readonly again?: SecondReading;
  /** What could not be read or understood, each with its reason. */
  readonly faults: readonly string[];
}

export interface SecondReading {
  readonly usage?: Bytes;
  readonly stat?: MemoryStat;
  readonly kmem?: Bytes;
}

/** The files read for a report but not for every sample. */
export interface CgroupDetails {
  /** The cgroup's own limit. */
  readonly limit?: Bytes | 'none';
  /** v2: above `memory.high` the kernel throttles the processes and reclaims, and kills nobody for it. */
  readonly high?: Bytes | 'none';
  readonly peak?: Bytes;
  readonly swap?: Bytes;
  readonly zswap?: Bytes;
  /** Of all page sizes, by the hugetlb controller. */
  readonly hugetlb?: Bytes;
  readonly kmemTcp?: Bytes;
  /** v2: of the cgroup and all below it. */
  readonly oomKills?: number;
  /** v2: of the cgroup alone. */
  readonly oomKillsLocal?: number;
  /** v2: how often a limit of the cgroup or of one below it left the kernel nothing but its OOM killer. */
  readonly limitOoms?: number;
  /** v2: how often the cgroup's own limit did. */
  readonly limitOomsLocal?: number;
  /** v2: how often usage was above `memory.high`: of the cgroup and all below it, and of the cgroup alone. */
  readonly highEvents?: number;
  readonly highEventsLocal?: number;
  readonly failCount?: number;
  /** Per cent of the last 60 s in which some or all tasks waited for memory. */
  readonly psiSomeAvg60?: number;
  readonly psiFullAvg60?: number;
}

/** Something that was left out, and why. */
export interface Skipped {
  readonly cgroup: string;
  readonly why: string;
}

export interface CgroupMount {
  readonly version: 1 | 2;
  /** As the process sees it, the kernel's octal escapes undone. */
  readonly mountPoint: string;
  /** The part of the hierarchy that is mounted: `/` but for bind mounts of a subtree. */
  readonly root: string;
  /** v1: the controllers on this hierarchy (named ones have none). */
  readonly controllers: readonly string[];
}
