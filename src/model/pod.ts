/** A pod as far as its memory needs it: never a whole API object. */
import type { Bytes } from './bytes.ts';

export type ContainerType = 'container' | 'init' | 'sidecar' | 'ephemeral' | 'sandbox' | 'unknown';

export interface PodContainer {
  readonly name: string;
  readonly type: ContainerType;
  /** The ID now running, and the one before it: one that has just died still has a cgroup. */
  readonly ids: readonly string[];
  /** From the prefix of its ID: `containerd`, `cri-o`, `docker`. */
  readonly runtime?: string;
  readonly running: boolean;
  readonly request?: Bytes;
  readonly limit?: Bytes;
}

/** What the API says of one container's cgroup. */
export interface ContainerName {
  readonly pod: Pod;
  readonly type: ContainerType;
  /** Absent for the sandbox, and for one that the API has not named yet. */
  readonly container?: PodContainer;
}

export interface Pod {
  readonly uid: string;
  /** Static pods: the hash that stands in the cgroup's name instead of the UID. */
  readonly configHash?: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly qos?: string;
  /** `Deployment/cart`, as far as the pod itself tells. */
  readonly workload?: string;
  readonly containers: readonly PodContainer[];
}
