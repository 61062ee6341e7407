/** What came within a week comes again: Monday's job is remembered on Thursday. */
import { formatRounded as size } from '../model/bytes.ts';
import type { Demand } from '../usage/aggregate.ts';
import { because, type Draft, held } from './proposal.ts';

/** A week, and the day that is not over. */
const daysBack = 8;
const above = 1.05;

export function heedRecent(draft: Draft, demand: Demand, at: number): Draft {
  const largest = demand.largest(at, daysBack);
  const least = above * largest;
  if (draft.limit.target >= least) return draft;
  return because(
    draft,
    `within ${daysBack} days it came to ${size(largest)}, and may again: a twentieth above that, ${size(least)}`,
    { limit: held(draft.limit, least) },
  );
}
