/** A pod as far as its memory needs it: never a whole API object. */
import type { Bytes } from './bytes.ts';
import { domain } from './product.ts';

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
  /** What its definition says of the most that its heap takes. Absent: it has no runtime with such a cap. */
  readonly heap?: Heap;
}

/** `unknown`: some of its flags cannot be read (too long, in a file, read by an earlier agent), so it may have any cap. */
export type Heap = HeapCap | { readonly runtime: 'unknown' };

/** A runtime that fills what it is allowed, whether it needs it or not. */
export interface HeapCap {
  readonly runtime: 'JVM' | 'Node.js' | '.NET' | 'Go';
  /** As it is written there: `-Xmx512m`. Absent: nothing is, and what the runtime does unless told holds. */
  readonly by?: string;
  readonly bytes?: Bytes;
  /** What the same flags allow it outside the heap: direct memory of a JVM. */
  readonly besideBytes?: Bytes;
  /** Of the limit. */
  readonly share?: number;
}

/** One life of a container that the OOM killer ended. */
export interface OomKilled {
  readonly id: string;
  /** RFC 3339. */
  readonly at?: string;
}

/** What is known of one container's cgroup beyond its path. */
export interface ContainerName {
  readonly pod: Pod;
  readonly type: ContainerType;
  /** Absent for the sandbox, and for one that nobody has named yet. */
  readonly container?: PodContainer;
}

export interface Pod {
  readonly uid: string;
  /** Mirrors of static pods: the hash that stands in the cgroup's name instead of the UID. */
  readonly configHash?: string;
  /** Absent: the API's word. From the kubelet's log directories: names alone, and nothing else is known of it. */
  readonly from?: 'logs';
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly qos?: string;
  /** `Deployment/cart`, as far as the pod itself tells. */
  readonly workload?: string;
  /** Its containers may run inside a sandbox that keeps them from the host (gVisor, Kata). */
  readonly runtimeClass?: string;
  /** What the RuntimeClass adds for the sandbox. */
  readonly overhead?: Bytes;
  /** What is set for all its containers together (`spec.resources`, Kubernetes 1.34). Absent: nothing is. */
  readonly request?: Bytes;
  readonly limit?: Bytes;
  readonly containers: readonly PodContainer[];
  /** Its owner wants no annotations of ours on it. */
  readonly ignored?: true;
  /** Our annotations as they stand on it now; absent: there is none. */
  readonly annotations?: PodAnnotations;
  /** Of the annotations that are not ours, keys included. Absent: there is none. */
  readonly otherAnnotationBytes?: number;
}

/** Ours, and the one by which a pod's owner says that there should be none. */
export const annotationKeys = {
  memory: `${domain}/memory`,
  report: `${domain}/report`,
  ignore: `${domain}/ignore`,
} as const;

/** Characters of each of the two: what an agent writes, and what it reads. All annotations of a pod share 256 KiB. */
export const longestAnnotation = 16 * 1024;

export interface PodAnnotations {
  readonly memory?: string;
  readonly report?: string;
}

/** The names in the kubelet's log directories: no line of a log. */
export interface PodLogs {
  /** Of `/var/log/pods`. */
  readonly pods: readonly PodLog[];
  /** Of `/var/log/containers`. */
  readonly links: readonly LogLink[];
}

export interface PodLog {
  /** `<namespace>_<name>_<uid>` */
  readonly directory: string;
  readonly containers: readonly { readonly name: string; readonly lives: readonly LogLink[] }[];
}

/** A file of a log: of one life of a container. */
export interface LogLink {
  readonly file: string;
  /** Where it leads; absent: it is the log itself. */
  readonly target?: string;
}

/** Dashes, underscores and case differ between cgroups' names and the API. */
export const normalUid = (uid: string): string => uid.replaceAll(/[-_]/g, '').toLowerCase();
