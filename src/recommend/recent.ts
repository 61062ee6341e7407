/** What came within a week comes again: Monday's job is remembered on Thursday. */
import { type Demand, daySeconds } from '../model/demand.ts';
import { type Draft, size } from './draft.ts';

/** A week, and the day that is not over. */
const daysBack = 8;
const above = 1.05;

export function heedRecent(draft: Draft, { days }: Demand, at: number): Draft {
  const first = Math.floor(at / daySeconds) - daysBack;
  const largest = Math.max(0, ...[...days].map(([day, { peak }]) => (day > first ? peak : 0)));
  const least = above * largest;
  if (draft.limit.target >= least) return draft;
  return {
    ...draft,
    limit: { target: least, lower: draft.limit.lower, upper: Math.max(least, draft.limit.upper) },
    because: [
      ...draft.because,
      `within ${daysBack} days it came to ${size(largest)}, and may again: a twentieth above that, ${size(least)}`,
    ],
  };
}
