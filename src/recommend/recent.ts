/** A peak of the last week may come again: on Thursday the limit still covers Monday's job. */
import { formatRounded as size } from '../model/bytes.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import { fixedAt, type Proposal, wholeMiB, withReason } from './proposal.ts';

/** A week and the current day. */
const daysBack = 8;
const above = 1.05;

export function applyRecentPeak(proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal {
  const largest = aggregate.largest(at, daysBack);
  const least = above * largest;
  if (proposal.limit.target >= least) return proposal;
  return withReason(
    proposal,
    `Limit ${size(wholeMiB(least))}: it reached ${size(largest)} within ${daysBack} days and may reach it again (× ${above})`,
    { limit: fixedAt(proposal.limit, least) },
  );
}
