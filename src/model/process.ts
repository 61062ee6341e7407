/** The processes of one cgroup as `/proc` shows them. Source: proc(5). */
import type { Bytes } from './bytes.ts';

export interface ProcessMemory {
  readonly pid: number;
  /** The process's own name for itself: untrusted text. */
  readonly command?: string;
  /** A kernel thread or a zombie: it has no memory. */
  readonly none?: true;
  readonly vszBytes?: Bytes;
  readonly rssBytes?: Bytes;
  /** RssFile + RssShmem; before Linux 4.5 the third number of `statm`. */
  readonly sharedBytes?: Bytes;
  readonly anonBytes?: Bytes;
  readonly fileBytes?: Bytes;
  readonly shmemBytes?: Bytes;
  /** Each page divided by the number of processes that map it. Absent without permission to read it. */
  readonly pssBytes?: Bytes;
  readonly swapBytes?: Bytes;
  /** The totals that `pmap -d` prints. */
  readonly maps?: MapTotals;
}

export interface MapTotals {
  readonly mapped: Bytes;
  readonly writablePrivate: Bytes;
  readonly shared: Bytes;
}

export interface Processes {
  readonly processes: readonly ProcessMemory[];
  /** Number of processes that ended between listing and reading. */
  readonly gone: number;
  /** Number of processes in the cgroup whose PID namespace is not visible from here. v1 does not list them: then 1 stands for any number. */
  readonly unseen: number;
  /** Files that could not be read or parsed, one message each. */
  readonly faults: readonly string[];
}

/** Sums over all processes. A sum is absent as soon as one process lacks the value. */
export interface ProcessSums {
  readonly vszBytes?: Bytes;
  readonly rssBytes?: Bytes;
  readonly sharedBytes?: Bytes;
  readonly anonBytes?: Bytes;
  readonly fileBytes?: Bytes;
  readonly shmemBytes?: Bytes;
  readonly pssBytes?: Bytes;
  readonly swapBytes?: Bytes;
  readonly mappedBytes?: Bytes;
  readonly writablePrivateBytes?: Bytes;
}
