/** OOM kills as observations: what was killed at its limit needs a higher one, what the node killed a higher request. */
import { formatRounded as size } from '../model/bytes.ts';
import { rfc3339 } from '../model/time.ts';
import { type Demand, daySeconds, type Kill, neededBeyond } from '../usage/aggregate.ts';
import { limitAfterKill } from './limit.ts';
import { atLeast, because, type Draft, held } from './proposal.ts';

/** So long it is given more; then what was seen under a higher limit tells more. */
const killCounts = 7 * daySeconds;

/** The limits that it was killed at within a week. */
export const killedAtLately = ({ kills }: Demand, at: number): readonly number[] =>
  kills.flatMap(({ at: killedAt, limit }) =>
    limit !== undefined && at - killedAt < killCounts ? [limit] : [],
  );

export const heedKills = (draft: Draft, demand: Demand, at: number): Draft =>
  heedKillsOfNode(heedKillsAtLimit(draft, demand, at), demand, at);

function heedKillsAtLimit(draft: Draft, demand: Demand, at: number): Draft {
  const atLimit = demand.kills.filter(({ limit }) => limit !== undefined);
  const [last] = atLimit;
  if (last?.limit === undefined) return draft;
  const killed = `${said(atLimit, demand)} at a limit of ${size(last.limit)}`;
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

/** Its own limit says nothing then. The request does: the kernel kills first what uses more than it asked for. */
function heedKillsOfNode(draft: Draft, demand: Demand, at: number): Draft {
  const ofNode = demand.kills.filter(({ limit }) => limit === undefined);
  const [last] = ofNode;
  if (last === undefined) return draft;
  const { limit } = demand.setting ?? {};
  const killed = `${said(ofNode, demand)}, not at a limit of its own: its pod or the node was short of memory`;
  const peak = Math.min(demand.today(last.at)?.peak ?? 0, limit ?? Number.POSITIVE_INFINITY);
  if (at - last.at >= killCounts || peak <= draft.request.target) return because(draft, killed);
  return because(draft, `${killed}; the request is what it used that day, ${size(peak)}`, {
    request: atLeast(draft.request, peak),
  });
}

/** How often, and when last. @param kills those of a kind, newest first */
function said(kills: readonly Kill[], { kills: all, killCount }: Demand): string {
  const [last] = kills;
  const count =
    kills.length === all.length ? killCount : kills.reduce((sum, { times = 1 }) => sum + times, 0);
  const when = last === undefined ? '' : `${rfc3339(last.at * 1000)} (${last.pod})`;
  return `killed ${count === 1 ? 'once' : `${count} times, last`} ${when}`;
}
