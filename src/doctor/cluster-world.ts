/** What the checks of a cluster get from outside. */
import type { Kube } from '../kube/client.ts';

export interface ClusterWorld {
  readonly kube: Pick<Kube, 'call' | 'list'>;
  /** URL of the API server. */
  readonly server: string;
  readonly context: string;
  /** Turns an API error into one with kubectl's words. */
  readonly printed: (error: unknown) => unknown;
  /** Milliseconds since 1970 by the local clock. */
  readonly now: () => number;
  /** Milliseconds of a monotonic clock. */
  readonly ticks: () => number;
  /** Milliseconds since 1970 by the API server's clock, in its last answer. Undefined: unknown. */
  readonly served: () => number | undefined;
}
