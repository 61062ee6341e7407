/** What a cgroup's path alone tells about it. */

export type OtherType = 'service' | 'container' | 'slice' | 'vm' | 'task' | 'job';

/** What somebody runs, rather than what the system itself is made of. */
export const isWorkload = (type: OtherType): boolean => type !== 'service' && type !== 'slice';

/** What runs again under the same name, so that its history tells what to set. */
export const isSized = (type: OtherType): boolean => type === 'service' || type === 'container';

export type CgroupRole =
  /** The root, kubepods and its quality-of-service levels: they hold others. */
  | { readonly kind: 'root' | 'kube' }
  | {
      readonly kind: 'pod';
      readonly podUID: string;
      readonly qos: string;
      /** The path of the container that is this pod's node (kind, minikube); absent on the host itself. */
      readonly inside?: string;
    }
  | {
      readonly kind: 'container';
      readonly podUID: string;
      readonly id: string;
      readonly runtime?: string;
      /** The path alone tells that it is the pod's sandbox; absent: it does not tell. */
      readonly sandbox?: true;
      readonly inside?: string;
    }
  /** Outside pods. */
  | {
      readonly kind: 'other';
      readonly type: OtherType;
      readonly name: string;
      /** A container's whole ID and its runtime, where nobody but root can have made the cgroup. */
      readonly id?: string;
      readonly runtime?: string;
      /** The ID of the sandbox whose overhead it is: its pod may be found by it. */
      readonly overheadOf?: string;
    }
  /** Below a container: the container owns it, whatever it calls itself. */
  | {
      readonly kind: 'inner';
      /** A level between a container and the node that it may be. */
      readonly mayHoldPods?: true;
    }
  | { readonly kind: 'skip'; readonly why: string };
