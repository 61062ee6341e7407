/** The key under which a workload's container is remembered, across replicas and nodes, and its current settings. */
import type { ContainerType, Heap } from './pod.ts';

export interface ContainerKey {
  readonly namespace: string;
  /** `Deployment/cart`; a bare pod is `Pod/<name>`. */
  readonly workload: string;
  readonly container: string;
}

/**
 * The key as one string. Kubernetes names contain no line breaks, so keys cannot collide. `join` makes one piece of it; a
 * template would be kept as a tree of its parts, which takes twice the memory.
 */
export const keyText = ({ namespace, workload, container }: ContainerKey): string =>
  [namespace, workload, container].join('\n');

export const isSameSetting = (a: Setting | undefined, b: Setting): boolean =>
  a !== undefined &&
  a.type === b.type &&
  a.request === b.request &&
  a.limit === b.limit &&
  a.heap === b.heap &&
  a.pod?.request === b.pod?.request &&
  a.pod?.limit === b.pod?.limit;

/** The requests and limits in force at the last observation. Bytes. */
export interface Setting {
  readonly type: ContainerType;
  readonly request?: number;
  readonly limit?: number;
  readonly heap?: Heap;
  /** Pod-level resources (`spec.resources`, Kubernetes 1.34). Absent: none set. */
  readonly pod?: PodSetting;
}

export interface PodSetting {
  readonly request?: number;
  readonly limit?: number;
}

/** `Deployment/cart`; for a pod without an owner, the pod itself. */
export const workloadName = ({
  workload,
  name,
}: {
  readonly workload?: string | undefined;
  readonly name: string;
}): string => workload ?? `Pod/${name}`;
