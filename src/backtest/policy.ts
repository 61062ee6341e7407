/**
 * The interface between a backtest and a recommender: series of usage in, memory limits out. Times are in seconds since
 * 1970, memory is in bytes.
 */

export interface UsageSeries {
  readonly name: string;
  /** Ascending, one for each value. A gap is a distance longer than `stepSeconds`. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** The usual distance between samples. */
  readonly stepSeconds: number;
  /** The limit that people had set. */
  readonly limitBytes?: number | undefined;
}

export interface Policy {
  readonly name: string;
  /** The default of the tool. */
  readonly margin: number;
  /** The margins of its frontier, ascending. A margin multiplies the limit, or is the one parameter of the policy. */
  readonly margins: readonly number[];
  /** Starts a sizer for one container. Only the oracle reads the series. Undefined: no recommendation for this series. */
  start(margin: number, series: UsageSeries): Sizer | undefined;
}

/** Computes the limit of one container from the samples so far. */
export interface Sizer {
  /** Takes a sample. Samples come in the order of time. */
  observe(at: number, value: number): void;
  /**
   * The limit at and after `at`. Undefined: the current limit stays.
   * @param until the time of the next call, if it is known
   */
  limit(at: number, until?: number): number | undefined;
  /** Called after `observe` with a sample above the limit. @returns the limit from now on */
  killed?(at: number, limit: number): number;
}

/** Margins of a frontier: from 0.5 to 25, in steps of 10 %. */
export const multipliers: readonly number[] = Array.from({ length: 42 }, (_, step) => 0.5 * 1.1 ** step);
