/** What came within a week comes again: Monday's job is remembered on Thursday. */
import { formatRounded as size } from '../model/bytes.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import { because, held, type Proposal } from './proposal.ts';

/** A week, and the day that is not over. */
const daysBack = 8;
const above = 1.05;

export function applyRecentPeak(proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal {
  const largest = aggregate.largest(at, daysBack);
  const least = above * largest;
  if (proposal.limit.target >= least) return proposal;
  return because(
    proposal,
    `within ${daysBack} days it came to ${size(largest)}, and may again: a twentieth above that, ${size(least)}`,
    { limit: held(proposal.limit, least) },
  );
}
