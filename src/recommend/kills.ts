/** OOM kills as observations: a kill at the container's own limit raises the limit, any other kill raises the request. */
import { formatRounded as size } from '../model/bytes.ts';
import { daySeconds, rfc3339 } from '../model/time.ts';
import { neededBeyond, type UsageAggregate } from '../usage/aggregate.ts';
import type { Kill } from '../usage/aggregate-entries.ts';
import { limitAfterKill } from './limit.ts';
import { atLeast, fixedAt, type Proposal, withReason } from './proposal.ts';

/** A kill raises the values for this long. After that, the usage under a higher limit is better evidence. */
const killCounts = 7 * daySeconds;

/** The limits at which it was killed within a week. */
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
  const killed = `${killsInWords(atLimit, aggregate)}, at a limit of ${size(last.limit)}`;
  const limits = killedAtLately(aggregate, at);
  if (limits.length === 0)
    return withReason(proposal, `${killed}: more than a week ago, so it no longer raises the limit`);
  const needed = Math.max(...limits) * neededBeyond;
  const fresh = at - last.at < daySeconds ? limitAfterKill(aggregate, last.limit) : 0;
  const limit = atLeast(proposal.limit, needed);
  const isFresh = fresh > limit.target;
  return withReason(
    proposal,
    `${killed}: limit at least ${size(needed)} (× ${neededBeyond})` +
      (isFresh ? `, ${size(fresh)} on the first day after the kill` : ''),
    { limit: isFresh ? fixedAt(limit, fresh) : limit },
  );
}

/** The container's own limit played no part. The request did: the kernel first kills what uses more than its request. */
function applyKillsOfNode(proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal {
  const ofNode = aggregate.kills.filter(({ limit }) => limit === undefined);
  const [last] = ofNode;
  if (last === undefined) return proposal;
  const { limit } = aggregate.setting ?? {};
  const killed = `${killsInWords(ofNode, aggregate)}, not at its own limit: its pod or the node ran out of memory`;
  const peak = Math.min(aggregate.today(last.at)?.peak ?? 0, limit ?? Number.POSITIVE_INFINITY);
  if (at - last.at >= killCounts || peak <= proposal.request.target) return withReason(proposal, killed);
  return withReason(proposal, `${killed}. Request at least ${size(peak)}: its largest real on that day.`, {
    request: atLeast(proposal.request, peak),
  });
}

/** How often, and when last. @param kills of one kind, newest first */
function killsInWords(kills: readonly Kill[], { kills: all, killCount }: UsageAggregate): string {
  const [last] = kills;
  const count =
    kills.length === all.length ? killCount : kills.reduce((sum, { times = 1 }) => sum + times, 0);
  const when = last === undefined ? '' : `${rfc3339(last.at * 1000)} (${last.pod})`;
  return `OOM killed ${count === 1 ? 'once at' : `${count} times, last at`} ${when}`;
}
