/** What the live view shows, and where it comes from: one host, or a cluster. */
import type { Grouping, Row } from '../render/row.ts';

export interface LiveSource {
  /** Calls `show` with each new state until the signal aborts. Rejects when the source can't go on. */
  follow(show: (state: LiveState) => void, signal: AbortSignal): Promise<void>;
  /**
   * Lines for an opened row, safe to print, with colours where the source has some. Undefined: nothing more is known.
   * @param columns width of the screen in cells
   */
  detail(row: Row, columns: number): Promise<readonly string[] | undefined>;
}

export interface LiveState {
  /** What is shown, and its figures. Not escaped. */
  readonly title: readonly string[];
  /** The time of the figures, in milliseconds since 1970. */
  readonly at: number;
  /** Not sorted. */
  rows(by: Grouping): readonly Row[];
  /** Sentences below the table: what fails, what is missing. Not escaped. */
  readonly notes: readonly string[];
}
