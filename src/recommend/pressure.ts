/** What was at its limit, or waited for memory, wanted that much at the least: how much more nobody saw. */
import { formatRounded as size } from '../model/bytes.ts';
import { waits } from '../model/usage.ts';
import { type Demand, neededBeyond } from '../usage/aggregate.ts';
import { limitAfterKill } from './limit.ts';
import { atLeast, because, type Draft } from './proposal.ts';

/** Of the last week. */
const daysBack = 7;
export const heedPressure = (draft: Draft, demand: Demand, at: number): Draft =>
  applyThrottling(heedLimit(draft, demand, at), demand, at);

function heedLimit(draft: Draft, demand: Demand, at: number): Draft {
  const days = demand.lastDays(at, daysBack);
  const limit = Math.max(0, ...days.map(({ atLimit = 0 }) => atLimit));
  const stalled = Math.max(0, ...days.map((one) => one.stalled ?? 0));
  if (limit === 0) return draft;
  const waited = stalled >= waits;
  const needed = waited ? limit * neededBeyond : limit;
  return raiseLimit(
    draft,
    demand,
    limit,
    needed,
    `real came up to the limit of ${size(limit)}${waited ? `, and all of it waited for memory for ${Math.round(stalled)} % of a minute` : ''}: ` +
      `it wanted ${size(needed)} at the least`,
  );
}

/** Above `memory.high` the kernel takes back at once what a process is given: real stays there, whatever it wants. */
function applyThrottling(draft: Draft, demand: Demand, at: number): Draft {
  const high = Math.max(0, ...demand.lastDays(at, daysBack).map(({ throttled = 0 }) => throttled));
  if (high === 0) return draft;
  const needed = high * neededBeyond;
  return raiseLimit(
    draft,
    demand,
    high,
    needed,
    `the kernel throttled it at memory.high ${size(high)}: it wanted ${size(needed)} at the least. Raise memory.high with the ` +
      'limit; under MemoryQoS the kubelet does that',
  );
}

function raiseLimit(draft: Draft, demand: Demand, held: number, needed: number, reason: string): Draft {
  const limit = atLeast(draft.limit, needed);
  return because(draft, reason, {
    limit: { ...limit, upper: Math.max(limit.upper, limitAfterKill(demand, held)) },
  });
}
