/** A container of a workload, of every replica and on every node, and what is set for it. */
import type { ContainerType, Heap } from './pod.ts';

export interface ContainerKey {
  readonly namespace: string;
  /** `Deployment/cart`; a bare pod is `Pod/<name>`. */
  readonly workload: string;
  readonly container: string;
}

/** Names have no line breaks. */
export const keyText = ({ namespace, workload, container }: ContainerKey): string =>
  `${namespace}\n${workload}\n${container}`;

/** What is in force, as it was last seen. */
export interface Setting {
  readonly type: ContainerType;
  readonly request?: number;
  readonly limit?: number;
  readonly heap?: Heap;
  /** What is set for all containers of the pod together. Absent: nothing is. */
  readonly pod?: PodSetting;
}

export interface PodSetting {
  readonly request?: number;
  readonly limit?: number;
}
