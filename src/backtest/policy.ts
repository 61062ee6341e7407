/**
 * What a container used over time, and who decides its memory limit from that: how a backtest asks any recommender.
 * Times are seconds since 1970, memory is in bytes.
 */

export interface Series {
  readonly name: string;
  /** Ascending, one for each value; a gap is a longer way from one to the next. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** The usual way from one sample to the next. */
  readonly stepSeconds: number;
  /** The limit that was set by hand. */
  readonly limitBytes?: number | undefined;
}

export interface Policy {
  readonly name: string;
  /** As its makers ship it. */
  readonly margin: number;
  /** Those of its frontier, ascending: what its limits are multiplied by, or whatever else its one dial is. */
  readonly margins: readonly number[];
  /** For one container. Only the oracle looks into the series. Undefined: it has nothing to say of this one. */
  start(margin: number, series: Series): Sizer | undefined;
}

/** One container's limit, from the samples so far. */
export interface Sizer {
  /** A sample; they come in the order of time. */
  observe(at: number, value: number): void;
  /**
   * The limit at that time and after it, by what was observed before. Undefined: the one in force stays.
   * @param until when it will be asked again, where that is known
   */
  limit(at: number, until?: number): number | undefined;
  /** After the sample that exceeded the limit in force was observed. @returns the limit from now on */
  killed?(at: number, limit: number): number;
}

/** What limits are multiplied by along a frontier: from half to twenty-five times, 10 % apart. */
export const multipliers: readonly number[] = Array.from({ length: 42 }, (_, step) => 0.5 * 1.1 ** step);
