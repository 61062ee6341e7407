/** The report of one node. Every output prints, serves or writes this to a sink. */

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
  readonly observed: ReportContext;
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

/** The smallest cgroups, left out of the report and the history because there are too many. */
export interface Omitted {
  readonly count: number;
  /** Their total usage, page cache included. Their parent cgroups and the node still count it. */
  readonly usageBytes: Bytes;
  /** `count` is a lower bound: not all were counted. */
  readonly atLeast?: true;
}

/** When, where and by whom the report was made. */
export interface ReportContext {
  /** RFC 3339. Absent for a recording without a time. */
  readonly at?: string;
  readonly cgroupVersion?: CgroupVersion;
  readonly kernel?: string;
  readonly agent: string;
  readonly periodSeconds?: number;
}

/** `/proc/meminfo` under the names of the article's table, and the corrected figures. Definitions: docs/accounting.md. */
export interface NodeMemory {
  readonly totalBytes: Bytes;
  readonly freeBytes?: Bytes;
  /** total − free */
  readonly usedBytes?: Bytes;
  readonly buffersBytes?: Bytes;
  readonly cachedBytes?: Bytes;
  readonly sharedBytes?: Bytes;
  readonly slabReclaimableBytes?: Bytes;
  /** MemAvailable. Since Linux 3.14. */
  readonly availableBytes?: Bytes;
  /** As `kubectl top node` shows it: usage of the root cgroup − inactive_file. */
  readonly workingSetBytes?: Bytes;
  readonly swapTotalBytes?: Bytes;
  readonly swapUsedBytes?: Bytes;
  /** used − buffers − (cached − shmem): includes tmpfs and slab. Absent without `Shmem` (before Linux 2.6.32). */
  readonly realUsedBytes?: Bytes;
  /** total − realUsed */
  readonly realFreeBytes?: Bytes;
  /** Part of realUsed: the ZFS cache, which the kernel does not count as page cache. Absent without ZFS. */
  readonly zfsCacheBytes?: Bytes;
  /** The part of it that ZFS can release. */
  readonly zfsCacheDroppableBytes?: Bytes;
  /** Part of realUsed: memory reserved for huge pages, used or not. Absent when none is reserved. */
  readonly hugePagesBytes?: Bytes;
  /** Absent when huge pages of another than the default size are reserved too. */
  readonly hugePagesUsedBytes?: Bytes;
  /** realUsed split by cgroups; the parts add up to it. Absent when no cgroup was read. */
  readonly parts?: NodeParts;
  /** The second line of `free` up to 3.3.9: used − buffers − cached, and free + buffers + cached. */
  readonly asPublished?: { readonly realUsedBytes: Bytes; readonly realFreeBytes: Bytes };
}

/** The node's real memory: each byte is in exactly one part. Can be negative, as the parts are read one after another. */
export interface NodeParts {
  /** All pods. */
  readonly podsBytes: Bytes;
  /** kubepods minus its pods: pages that ended pods left behind. Absent without kubepods cgroups. */
  readonly podsRestBytes?: Bytes;
  /** All other cgroups: services, containers outside pods. */
  readonly systemBytes: Bytes;
  /** Memory charged to no cgroup: the kernel, processes in the root cgroup, reserved huge pages. */
  readonly restBytes?: Bytes;
}

export interface PodReport extends MemoryUsage {
  readonly namespace?: string;
  readonly name?: string;
  readonly uid: string;
  /** Absent for a pod without its own cgroup that the API does not report. */
  readonly qos?: string;
  readonly workload?: string;
  readonly cgroup: string;
  /**
   * The pod's real minus its containers' real: tmpfs volumes and pages of ended containers. Can be negative, as the cgroups
   * are read one after another.
   */
  restBytes?: Bytes;
  /** The tmpfs part of it: a memory volume keeps its pages after the container that wrote them ended. */
  restShmemBytes?: Bytes;
  /** Containers that were OOM killed and have not restarted yet. Absent: none. */
  readonly killed?: readonly KilledContainer[];
}

export interface KilledContainer {
  readonly name: string;
  readonly type: ContainerType;
  /** Total over all its lifetimes. */
  readonly oomKills: number;
  readonly requestBytes?: Bytes;
  readonly limitBytes?: Bytes;
}

/** `verdict` is the first condition that matches, in this order. */
export const verdicts = [
  /** OOM killed within the last day. */
  'OOMKilled',
  /** Usage keeps exceeding `memory.high`, and tasks wait for memory or real is at 90 % of it. */
  'Throttled',
  /** Real is at least 90 % of the effective limit. */
  'NearLimit',
  /** Real keeps growing and never returns to an earlier level. */
  'Leaking',
  /** The request exceeds 1.5 times the upper bound of the recommendation. */
  'Oversized',
  'NoLimit',
  /** Less than a day of history. */
  'Learning',
  'OK',
] as const;
export type Verdict = (typeof verdicts)[number];

/** The first one in the order of `verdicts`. */
export function worstVerdict(given: Iterable<Verdict | undefined>): Verdict | undefined {
  let worst: number = verdicts.length;
  for (const verdict of given) if (verdict !== undefined) worst = Math.min(worst, verdicts.indexOf(verdict));
  return verdicts[worst];
}

export interface ContainerReport extends MemoryUsage {
  readonly namespace?: string;
  readonly pod?: string;
  readonly podUID: string;
  readonly name?: string;
  readonly id: string;
  readonly runtime?: string;
  readonly type: ContainerType;
  readonly cgroup: string;
  /** Absent without an agent: one observation is not enough for a verdict. */
  readonly verdict?: Verdict;
  /** Recommended settings from this node's history. */
  readonly suggest?: Suggested;
}

/** With less than a day of history, only values that an OOM kill raised. */
export interface Suggested {
  readonly requestBytes?: Bytes;
  readonly limitBytes?: Bytes;
  readonly confidence: Confidence;
}

/** Whether the effective limit belongs to this container or its pod, rather than to all pods of the node. */
export const isOwnLimit = (cgroup: string, limitFrom: string | undefined): boolean =>
  limitFrom === undefined || limitFrom === cgroup.slice(0, cgroup.lastIndexOf('/'));

export interface OtherReport extends MemoryUsage {
  readonly cgroup: string;
  readonly type: OtherType;
  /** From the path of the cgroup. Of a container: the first 12 digits of its ID. */
  readonly name: string;
  /** The name that a user gave the container, and the runtime that has it. Absent: none, or not readable here. */
  readonly containerName?: string;
  readonly runtime?: string;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime?: string;
}

/**
 * A destination of reports. `write` resolves when the report has arrived. It rejects with a message that names the destination and
 * says what to do. A sink never throws synchronously and keeps no report after `write`. After a failure it accepts further
 * writes. `close` may be called more than once.
 */
export interface Sink {
  /** One of a fixed few: it labels a metric. */
  readonly name: string;
  write(report: NodeReport): Promise<void>;
  close(): Promise<void>;
}
