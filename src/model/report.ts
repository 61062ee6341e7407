/** The report of one node: what is printed, kept, served and written. */

import type { Bytes } from './bytes.ts';
import type { CgroupVersion, Skipped } from './cgroup.ts';
import type { OtherType } from './cgroup-role.ts';
import type { ContainerType } from './pod.ts';
import type { Confidence } from './recommendation.ts';
import type { MemoryUsage } from './usage.ts';

export interface NodeReport {
  readonly apiVersion: string;
  readonly kind: 'NodeMemoryReport';
  readonly metadata: { readonly name: string };
  readonly observed: Observed;
  /** Absent where `/proc/meminfo` could not be read. */
  readonly node?: NodeMemory;
  readonly pods: readonly PodReport[];
  readonly containers: readonly ContainerReport[];
  readonly others: readonly OtherReport[];
  readonly skipped: readonly Skipped[];
  /** Absent: none. */
  readonly omitted?: Omitted;
  readonly conditions: readonly Condition[];
}

/** Cgroups that are not in the report, nor remembered, since there are too many: the smallest. */
export interface Omitted {
  readonly count: number;
  /** Of them together, page cache in it. It is counted in the cgroups that hold them, and in the node. */
  readonly usageBytes: Bytes;
  /** There are more that were not even counted. */
  readonly atLeast?: true;
}

export interface Observed {
  /** RFC 3339. Absent for a recording that does not say when it was made. */
  readonly at?: string;
  readonly cgroupVersion?: CgroupVersion;
  readonly kernel?: string;
  readonly agent: string;
  readonly periodSeconds?: number;
}

/** `/proc/meminfo` as the table of the article names it, and the correct figures beside it. */
export interface NodeMemory {
  readonly totalBytes: Bytes;
  readonly freeBytes?: Bytes;
  /** total − free */
  readonly usedBytes?: Bytes;
  readonly buffersBytes?: Bytes;
  readonly cachedBytes?: Bytes;
  readonly sharedBytes?: Bytes;
  readonly slabReclaimableBytes?: Bytes;
  /** MemAvailable, from Linux 3.14. */
  readonly availableBytes?: Bytes;
  readonly swapTotalBytes?: Bytes;
  readonly swapUsedBytes?: Bytes;
  /** used − buffers − (cached − shmem): tmpfs kept in, slab kept in. Absent without `Shmem` (before 2.6.32). */
  readonly realUsedBytes?: Bytes;
  /** total − realUsed */
  readonly realFreeBytes?: Bytes;
  /** In realUsed: the cache of ZFS, which is no page cache to the kernel. Absent without ZFS. */
  readonly zfsCacheBytes?: Bytes;
  /** How much of it ZFS would give back. */
  readonly zfsCacheDroppableBytes?: Bytes;
  /** In realUsed: set aside for huge pages, used or not. Absent where there are none. */
  readonly hugePagesBytes?: Bytes;
  /** Absent where pages of other sizes than the default one are set aside as well. */
  readonly hugePagesUsedBytes?: Bytes;
  /** What realUsed is made of, from the cgroups: their sum. Absent where no cgroup was read. */
  readonly parts?: NodeParts;
  /** The second line of `free` to 3.3.9: used − buffers − cached, and free + buffers + cached. */
  readonly asPublished?: { readonly realUsedBytes: Bytes; readonly realFreeBytes: Bytes };
}

/** Real memory, each byte in one of them. Signed: each is read at its own moment. */
export interface NodeParts {
  /** All pods'. */
  readonly podsBytes: Bytes;
  /** What the cgroups that hold the pods have beyond them: pods that ended and left pages. Absent without such cgroups. */
  readonly podsRestBytes?: Bytes;
  /** All other cgroups': services, containers outside pods. */
  readonly systemBytes: Bytes;
  /** What no cgroup is charged for: the kernel itself, processes in the root, huge pages set aside. */
  readonly restBytes?: Bytes;
}

export interface PodReport extends MemoryUsage {
  readonly namespace?: string;
  readonly name?: string;
  readonly uid: string;
  /** Absent for a pod without a cgroup of its own that the API does not know. */
  readonly qos?: string;
  readonly workload?: string;
  readonly cgroup: string;
  /** The pod's real less its containers': tmpfs volumes, dead containers' pages. Signed: each is read at its own moment. */
  restBytes?: Bytes;
  /** The tmpfs in it: what a memory volume keeps when who wrote it has gone. */
  restShmemBytes?: Bytes;
  /** Containers that the OOM killer ended and that do not run again yet; absent: none. */
  readonly killed?: readonly KilledContainer[];
}

export interface KilledContainer {
  readonly name: string;
  readonly type: ContainerType;
  /** Over all its lives. */
  readonly oomKills: number;
  readonly requestBytes?: Bytes;
  readonly limitBytes?: Bytes;
}

/** What is to be said of a container in a word: the first that holds. */
export const verdicts = [
  /** Within a day. */
  'OOMKilled',
  /** Usage goes above `memory.high` again and again, and it suffers from that: it waits for memory, or real is near. */
  'Throttled',
  /** Real is at nine tenths or more of the limit that bites. */
  'NearLimit',
  /** Real grows, and never comes back. */
  'Leaking',
  /** The request is more than one and a half times what it needs at the most. */
  'Oversized',
  'NoLimit',
  /** Under a day of history. */
  'Learning',
  'OK',
] as const;
export type Verdict = (typeof verdicts)[number];

export interface ContainerReport extends MemoryUsage {
  readonly namespace?: string;
  readonly pod?: string;
  readonly podUID: string;
  readonly name?: string;
  readonly id: string;
  readonly runtime?: string;
  readonly type: ContainerType;
  readonly cgroup: string;
  /** Absent where nobody keeps looking: one look is no ground for it. */
  readonly verdict?: Verdict;
  /** What to set, by what this node remembers. */
  readonly suggest?: Suggested;
}

/** Under a day of history only what an OOM kill raises. */
export interface Suggested {
  readonly requestBytes?: Bytes;
  readonly limitBytes?: Bytes;
  readonly confidence: Confidence;
}

/** Whether the limit that bites was set for this container or its pod, rather than for all pods of the node. */
export const isOwnLimit = (cgroup: string, limitFrom: string | undefined): boolean =>
  limitFrom === undefined || limitFrom === cgroup.slice(0, cgroup.lastIndexOf('/'));

export interface OtherReport extends MemoryUsage {
  readonly cgroup: string;
  readonly type: OtherType;
  readonly name: string;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime?: string;
}
