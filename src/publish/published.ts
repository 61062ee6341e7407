/**
 * The report of a node as the cluster keeps it: short figures as people read them, no IDs, no cgroups.
 * Made by `npm run chart` from charts/realmem/files/crds/nodememoryreports.yaml.
 */
import type { apiVersion, OwnerReference } from '../model/product.ts';

/** A Kubernetes Quantity of three figures: `69.1Gi`. */
export type Quantity = string;

/** How much memory the containers of one node really use. Its name is the node's. */
export interface PublishedReport {
  readonly apiVersion: typeof apiVersion;
  readonly kind: 'NodeMemoryReport';
  readonly metadata: { readonly name: string; readonly ownerReferences?: readonly OwnerReference[] };
  /** How and when the node was looked at. */
  readonly observed: PublishedObserved;
  /** The node as a whole. Absent where its memory information could not be read. */
  readonly node?: PublishedNode;
  /** The pods of the node. */
  readonly pods: readonly PublishedPod[];
  /** Pods left out because the report would have been too large. */
  readonly omitted?: number;
  /** What holds for this report, and what does not. */
  readonly conditions: readonly PublishedCondition[];
}

/** How and when the node was looked at. */
export interface PublishedObserved {
  /**
   * When the node was looked at. A report older than 11 minutes or three periods, whichever is longer, is
   * stale.
   */
  readonly at: string;
  /** Version of cgroup that memory is accounted by: 1 or 2. */
  readonly cgroupVersion?: 1 | 2;
  /** Release of the kernel. */
  readonly kernel?: string;
  /** Version of the agent. */
  readonly agent: string;
  /** How often the agent reads the cgroups, in seconds. */
  readonly periodSeconds?: number;
}

/** The node as a whole. Absent where its memory information could not be read. */
export interface PublishedNode {
  /** Memory of the node. */
  readonly capacity: Quantity;
  /** Memory that is not free (total − free), page cache in it. */
  readonly used: Quantity;
  /**
   * Memory that is really used: used − buffers − (cached − shmem). Page cache that can be dropped is out;
   * tmpfs, which cannot, is in.
   */
  readonly real?: Quantity;
  /** Memory that can be had without swapping, as the kernel estimates it. */
  readonly available?: Quantity;
  /** Real memory of containers that the API does not name. */
  readonly unidentified?: Quantity;
  /** Real in percent of the capacity. */
  readonly realPercent?: number;
  /** Pods on the node. */
  readonly pods: number;
  /** OOM kills of containers, counted on the node's present pods, over restarts. */
  readonly ooms: number;
}

/** One pod. */
export interface PublishedPod {
  /** Namespace of the pod. */
  readonly namespace: string;
  /** Name of the pod. */
  readonly name: string;
  /** What the pod belongs to, such as Deployment/cart. It is inferred from its owner and its name. */
  readonly workload?: string;
  /** Memory that the pod really uses, its tmpfs volumes included. */
  readonly real?: Quantity;
  /** OOM kills of its containers, over restarts. */
  readonly ooms?: number;
  /** Its containers. */
  readonly containers: readonly PublishedContainer[];
}

/** One container. */
export interface PublishedContainer {
  /** Name of the container. */
  readonly name: string;
  /** Kind of container. Absent means container. */
  readonly type?: 'container' | 'init' | 'sidecar' | 'ephemeral' | 'unknown';
  /** Memory that it really uses: usage − (active_file + inactive_file). */
  readonly real?: Quantity;
  /** The largest real that the agent has sampled. */
  readonly peak?: Quantity;
  /** Its memory request. Absent where there is none. */
  readonly request?: Quantity;
  /** The limit that bites: its own or that of its pod. Absent where there is none. */
  readonly limit?: Quantity;
  /** The memory request that the agent suggests. */
  readonly suggest?: Quantity;
  /**
   * The first that holds: killed for want of memory within 24 hours; the kernel throttles it above
   * memory.high and it waits for memory, or real is 90 % of that or more; real is 90 % of the limit or more;
   * real grows without end; the request is far above what is needed; there is no limit; less than 24 hours of
   * history; nothing to do.
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

/** One condition. */
export interface PublishedCondition {
  /** What the condition is about, such as NamesFresh, PolicyEnforced or Complete. */
  readonly type: string;
  /** Whether it holds. */
  readonly status: 'True' | 'False' | 'Unknown';
  /** Why, in one word for programs. */
  readonly reason: string;
  /** Why, for people. */
  readonly message: string;
  /** When the status last changed. */
  readonly lastTransitionTime?: string;
}
