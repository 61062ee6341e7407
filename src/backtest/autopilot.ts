/**
 * Google Autopilot's moving-window recommenders for memory (Rzadca et al., EuroSys 2020, section 3.2). They aggregate
 * 5-minute peaks. How well a job tolerates OOM kills selects the statistic: the maximum, p98, or one in between.
 */

import { daySeconds } from '../model/time.ts';
import { DecayingHistogram, exponentialBuckets } from './histogram.ts';
import { MovingMaximum } from './moving-maximum.ts';
import type { Policy, Sizer } from './policy.ts';
import { multipliers } from './policy.ts';

const windowSeconds = 300;
const halfLifeSeconds = 48 * 3600;
const peakSeconds = 7 * daySeconds;
/** The limit is the maximum of the recommendations of the last hour. */
const holdSeconds = 3600;
const margin = 1.125;
/** Finer than the published figures, so the comparison shows the rules and not their rounding. */
const buckets = exponentialBuckets(1e12, 64 * 1024, 0.01);

/** Passes on the peak of each 5-minute window (aligned to UTC) when the window closes. */
function peaks(pass: (at: number, peak: number) => void): (at: number, value: number) => void {
  let window = Number.NaN;
  let peak = 0;
  return (at, value) => {
    const now = Math.floor(at / windowSeconds);
    if (now === window) peak = Math.max(peak, value);
    else {
      if (!Number.isNaN(window)) pass(window * windowSeconds, peak);
      window = now;
      peak = value;
    }
  };
}

/** A peak weighs its size, and at least 1. */
const weightOf = (peak: number): number => Math.max(1, peak);

/** Returns the maximum recommendation of the last hour, times a margin. */
function held(observe: Sizer['observe'], answer: (at: number) => number | undefined, factor: number): Sizer {
  const recent = new MovingMaximum(holdSeconds);
  return {
    observe,
    limit(at) {
      const now = answer(at);
      if (now !== undefined) recent.add(at, now * factor);
      return recent.at(at);
    },
  };
}

export const autopilotMax: Policy = {
  name: 'autopilot-max',
  margin,
  margins: multipliers,
  start(factor) {
    const peak = new MovingMaximum(peakSeconds);
    return held(
      (at, value) => peak.add(at, value),
      (at) => peak.at(at),
      factor,
    );
  },
};

export const autopilotP98: Policy = {
  name: 'autopilot-p98',
  margin,
  margins: multipliers,
  start(factor) {
    const histogram = new DecayingHistogram(buckets, halfLifeSeconds);
    return held(
      peaks((at, peak) => histogram.add(peak, at, weightOf(peak))),
      () => (histogram.isEmpty ? undefined : histogram.percentile(0.98)),
      factor,
    );
  },
};

export const autopilotMid: Policy = {
  name: 'autopilot-mid',
  margin,
  margins: multipliers,
  start(factor) {
    const histogram = new DecayingHistogram(buckets, halfLifeSeconds);
    const largest = new MovingMaximum(peakSeconds);
    const aggregate = peaks((at, peak) => histogram.add(peak, at, weightOf(peak)));
    return held(
      (at, value) => {
        aggregate(at, value);
        largest.add(at, value);
      },
      (at) => {
        const peak = largest.at(at);
        return peak === undefined ? undefined : Math.max(histogram.percentile(0.6), peak / 2);
      },
      factor,
    );
  },
};
