/** Robusta KRR's simple strategy: the maximum of 14 days plus a buffer, as request and limit. By default it ignores OOM kills. */

import { daySeconds } from '../model/time.ts';
import { MovingMaximum } from './moving-maximum.ts';
import type { Policy } from './policy.ts';
import { multipliers } from './policy.ts';

const historySeconds = 14 * daySeconds;
/** `mem_min`, in MB. */
const floorBytes = 100e6;

export const krr = (floors: boolean): Policy => ({
  name: 'krr',
  margin: 1.15,
  margins: multipliers,
  start(margin) {
    const peak = new MovingMaximum(historySeconds);
    return {
      observe: (at, value) => peak.add(at, value),
      limit(at) {
        const largest = peak.at(at);
        return largest === undefined ? undefined : Math.max(largest * margin, floors ? floorBytes : 0);
      },
    };
  },
});
