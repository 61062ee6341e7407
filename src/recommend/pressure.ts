/** A container that reached its limit, or that the kernel throttled, wants at least that much. How much more is unknown. */
import { formatRounded as size } from '../model/bytes.ts';
import { waits } from '../model/usage.ts';
import { neededBeyond, type UsageAggregate } from '../usage/aggregate.ts';
import { limitAfterKill } from './limit.ts';
import { atLeast, type Proposal, withReason } from './proposal.ts';

const daysBack = 7;

export const applyPressure = (proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal =>
  applyThrottling(applyLimit(proposal, aggregate, at), aggregate, at);

function applyLimit(proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal {
  const days = aggregate.lastDays(at, daysBack);
  const limit = Math.max(0, ...days.map(({ atLimit = 0 }) => atLimit));
  const stalled = Math.max(0, ...days.map((one) => one.stalled ?? 0));
  if (limit === 0) return proposal;
  const waited = stalled >= waits;
  const needed = waited ? limit * neededBeyond : limit;
  return raiseLimit(
    proposal,
    aggregate,
    limit,
    needed,
    `Real reached the limit of ${size(limit)}` +
      (waited ? `, and all its tasks waited for memory for ${Math.round(stalled)} % of a minute` : '') +
      `: limit at least ${size(needed)}${waited ? ` (× ${neededBeyond})` : ''}`,
  );
}

/** Above `memory.high` the kernel reclaims at once what a process allocates, so real does not show what it wants. */
function applyThrottling(proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal {
  const high = Math.max(0, ...aggregate.lastDays(at, daysBack).map(({ throttled = 0 }) => throttled));
  if (high === 0) return proposal;
  const needed = high * neededBeyond;
  return raiseLimit(
    proposal,
    aggregate,
    high,
    needed,
    `The kernel throttled it at memory.high ${size(high)}: limit at least ${size(needed)} (× ${neededBeyond}). ` +
      'Raise memory.high with the limit. Under MemoryQoS the kubelet does that.',
  );
}

function raiseLimit(
  proposal: Proposal,
  aggregate: UsageAggregate,
  cappedAt: number,
  needed: number,
  reason: string,
): Proposal {
  const limit = atLeast(proposal.limit, needed);
  return withReason(proposal, reason, {
    limit: { ...limit, upper: Math.max(limit.upper, limitAfterKill(aggregate, cappedAt)) },
  });
}
