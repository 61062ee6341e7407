/** A cgroup as the kernel shows it. */
import type { Bytes } from './bytes.ts';

export type CgroupVersion = 1 | 2;

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
  readonly slab?: Bytes;
  readonly slabReclaimable?: Bytes;
  readonly sock?: Bytes;
  readonly zswap?: Bytes;
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
  /** What could not be read or understood, each with its reason. */
  readonly faults: readonly string[];
}

/** The files read for a report but not for every sample. */
export interface CgroupDetails {
  /** The cgroup's own limit. */
  readonly limit?: Bytes | 'none';
  readonly peak?: Bytes;
  readonly swap?: Bytes;
  readonly zswap?: Bytes;
  readonly kmemTcp?: Bytes;
  readonly oomKills?: number;
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
