/** The contents of a pod's annotation. */
import type { Bytes } from '../model/bytes.ts';
import type { Verdict } from '../model/report.ts';

export interface PodFigures {
  /** Time of the last change, in RFC 3339. The node's report says whether the agent still observes. */
  readonly at?: string;
  readonly realBytes?: Bytes;
  readonly containers: Readonly<Record<string, ContainerFigures>>;
  /** Number of containers omitted for lack of room. */
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

/**
 * Whether the annotation shows the verdict. The other verdicts need no action, or the figures show the same. A restart of the agent
 * changes them, which would cause needless writes.
 */
export const isShownVerdict = (verdict: Verdict | undefined): boolean =>
  verdict !== undefined && !['OK', 'Learning', 'NoLimit'].includes(verdict);
