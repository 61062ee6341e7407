/** A pod as far as its memory needs it: never a whole API object. */
import type { Bytes } from './bytes.ts';
import { domain } from './report.ts';

export type ContainerType = 'container' | 'init' | 'sidecar' | 'ephemeral' | 'sandbox' | 'unknown';

export interface PodContainer {
  readonly name: string;
  readonly type: ContainerType;
  /** The ID now running, and the one before it: one that has just died still has a cgroup. */
  readonly ids: readonly string[];
  /** From the prefix of its ID: `containerd`, `cri-o`, `docker`. */
  readonly runtime?: string;
  readonly running: boolean;
  /** Its lives that the API remembers to have ended by the OOM killer: at most the last two. Absent: none. */
  readonly oomKilled?: readonly OomKilled[];
  readonly request?: Bytes;
  readonly limit?: Bytes;
}

/** One life of a container that the OOM killer ended. */
export interface OomKilled {
  readonly id: string;
  /** RFC 3339. */
  readonly at?: string;
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
  /** Its owner wants no annotations of ours on it. */
  readonly ignored?: true;
  /** Our annotations as they stand on it now; absent: there is none. */
  readonly annotations?: PodAnnotations;
}

/** Ours, and the one by which a pod's owner says that there should be none. */
export const annotationKeys = {
  memory: `${domain}/memory`,
  report: `${domain}/report`,
  ignore: `${domain}/ignore`,
} as const;

export interface PodAnnotations {
  readonly memory?: string;
  readonly report?: string;
}
