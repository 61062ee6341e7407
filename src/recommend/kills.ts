/** OOM kills as observations: what was killed at its limit needs a higher one, what the node killed a higher request. */
import { formatRounded as size } from '../model/bytes.ts';
import { daySeconds, rfc3339 } from '../model/time.ts';
import { type Kill, neededBeyond, type UsageAggregate } from '../usage/aggregate.ts';
import { limitAfterKill } from './limit.ts';
import { atLeast, because, held, type Proposal } from './proposal.ts';

/** So long it is given more; then what was seen under a higher limit tells more. */
const killCounts = 7 * daySeconds;

/** The limits that it was killed at within a week. */
export const killedAtLately = ({ kills }: UsageAggregate, at: number): readonly number[] =>
  kills.flatMap(({ at: killedAt, limit }) =>
    limit !== undefined && at - killedAt < killCounts ? [limit] : [],
  );

export const applyOomKills = (proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal =>
  applyKillsOfNode(applyKillsAtLimit(proposal, aggregate, at), aggregate, at);

function applyKillsAtLimit(proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal {
  const atLimit = aggregate.kills.filter(({ limit }) => limit !== undefined);
  const [last] = atLimit;
  if (last?.limit === undefined) return proposal;
  const killed = `${said(atLimit, aggregate)} at a limit of ${size(last.limit)}`;
  const limits = killedAtLately(aggregate, at);
  if (limits.length === 0) return because(proposal, `${killed}: more than a week ago`);
  const needed = Math.max(...limits) * neededBeyond;
  const fresh = at - last.at < daySeconds ? limitAfterKill(aggregate, last.limit) : 0;
  const limit = atLeast(proposal.limit, needed);
  const isFresh = fresh > limit.target;
  return because(
    proposal,
    `${killed}: it needs ${size(needed)} at the least (× ${neededBeyond})` +
      (isFresh ? `, and on the first day after it gets ${size(fresh)}` : ''),
    { limit: isFresh ? held(limit, fresh) : limit },
  );
}

/** Its own limit says nothing then. The request does: the kernel kills first what uses more than it asked for. */
function applyKillsOfNode(proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal {
  const ofNode = aggregate.kills.filter(({ limit }) => limit === undefined);
  const [last] = ofNode;
  if (last === undefined) return proposal;
  const { limit } = aggregate.setting ?? {};
  const killed = `${said(ofNode, aggregate)}, not at a limit of its own: its pod or the node was short of memory`;
  const peak = Math.min(aggregate.today(last.at)?.peak ?? 0, limit ?? Number.POSITIVE_INFINITY);
  if (at - last.at >= killCounts || peak <= proposal.request.target) return because(proposal, killed);
  return because(proposal, `${killed}; the request is what it used that day, ${size(peak)}`, {
    request: atLeast(proposal.request, peak),
  });
}

/** How often, and when last. @param kills those of a kind, newest first */
function said(kills: readonly Kill[], { kills: all, killCount }: UsageAggregate): string {
  const [last] = kills;
  const count =
    kills.length === all.length ? killCount : kills.reduce((sum, { times = 1 }) => sum + times, 0);
  const when = last === undefined ? '' : `${rfc3339(last.at * 1000)} (${last.pod})`;
  return `killed ${count === 1 ? 'once' : `${count} times, last`} ${when}`;
}
