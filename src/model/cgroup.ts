/** A cgroup as the kernel shows it. */
import type { Bytes } from './bytes.ts';

export type CgroupVersion = 1 | 2;

/** Page size to assume when neither the kernel nor the recording gives one. */
export const usualPageBytes = 4096;

/** The machine's properties that determine how far the kernel's memory counters lag. */
export interface Machine {
  readonly pageBytes: number;
  readonly cpus: number;
}

/**
 * Which LRU the kernel uses to choose the page cache it reclaims. Under the multi-generational LRU (Linux 6.1)
 * `active_file` holds young pages, not pages that were read again. A file that is read repeatedly can be in
 * `inactive_file` only.
 */
export type Lru = 'classic' | 'multi-generational' | 'unknown';

/** Identifies a cgroup. A path can be reused by a later cgroup, so the inode is part of the identity. */
export interface CgroupId {
  /** From the root of the hierarchy, beginning with `/`. */
  readonly path: string;
  readonly inode: number;
}

/** The path of the parent cgroup; undefined for the root. */
export function parentOf(path: string): string | undefined {
  if (path === '/') return undefined;
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** Whether the first path is of a cgroup below the other one. Compared in each pass, so it makes no text. */
export const isBelow = (path: string, above: string): boolean =>
  above === '/' || (path.length > above.length && path[above.length] === '/' && path.startsWith(above));

/**
 * The files of one cgroup, read on demand, live or from a recording. On a live host the returned bytes are a view into
 * one shared buffer: they are valid until the next `read`.
 */
export interface RawCgroup {
  readonly id: CgroupId;
  /**
   * @param file name within the cgroup's directory: `memory.stat`
   * @returns the bytes, or undefined when this cgroup has no such file
   * @throws CgroupGone when the cgroup was removed; LocatedError when the file cannot be read
   */
  read(file: string): Uint8Array | undefined;
}

/** The cgroup was removed between listing and reading. This is normal: the workload ended. */
export class CgroupGone extends Error {}

/**
 * `memory.stat` under cgroup v2 names; on v1 from the hierarchical `total_` keys. A key that this kernel does not write
 * is absent. Unit: bytes; `refaultFile` counts pages since the cgroup was created.
 * Source: kernel Documentation/admin-guide/cgroup-v2.rst.
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
  /** Since Linux 5.17. `kernel` includes it where the kernel writes that key. */
  readonly vmalloc?: Bytes;
  readonly slab?: Bytes;
  readonly slabReclaimable?: Bytes;
  readonly sock?: Bytes;
  readonly zswap?: Bytes;
  /** v1: bytes in swap. */
  readonly swap?: Bytes;
  /** Pages both in memory and in swap. They are on the anonymous lists, mapped or not. */
  readonly swapCached?: Bytes;
  /** Only where the kernel charges huge pages to memory (`memory_hugetlb_accounting`). */
  readonly hugetlb?: Bytes;
  readonly refaultFile?: number;
  /** v1: the smallest limit of this cgroup and its ancestors. */
  readonly hierarchicalLimit?: Bytes | 'none';
}

/** The numbers of one cgroup at one moment. A number that the kernel does not give is absent, never zero. */
export interface CgroupSample {
  readonly id: CgroupId;
  readonly version: CgroupVersion;
  readonly usage?: Bytes;
  readonly stat?: MemoryStat;
  /** v1: `memory.kmem.usage_in_bytes`. On v2 see `stat.kernel`. */
  readonly kmem?: Bytes;
  readonly details?: CgroupDetails;
  /** In a detailed sample: usage and stat, read again at once. The difference shows whether usage changed meanwhile. */
  readonly again?: SecondReading;
  /** Files and values that could not be read or parsed, one message each. */
  readonly faults: readonly string[];
}

export interface SecondReading {
  readonly usage?: Bytes;
  readonly stat?: MemoryStat;
  readonly kmem?: Bytes;
}

/** Numbers that a report needs, but not every sample. */
export interface CgroupDetails {
  /** The cgroup's own limit. */
  readonly limit?: Bytes | 'none';
  /** v2: `memory.high`. Above it the kernel throttles the processes and reclaims; it kills no process. */
  readonly high?: Bytes | 'none';
  readonly peak?: Bytes;
  readonly swap?: Bytes;
  readonly zswap?: Bytes;
  /** Huge pages of all sizes, from the hugetlb controller. */
  readonly hugetlb?: Bytes;
  readonly kmemTcp?: Bytes;
  /** v2: OOM kills in the cgroup and all its descendants. */
  readonly oomKills?: number;
  /** v2: OOM kills in the cgroup itself. */
  readonly oomKillsLocal?: number;
  /** v2: how often usage hit a limit of the cgroup or of a descendant and reclaim failed (`oom` in `memory.events`). */
  readonly limitOoms?: number;
  /** v2: the same for the cgroup's own limit (`memory.events.local`). */
  readonly limitOomsLocal?: number;
  /** v2: how often usage went above `memory.high`, in the cgroup and its descendants; `Local`: in the cgroup itself. */
  readonly highEvents?: number;
  readonly highEventsLocal?: number;
  readonly failCount?: number;
  /** PSI: per cent of the last 60 s in which some (full: all) tasks waited for memory. */
  readonly psiSomeAvg60?: number;
  readonly psiFullAvg60?: number;
}

/** The root cgroup of the hierarchy, in bytes. On v2 a host's root has no usage; that of a cgroup namespace has one. */
export interface RootCgroup {
  readonly usage?: Bytes;
  readonly inactiveFile?: Bytes;
  /** v2 */
  readonly anon?: Bytes;
  /** v2 */
  readonly file?: Bytes;
}

/** A cgroup that the report leaves out, and why. */
export interface Skipped {
  readonly cgroup: string;
  readonly why: string;
}

/** The file with the usage of a cgroup. */
export const usageFile: Readonly<Record<CgroupVersion, string>> = {
  1: 'memory.usage_in_bytes',
  2: 'memory.current',
};

export interface CgroupMount {
  readonly version: 1 | 2;
  /** As the process sees it, with the kernel's octal escapes decoded. */
  readonly mountPoint: string;
  /** The mounted part of the hierarchy: `/`, except for bind mounts of a subtree. */
  readonly root: string;
  /** v1: the controllers on this hierarchy. Named hierarchies have none. */
  readonly controllers: readonly string[];
}
