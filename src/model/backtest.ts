/** What a backtest finds out. */

/** A policy at one margin, over all series. */
export interface Outcome {
  readonly policy: string;
  readonly margin: number;
  /** Share of the limit that is not used, a mean over days: 0 to 1. */
  readonly slack: number;
  /** OOM kills per container and day. */
  readonly oomPerDay: number;
  readonly oomFreeDaysPct: number;
  /** Changes of the limit by more than 5 %, per container and day. */
  readonly changesPerDay: number;
  readonly series: number;
  /** Container-days. */
  readonly days: number;
  /** Bytes × seconds that were set aside and not used. */
  readonly slackByteSeconds: number;
}

/** Policies at the same rate of OOM kills. */
export interface Comparison {
  /** OOM kills per container and day. */
  readonly rate: number;
  /** By policy; absent where none of its margins comes to that rate. */
  readonly slack: ReadonlyMap<string, number>;
  /** The one with the least slack among those that people use. */
  readonly best?: string;
  /** Ours less theirs: the middle 90 % over resampled series. Whoever does not come down to the rate in one counts as without a limit. */
  readonly interval?: readonly [number, number];
}

export interface Backtest {
  readonly outcomes: readonly Outcome[];
  /** Policies at the margin they are shipped with; of margins that were asked for, at those among them. */
  readonly shipped: readonly Outcome[];
  /** Certain margins were asked for. */
  readonly marginsGiven: boolean;
  readonly comparisons: readonly Comparison[];
  /** One line each: what was left out, and why. */
  readonly notes: readonly string[];
}
