/** What a cgroup's path alone tells about it. */

export type OtherType = 'service' | 'container' | 'slice' | 'vm';

export type Place =
  /** The root, kubepods and its quality-of-service levels: they hold others. */
  | { readonly kind: 'root' | 'kube' }
  | { readonly kind: 'pod'; readonly podUID: string; readonly qos: string }
  | {
      readonly kind: 'container';
      readonly podUID: string;
      readonly id: string;
      readonly runtime?: string;
    }
  /** Outside pods. */
  | { readonly kind: 'other'; readonly type: OtherType; readonly name: string }
  /** Below a container: the container owns it, whatever it calls itself. */
  | { readonly kind: 'inner' }
  | { readonly kind: 'skip'; readonly why: string };
