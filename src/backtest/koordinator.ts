/**
 * Koordinator's peak prediction (`pkg/koordlet/prediction`): p98 of all samples with a half-life of one day, plus 10 %.
 * Koordinator lends requests above this figure to other pods, so it acts as a limit here.
 */

import { daySeconds } from '../model/time.ts';
import { DecayingHistogram, exponentialBuckets } from './histogram.ts';
import type { Policy } from './policy.ts';
import { multipliers } from './policy.ts';

const buckets = exponentialBuckets(2 ** 41, 5 * 2 ** 20, 0.05);
const halfLifeSeconds = daySeconds;

export const koordinator: Policy = {
  name: 'koordinator',
  margin: 1.1,
  margins: multipliers,
  start(margin) {
    const histogram = new DecayingHistogram(buckets, halfLifeSeconds);
    return {
      observe: (at, value) => histogram.add(value, at),
      limit: () => (histogram.isEmpty ? undefined : histogram.percentile(0.98) * margin),
    };
  },
};
