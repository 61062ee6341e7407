/** OOM kills as observations: what was killed at a limit needed more than that. */
import { formatRounded as size } from '../model/bytes.ts';
import { type Demand, daySeconds, neededBeyond } from '../model/demand.ts';
import { rfc3339 } from '../model/time.ts';
import { atLeast, because, type Draft, held } from './draft.ts';
import { limitAfterKill } from './limit.ts';

/** So long it is given more; then what was seen under a higher limit tells more. */
const killCounts = 7 * daySeconds;

/** The limits that it was killed at within a week. */
export const killedAtLately = ({ kills }: Demand, at: number): readonly number[] =>
  kills.flatMap(({ at: killedAt, limit }) =>
    limit !== undefined && at - killedAt < killCounts ? [limit] : [],
  );

export function heedKills(draft: Draft, demand: Demand, at: number): Draft {
  const [last] = demand.kills;
  if (last === undefined) return draft;
  const when = `${rfc3339(last.at * 1000)} (${last.pod})`;
  const times = demand.killCount === 1 ? 'once' : `${demand.killCount} times, last`;
  if (last.limit === undefined)
    return because(draft, `killed ${times} ${when} without a limit of its own: the node was short of memory`);
  const killed = `killed ${times} ${when} at a limit of ${size(last.limit)}`;
  const limits = killedAtLately(demand, at);
  if (limits.length === 0) return because(draft, `${killed}: more than a week ago`);
  const needed = Math.max(...limits) * neededBeyond;
  const fresh = at - last.at < daySeconds ? limitAfterKill(demand, last.limit) : 0;
  const limit = atLeast(draft.limit, needed);
  const isFresh = fresh > limit.target;
  return because(
    draft,
    `${killed}: it needs ${size(needed)} at the least (× ${neededBeyond})` +
      (isFresh ? `, and on the first day after it gets ${size(fresh)}` : ''),
    { limit: isFresh ? held(limit, fresh) : limit },
  );
}
