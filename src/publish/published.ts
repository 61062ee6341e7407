/**
 * The report of a node as the cluster stores it: rounded sizes for people, without IDs and cgroups.
 * `npm run chart` generates this file from charts/realmem/files/crds/nodememoryreports.yaml.
 */
import type { apiVersion, OwnerReference } from '../model/product.ts';

/** A Kubernetes Quantity with three digits: `69.1Gi`. */
export type Quantity = string;

/** Real memory use of the pods and containers of one node. The report has the name of the node. */
export interface PublishedReport {
  readonly apiVersion: typeof apiVersion;
  readonly kind: 'NodeMemoryReport';
  readonly metadata: { readonly name: string; readonly ownerReferences?: readonly OwnerReference[] };
  /** How and when the agent observed the node. */
  readonly observed: PublishedObserved;
  /** The node as a whole. Absent if the agent could not read /proc/meminfo. */
  readonly node?: PublishedNode;
  /** The pods of the node. */
  readonly pods: readonly PublishedPod[];
  /** Number of pods left out because the report would be too large. */
  readonly omitted?: number;
  /** Conditions of the report, where kubectl wait reads them. */
  readonly status?: PublishedStatus;
  /** Deprecated, use status.conditions. The next release removes this copy. */
  readonly conditions?: readonly PublishedCondition[];
}

/** How and when the agent observed the node. */
export interface PublishedObserved {
  /**
   * When the agent observed the node. The report is stale after 11 minutes or three periods, whichever is
   * longer.
   */
  readonly at: string;
  /** cgroup version that the kernel accounts memory with: 1 or 2. */
  readonly cgroupVersion?: 1 | 2;
  /** Release of the kernel. */
  readonly kernel?: string;
  /** Version of the agent. */
  readonly agent: string;
  /** How often the agent reads the cgroups, in seconds. */
  readonly periodSeconds?: number;
}

/** The node as a whole. Absent if the agent could not read /proc/meminfo. */
export interface PublishedNode {
  /** Memory of the node. */
  readonly capacity: Quantity;
  /** Memory that is not free (total − free), page cache included. */
  readonly used: Quantity;
  /**
   * Real memory use: used − buffers − (cached − shmem). It contains no page cache, which the kernel can drop.
   * It contains tmpfs, which the kernel cannot drop.
   */
  readonly real?: Quantity;
  /** The kernel's estimate of the memory that new programs can get without swapping (MemAvailable). */
  readonly available?: Quantity;
  /**
   * Working set of the node as kubectl top node shows it. It contains active page cache, which the kernel can
   * drop.
   */
  readonly workingSet?: Quantity;
  /** Real memory of pods whose names the agent does not know. */
  readonly unidentified?: Quantity;
  /** Real memory in percent of the capacity. */
  readonly realPercent?: number;
  /** Number of pods on the node. */
  readonly pods: number;
  /** OOM kills in the containers of the node's current pods, over restarts. */
  readonly ooms: number;
}

/** One pod. */
export interface PublishedPod {
  /** Namespace of the pod. */
  readonly namespace: string;
  /** Name of the pod. */
  readonly name: string;
  /** Workload of the pod, such as Deployment/cart. The agent derives it from the pod's owner and name. */
  readonly workload?: string;
  /** Real memory use of the pod, with its tmpfs volumes. */
  readonly real?: Quantity;
  /**
   * Memory request of the whole pod, with the overhead of its RuntimeClass. Absent if the pod has none, or if
   * it is the sum of the requests of the listed containers.
   */
  readonly request?: Quantity;
  /**
   * Effective memory limit of the whole pod. Absent if the pod has none, or if it is the sum of the limits of
   * the listed containers.
   */
  readonly limit?: Quantity;
  /** OOM kills in the pod's containers, over restarts. */
  readonly ooms?: number;
  /** The containers of the pod. */
  readonly containers: readonly PublishedContainer[];
}

/** One container. */
export interface PublishedContainer {
  /** Name of the container. */
  readonly name: string;
  /** Type of the container. Absent for a regular container. */
  readonly type?: 'container' | 'init' | 'sidecar' | 'ephemeral' | 'unknown';
  /** Real memory use: usage − (active_file + inactive_file). */
  readonly real?: Quantity;
  /** The largest real memory that the agent has sampled. */
  readonly peak?: Quantity;
  /** All memory that the kernel charges to the container, page cache included. */
  readonly usage?: Quantity;
  /**
   * Working set as kubectl top shows it: usage − inactive_file. It contains active page cache, which the
   * kernel can drop.
   */
  readonly workingSet?: Quantity;
  /** Memory request. Absent if the container has none. */
  readonly request?: Quantity;
  /** Effective memory limit: the limit of the container or of its pod. Absent if there is none. */
  readonly limit?: Quantity;
  /** The memory request that the agent suggests. */
  readonly suggest?: Quantity;
  /** The memory limit that the agent suggests. */
  readonly suggestLimit?: Quantity;
  /** OOM kills of the container, over restarts. Absent if there are none. */
  readonly ooms?: number;
  /**
   * The first condition that matches, in this order. OOMKilled: an OOM kill in the last 24 hours. Throttled:
   * above memory.high, and the container waits for memory or real is at 90 % of memory.high or more.
   * NearLimit: real is at 90 % of the limit or more. Leaking: real keeps rising. Oversized: the request is
   * far above the need. NoLimit: no limit. Learning: less than 24 hours of history. OK: nothing to do.
   */
  readonly verdict?:
    | 'OOMKilled'
    | 'Throttled'
    | 'NearLimit'
    | 'Leaking'
    | 'Oversized'
    | 'NoLimit'
    | 'Learning'
    | 'OK';
}

/** Conditions of the report, where kubectl wait reads them. */
export interface PublishedStatus {
  /** Whether the report is complete, names are current and the policies work. */
  readonly conditions?: readonly PublishedCondition[];
}

/** One condition. */
export interface PublishedCondition {
  /** Type of the condition, such as NamesFresh, PolicyEnforced or Complete. */
  readonly type: string;
  /** Whether the condition is true. */
  readonly status: 'True' | 'False' | 'Unknown';
  /** Reason in one word, for programs. */
  readonly reason: string;
  /** Explanation for people. */
  readonly message: string;
  /** When the status last changed. */
  readonly lastTransitionTime?: string;
}
