/**
 * What the page shows. `packPage` in pack.ts makes it compact for the wire and for the file. Sizes in bytes, times in
 * milliseconds since 1970. Absent: not known, or not set. Names and sentences are not escaped.
 */
import type { ContainerType } from '../model/pod.ts';
import type { Confidence, Risk } from '../model/recommendation.ts';
import type { Verdict } from '../model/report.ts';

export interface PageData {
  /** A whole cluster, one node that an agent watches, this host read once, or a recording. */
  readonly scope: 'cluster' | 'node' | 'host' | 'recording';
  /** Only these pods of the cluster are here. The figures of nodes are those of the whole node. Absent: all. */
  readonly only?: { readonly namespace?: string; readonly selector?: string };
  /** Name of the cluster or the host. */
  readonly name?: string;
  /** When the figures were put together. Absent: a recording without a time. */
  readonly at?: number;
  /** Version of the program that made the page. */
  readonly version: string;
  /** Nodes with figures, by name. */
  readonly nodes: readonly PageNode[];
  /** Nodes without a report on which an agent should run. */
  readonly missing?: readonly string[];
  /** Sentences about missing rights, fallbacks and faults. */
  readonly notes?: readonly string[];
  readonly pods: readonly PagePod[];
  /** Cgroups outside pods: services, and containers of docker. No item contains another one. */
  readonly others?: readonly PageOther[];
  /** Where histories or the report propose values. One item for each container of a workload. */
  readonly suggestions?: readonly PageSuggestion[];
  /** Sentences about all suggestions, beside a view of memory: on what they rest, and what to check. */
  readonly suggestionNotes?: readonly string[];
  readonly patches?: readonly PagePatch[];
}

export interface PageNode {
  readonly name: string;
  /** Where the figures come from. */
  readonly from?: 'report' | 'annotations' | 'agent' | 'host';
  readonly observedAt?: number;
  /** Seconds since the agent observed the node, if that is too long ago. */
  readonly staleSeconds?: number;
  readonly agent?: string;
  readonly kernel?: string;
  readonly cgroupVersion?: 1 | 2;
  readonly capacity?: number;
  /** What the scheduler may give to pods. */
  readonly allocatable?: number;
  readonly real?: number;
  /** total − free: with page cache. */
  readonly used?: number;
  /** As `kubectl top node` shows it. */
  readonly workingSet?: number;
  readonly available?: number;
  /** Part of real: tmpfs and shared memory. */
  readonly tmpfs?: number;
  /** Real of the node split by cgroups: all pods, all other cgroups, and memory charged to no cgroup. */
  readonly podsReal?: number;
  readonly systemReal?: number;
  readonly kernelReal?: number;
  /** Number of pods or cgroups that the report leaves out. */
  readonly omitted?: number;
  /** Only conditions that need attention. */
  readonly conditions?: readonly PageCondition[];
}

export interface PageCondition {
  readonly type: string;
  readonly status: string;
  readonly message: string;
}

/** Figures of a cgroup. */
export interface PageUsage {
  /** usage − (active_file + inactive_file) */
  readonly real?: number;
  /** The largest sampled real. */
  readonly peak?: number;
  readonly usage?: number;
  /** usage − inactive_file: `kubectl top`, `docker stats`. */
  readonly workingSet?: number;
  readonly request?: number;
  /** The limit that growing usage reaches first. */
  readonly limit?: number;
  /** What sets the limit, if it is not the cgroup itself. */
  readonly limitFrom?: 'pod' | 'node';
  /** The limit is `memory.high`: the kernel throttles above it, and kills nothing. */
  readonly isHigh?: boolean;
  /** Anonymous memory: `container_memory_rss`. */
  readonly anon?: number;
  readonly tmpfs?: number;
  readonly kernel?: number;
  /** Part of kernel that the kernel can drop: inodes and dentries. */
  readonly slabReclaimable?: number;
  readonly sockets?: number;
  readonly swap?: number;
  readonly ooms?: number;
  /** Real is a lower bound. */
  readonly isClamped?: boolean;
}

export interface PageContainer extends PageUsage {
  readonly name: string;
  /** Absent: a main container. */
  readonly type?: ContainerType;
  readonly verdict?: Verdict;
  readonly suggestRequest?: number;
  readonly suggestLimit?: number;
}

export interface PagePod {
  readonly namespace: string;
  readonly name: string;
  /** Name of a node in `nodes`. */
  readonly node: string;
  /** `Deployment/cart`. Absent: the pod has no owner. */
  readonly workload?: string;
  readonly real?: number;
  /** Of the whole pod, where it differs from the sum of its containers. */
  readonly request?: number;
  readonly limit?: number;
  readonly ooms: number;
  readonly containers: readonly PageContainer[];
}

export interface PageOther extends PageUsage {
  /** Name of a node in `nodes`. */
  readonly node: string;
  /** `service`, `container`, `slice`, … */
  readonly type: string;
  readonly name: string;
}

/** What to set for one container of one workload. */
export interface PageSuggestion {
  readonly namespace: string;
  readonly workload: string;
  /** Empty: the pod as a whole. */
  readonly container: string;
  readonly replicas: number;
  readonly requestNow?: number;
  readonly limitNow?: number;
  /** Absent: none suggested. */
  readonly request?: number;
  readonly limit?: number;
  /** Current minus suggested requests of all running replicas. Negative: more is needed. */
  readonly frees: number;
  /** Empty: none. */
  readonly risk: Risk;
  /** Absent: the source does not say. */
  readonly confidence?: Confidence;
  /** Length of the history in days. Absent: the node's report is the source, without the history. */
  readonly days?: number;
  /** The largest real so far, in less than a day of history: too little to suggest a lower value. */
  readonly learningPeak?: number;
  readonly kills?: number;
  /** Reasons in sentences. */
  readonly because: readonly string[];
  /** What a person should check first. */
  readonly doubt?: string;
  readonly history?: PageHistory;
}

/** The largest real of each day. */
export interface PageHistory {
  /** Day number since 1970 of the first value. */
  readonly firstDay: number;
  /** null: no observation on that day. */
  readonly peaks: readonly (number | null)[];
}

/** Commands for a person to run. They cover all containers of the workload. */
export interface PagePatch {
  readonly namespace: string;
  readonly workload: string;
  readonly command: string;
}
