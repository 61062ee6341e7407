/** The role of a cgroup, derived from its path alone. */

export type OtherType = 'service' | 'container' | 'slice' | 'vm' | 'task' | 'job';

/** Whether a user started it. Services and slices belong to the system itself. */
export const isWorkload = (type: OtherType): boolean => type !== 'service' && type !== 'slice';

/** Whether it keeps its name over restarts. Only then can realmem recommend sizes from its history. */
export const isSized = (type: OtherType): boolean => type === 'service' || type === 'container';

export type CgroupRole =
  /** The root, kubepods and its QoS levels: they only contain other cgroups. */
  | { readonly kind: 'root' | 'kube' }
  | {
      readonly kind: 'pod';
      readonly podUID: string;
      readonly qos: string;
      /** Path of the container that serves as this pod's node (kind, minikube). Absent on the host itself. */
      readonly inside?: string;
    }
  | {
      readonly kind: 'container';
      readonly podUID: string;
      readonly id: string;
      readonly runtime?: string;
      /** The path proves that this is the pod's sandbox. Absent: the path does not say. */
      readonly sandbox?: true;
      readonly inside?: string;
    }
  /** A cgroup outside all pods. */
  | {
      readonly kind: 'other';
      readonly type: OtherType;
      readonly name: string;
      /** The container's full ID and runtime. Present only where root alone can create cgroups. */
      readonly id?: string;
      readonly runtime?: string;
      /** ID of the sandbox that this cgroup is the overhead of. It leads to the pod. */
      readonly overheadOf?: string;
    }
  /** A cgroup below a container. It belongs to the container, whatever its name. */
  | {
      readonly kind: 'inner';
      /** The container may be a node (kind), and its pods may be below this level. */
      readonly mayHoldPods?: true;
    }
  | { readonly kind: 'skip'; readonly why: string };

export type PodRole = Extract<CgroupRole, { kind: 'pod' }>;
export type ContainerRole = Extract<CgroupRole, { kind: 'container' }>;
