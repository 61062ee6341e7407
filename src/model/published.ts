/** The report of a node as the cluster keeps it: short figures as people read them, no IDs, no cgroups. */
import type { CgroupVersion } from './cgroup.ts';
import type { apiVersion } from './domain.ts';
import type { ContainerType } from './pod.ts';
import type { Condition, Verdict } from './report.ts';

/** A Kubernetes Quantity of three figures: `69.1Gi`. */
export type Quantity = string;

export interface PublishedReport {
  readonly apiVersion: typeof apiVersion;
  readonly kind: 'NodeMemoryReport';
  readonly metadata: { readonly name: string; readonly ownerReferences?: readonly OwnerReference[] };
  readonly observed: PublishedObserved;
  readonly node?: PublishedNode;
  readonly pods: readonly PublishedPod[];
  /** Pods left out because the report would have been too large. */
  readonly omitted?: number;
  readonly conditions: readonly Condition[];
}

export interface OwnerReference {
  readonly apiVersion: 'v1';
  readonly kind: 'Node';
  readonly name: string;
  readonly uid: string;
}

export interface PublishedObserved {
  /** RFC 3339 */
  readonly at?: string;
  readonly cgroupVersion?: CgroupVersion;
  readonly kernel?: string;
  readonly agent: string;
  readonly periodSeconds?: number;
}

export interface PublishedNode {
  readonly capacity: Quantity;
  /** Page cache in it. */
  readonly used: Quantity;
  readonly real?: Quantity;
  readonly realPercent?: number;
  readonly available?: Quantity;
  readonly pods: number;
  /** OOM kills in the pods that there are, over restarts. */
  readonly ooms: number;
  /** Real of pods that the API does not name. */
  readonly unidentified?: Quantity;
}

export interface PublishedPod {
  readonly namespace: string;
  readonly name: string;
  readonly workload?: string;
  readonly real?: Quantity;
  readonly ooms?: number;
  readonly containers: readonly PublishedContainer[];
}

export interface PublishedContainer {
  readonly name: string;
  /** Absent: container. */
  readonly type?: ContainerType;
  readonly real?: Quantity;
  readonly peak?: Quantity;
  readonly request?: Quantity;
  /** Its own or its pod's. */
  readonly limit?: Quantity;
  readonly verdict?: Verdict;
}
