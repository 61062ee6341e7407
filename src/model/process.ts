/** The processes of one cgroup, as `/proc` shows them. */
import type { Bytes } from './bytes.ts';

export interface ProcessMemory {
  readonly pid: number;
  /** What it calls itself: anybody's text. */
  readonly command?: string;
  /** A kernel thread or a zombie: it has no memory of its own. */
  readonly none?: true;
  readonly vszBytes?: Bytes;
  readonly rssBytes?: Bytes;
  /** RssFile + RssShmem; before Linux 4.5 the third figure of `statm`. */
  readonly sharedBytes?: Bytes;
  readonly anonBytes?: Bytes;
  readonly fileBytes?: Bytes;
  readonly shmemBytes?: Bytes;
  /** Each page divided by the number of those who map it. Absent where it may not be read. */
  readonly pssBytes?: Bytes;
  readonly swapBytes?: Bytes;
  /** As `pmap -d` adds them up. */
  readonly maps?: MapTotals;
}

export interface MapTotals {
  readonly mapped: Bytes;
  readonly writablePrivate: Bytes;
  readonly shared: Bytes;
}

export interface Processes {
  readonly processes: readonly ProcessMemory[];
  /** Ended between listing and reading. */
  readonly gone: number;
  /** In the cgroup, but of a PID namespace that cannot be seen from here. */
  readonly unseen: number;
  /** Files that could not be read or understood. */
  readonly faults: readonly string[];
}

/** Each only where every process has it. */
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
