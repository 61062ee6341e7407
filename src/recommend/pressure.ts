/** What was at its limit, or waited for memory, wanted that much at the least: how much more nobody saw. */
import { formatRounded as size } from '../model/bytes.ts';
import { waits } from '../model/usage.ts';
import { neededBeyond, type UsageAggregate } from '../usage/aggregate.ts';
import { limitAfterKill } from './limit.ts';
import { atLeast, because, type Proposal } from './proposal.ts';

/** Of the last week. */
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
    `real came up to the limit of ${size(limit)}${waited ? `, and all of it waited for memory for ${Math.round(stalled)} % of a minute` : ''}: ` +
      `it wanted ${size(needed)} at the least`,
  );
}

/** Above `memory.high` the kernel takes back at once what a process is given: real stays there, whatever it wants. */
function applyThrottling(proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal {
  const high = Math.max(0, ...aggregate.lastDays(at, daysBack).map(({ throttled = 0 }) => throttled));
  if (high === 0) return proposal;
  const needed = high * neededBeyond;
  return raiseLimit(
    proposal,
    aggregate,
    high,
    needed,
    `the kernel throttled it at memory.high ${size(high)}: it wanted ${size(needed)} at the least. Raise memory.high with the ` +
      'limit; under MemoryQoS the kubelet does that',
  );
}

function raiseLimit(
  proposal: Proposal,
  aggregate: UsageAggregate,
  held: number,
  needed: number,
  reason: string,
): Proposal {
  const limit = atLeast(proposal.limit, needed);
  return because(proposal, reason, {
    limit: { ...limit, upper: Math.max(limit.upper, limitAfterKill(aggregate, held)) },
  });
}
