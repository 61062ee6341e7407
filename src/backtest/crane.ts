/**
 * Crane's resource recommendation (`pkg/recommendation/recommender/resource`): p99 of the samples of the last week, in
 * buckets of 100 MiB. For a week after an OOM kill it is at least the bumped request.
 */

import { DecayingHistogram, linearBuckets } from './histogram.ts';
import type { Policy } from './policy.ts';
import { multipliers } from './policy.ts';

const mib = 1024 ** 2;
const historySeconds = 168 * 3600;
const halfLifeSeconds = 48 * 3600;
const buckets = linearBuckets(100_000 * mib, 100 * mib);
const bump = { bytes: 100 * mib, ratio: 1.2 };

export const crane: Policy = {
  name: 'crane',
  margin: 1.15,
  margins: multipliers,
  start(margin) {
    const histogram = new DecayingHistogram(buckets, halfLifeSeconds);
    const times: number[] = [];
    const values: number[] = [];
    let oldest = 0;
    let kill: { readonly at: number; readonly needed: number } | undefined;
    /** Crane reads the last week again each time: drop older samples. */
    const forget = (at: number): void => {
      for (; (times[oldest] ?? at) < at - historySeconds; oldest++)
        histogram.subtract(values[oldest] ?? 0, times[oldest] ?? 0);
    };
    const limit = (at: number): number => {
      const needed = kill !== undefined && at - kill.at <= historySeconds ? kill.needed : 0;
      return Math.max(histogram.percentile(0.99) * margin, needed);
    };
    return {
      observe(at, value) {
        histogram.add(value, at);
        times.push(at);
        values.push(value);
      },
      limit(at) {
        forget(at);
        return oldest < times.length ? limit(at) : undefined;
      },
      killed(at, inForce) {
        forget(at);
        kill = { at, needed: Math.max(inForce + bump.bytes, inForce * bump.ratio) };
        return Math.max(inForce, limit(at));
      },
    };
  },
};
