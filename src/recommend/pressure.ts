/** What was at its limit, or waited for memory, wanted that much at the least: how much more nobody saw. */
import { formatRounded as size } from '../model/bytes.ts';
import { type Demand, neededBeyond } from '../model/demand.ts';
import { atLeast, because, type Draft } from './draft.ts';
import { limitAfterKill } from './limit.ts';

/** Of the last week. */
const daysBack = 7;
/** Per cent of a minute: from here on it is slowed down, and not by chance. */
const slowed = 5;

export function heedPressure(draft: Draft, demand: Demand, at: number): Draft {
  const days = demand.lastDays(at, daysBack);
  const limit = Math.max(0, ...days.map(({ atLimit = 0 }) => atLimit));
  const stalled = Math.max(0, ...days.map((one) => one.stalled ?? 0));
  if (limit === 0) return draft;
  const waited = stalled >= slowed;
  const needed = waited ? limit * neededBeyond : limit;
  const raised = atLeast(draft.limit, needed);
  return because(
    draft,
    `real came up to the limit of ${size(limit)}${waited ? `, and all of it waited for memory for ${Math.round(stalled)} % of a minute` : ''}: ` +
      `it wanted ${size(needed)} at the least`,
    { limit: { ...raised, upper: Math.max(raised.upper, limitAfterKill(demand, limit)) } },
  );
}
