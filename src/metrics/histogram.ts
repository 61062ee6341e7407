/** Counts durations in buckets, for a metric of type histogram. */
import type { MetricValue } from './metric.ts';

/** Seconds. A pass over 250 pods takes some 10 ms, and one over the largest node less than a second. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const;

/** OpenMetrics wants `1.0`. Both formats write the same, or the label would depend on the format of the scrape. */
const labelOf = (bound: number): string => (Number.isInteger(bound) ? bound.toFixed(1) : `${bound}`);

export class DurationHistogram {
  /** Durations up to each bound, and not up to the one before. */
  private readonly counts = new Map<number, number>(bounds.map((bound) => [bound, 0]));
  private above = 0;
  sum = 0;

  observe(seconds: number): void {
    this.sum += seconds;
    const bound = bounds.find((one) => seconds <= one);
    if (bound === undefined) this.above++;
    else this.counts.set(bound, (this.counts.get(bound) ?? 0) + 1);
  }

  get points(): readonly MetricValue[] {
    let count = 0;
    const buckets = [...this.counts].map(([bound, more]): MetricValue => {
      count += more;
      return { suffix: '_bucket', labels: [labelOf(bound)], value: count };
    });
    count += this.above;
    return [
      ...buckets,
      { suffix: '_bucket', labels: ['+Inf'], value: count },
      { suffix: '_sum', value: this.sum },
      { suffix: '_count', value: count },
    ];
  }
}
