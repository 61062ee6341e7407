/** The part of a pod that memory accounting needs. Whole API objects are never kept. */
import type { Bytes } from './bytes.ts';
import { domain } from './product.ts';

export type ContainerType = 'container' | 'init' | 'sidecar' | 'ephemeral' | 'sandbox' | 'unknown';

export interface PodContainer {
  readonly name: string;
  readonly type: ContainerType;
  /** The current container ID and the previous one: a container that just ended may still have a cgroup. */
  readonly ids: readonly string[];
  /** From the prefix of the container ID in the API: `containerd`, `cri-o`, `docker`. */
  readonly runtime?: string;
  readonly running: boolean;
  /** Its lifetimes that ended in an OOM kill, as far as the API reports them: at most the last two. Absent: none. */
  readonly oomKilled?: readonly OomKilled[];
  readonly request?: Bytes;
  readonly limit?: Bytes;
  /** The heap cap in its definition. Absent: no runtime with such a cap was recognised. */
  readonly heap?: Heap;
}

/** `unknown`: some flags cannot be read (too long, in a file, or stored by an earlier agent), so any cap is possible. */
export type Heap = HeapCap | { readonly runtime: 'unknown' };

/** The heap cap of a runtime that grows to its cap even when it needs less. */
export interface HeapCap {
  readonly runtime: 'JVM' | 'Node.js' | '.NET' | 'Go';
  /** The flag as written: `-Xmx512m`. Absent: no flag, so the runtime's default applies. */
  readonly by?: string;
  readonly bytes?: Bytes;
  /** Bytes that the same flags allow outside the heap: a JVM's direct memory. */
  readonly besideBytes?: Bytes;
  /** The cap as a share of the memory limit, 0 to 1. */
  readonly share?: number;
}

/** What a probe found about the page cache of one container. Sizes in bytes. */
export interface ProbedCache {
  /** When the probe began, in seconds since 1970. */
  readonly at: number;
  readonly neededCacheBytes: number;
  /** The rest of its page cache: nobody read it again. */
  readonly coldCacheBytes: number;
  /** ± this much of the needed cache. */
  readonly errorBytes: number;
  /** For how long the probe watched after its last step. */
  readonly watchedSeconds: number;
  /** An upper bound: too little of the last step was reread, or the probe ended before it could judge a step. */
  readonly isAtMost?: true;
}

/** One container lifetime that ended in an OOM kill. */
export interface OomKilled {
  readonly id: string;
  /** RFC 3339. */
  readonly at?: string;
}

/** The identity of a container's cgroup, beyond its path. */
export interface ContainerName {
  readonly pod: Pod;
  readonly type: ContainerType;
  /** Absent for the sandbox, and for a container that the API does not report yet. */
  readonly container?: PodContainer;
}

export interface Pod {
  readonly uid: string;
  /** For mirrors of static pods: the hash that the cgroup's name carries instead of the UID. */
  readonly configHash?: string;
  /** `logs`: from the kubelet's log directories, which give names only. Absent: from the API. */
  readonly from?: 'logs';
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly qos?: string;
  /** `Deployment/cart`, derived from the pod's own metadata. */
  readonly workload?: string;
  /** The RuntimeClass. Its sandbox may hide the containers from the host (gVisor, Kata). */
  readonly runtimeClass?: string;
  /** Memory that the RuntimeClass adds for the sandbox (`spec.overhead`). */
  readonly overhead?: Bytes;
  /** Pod-level resources (`spec.resources`, Kubernetes 1.34). Absent: none set. */
  readonly request?: Bytes;
  readonly limit?: Bytes;
  readonly containers: readonly PodContainer[];
  /** Its owner opted out of our annotations (`realmem.dev/ignore`). */
  readonly ignored?: true;
  /** Our annotations as the API last reported them. Absent: none. */
  readonly annotations?: PodAnnotations;
  /** Total size of all other annotations, keys included. Absent: none. */
  readonly otherAnnotationBytes?: number;
  /** When it was created, in seconds since 1970. */
  readonly createdAt?: number;
  /** A number for the revision of its pod template. Absent: its owner has no revisions. */
  readonly revision?: number;
  /** Answers of probes by container name (`realmem.dev/probe`). */
  readonly probes?: Readonly<Record<string, ProbedCache>>;
  /** Why that annotation, or a part of it, is ignored. */
  readonly probeFault?: string;
}

/**
 * The two annotations that an agent writes, the one with which a pod's owner opts out, and the one in which `kubectl realmem probe`
 * keeps its answer, with the rights of its user.
 */
export const annotationKeys = {
  memory: `${domain}/memory`,
  report: `${domain}/report`,
  ignore: `${domain}/ignore`,
  probe: `${domain}/probe`,
} as const;

/** The annotations that an agent writes. */
export const ownAnnotations = ['memory', 'report'] as const;

/** Whether this is the key of an annotation that an agent writes. */
export const isOwnAnnotation = (key: string): boolean =>
  ownAnnotations.some((one) => annotationKeys[one] === key);

/** Maximum characters of each annotation, written or read. All annotations of a pod share 256 KiB. */
export const longestAnnotation = 16 * 1024;

export type PodAnnotations = { readonly [one in (typeof ownAnnotations)[number]]?: string };

/** The names in the kubelet's log directories. No log content. */
export interface PodLogs {
  /** From `/var/log/pods`. */
  readonly pods: readonly PodLog[];
  /** From `/var/log/containers`. */
  readonly links: readonly LogLink[];
}

export interface PodLog {
  /** `<namespace>_<name>_<uid>` */
  readonly directory: string;
  readonly containers: readonly { readonly name: string; readonly logs: readonly LogLink[] }[];
}

/** One log file: it belongs to one lifetime of a container. */
export interface LogLink {
  readonly file: string;
  /** The target of a symbolic link. Absent: the file is the log itself. */
  readonly target?: string;
}

/** A UID in the form in which two can be compared: cgroup names and the API differ in dashes, underscores and case. */
export const normalUid = (uid: string): string => uid.replaceAll('-', '').replaceAll('_', '').toLowerCase();
