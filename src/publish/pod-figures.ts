/** What a pod's own annotation says of it. */
import type { Bytes } from '../model/bytes.ts';
import type { Verdict } from '../model/report.ts';

export interface PodFigures {
  /** RFC 3339. Unchanged since: how fresh it is, the node's report tells. */
  readonly at?: string;
  readonly realBytes?: Bytes;
  readonly containers: Readonly<Record<string, ContainerFigures>>;
  /** Containers left out because there is no room on the pod. */
  readonly omitted?: number;
}

export interface ContainerFigures {
  readonly realBytes?: Bytes;
  readonly usageBytes?: Bytes;
  readonly limitBytes?: Bytes;
  readonly requestBytes?: Bytes;
  readonly verdict?: Verdict;
  readonly suggest?: SuggestedFigures;
}

export interface SuggestedFigures {
  readonly requestBytes: Bytes;
  readonly limitBytes: Bytes;
}

/** The others say that there is nothing to say, or what the figures say anyway: a restart of the agent changes them. */
export const isSpoken = (verdict: Verdict | undefined): boolean =>
  verdict !== undefined && !['OK', 'Learning', 'NoLimit'].includes(verdict);
