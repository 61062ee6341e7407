/** Names a leak and its slope, and does not raise the limit for it: more memory only delays the OOM kill. */
import { formatRounded as size } from '../model/bytes.ts';
import type { Leak } from '../model/recommendation.ts';
import { daySeconds, rfc3339 } from '../model/time.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import { fixedAt, type Proposal, withReason } from './proposal.ts';

/** A leak without a limit gets a limit with room for this many days of growth. */
const leakDays = 7;
/** A leak not observed for longer has ended, or its container has. */
const fresh = 2 * daySeconds;

export const leakOf = ({ leaks }: UsageAggregate, at: number): Leak | undefined =>
  leaks.find(({ until }) => at - until < fresh);

/** What a probe asks of a limit, in bytes. */
export interface CacheRoom {
  /** The needed page cache with the error of the probe. */
  readonly cache: number;
  /** The least limit that holds the largest real and that. */
  readonly holds: number;
}

export function nameLeak(
  proposal: Proposal,
  aggregate: UsageAggregate,
  at: number,
  room?: CacheRoom,
): Proposal {
  const leak = leakOf(aggregate, at);
  if (leak === undefined) return proposal;
  const { pod, perDay, since, from, to } = leak;
  const { limit, request } = aggregate.setting ?? {};
  const growth = `Leak: ${pod} grows by ${size(perDay)} a day and frees nothing, from ${size(from)} at ${rfc3339(since * 1000)} to ${size(to)}`;
  const grown = Math.max(to, from + leakDays * perDay);
  const target = limit ?? Math.max(grown + (room?.cache ?? 0), room?.holds ?? 0);
  const stays = request === undefined ? '' : 'The request stays. ';
  const withRoom = room === undefined ? '' : ', with room for what the probe found';
  const isBelow = limit !== undefined && room !== undefined && limit < room.holds;
  const below = isBelow ? `, below the ${size(room.holds)} that the probe asks for` : '';
  const what =
    limit === undefined
      ? `${stays}The limit is the size that the leak reaches in ${leakDays} days${withRoom}`
      : `${stays}The limit stays${below}, and the leak ${reaches(limit - to, perDay)}`;
  return withReason(proposal, `${growth}. More memory only delays the OOM kill. ${what}.`, {
    request: fixedAt(proposal.request, Math.min(request ?? proposal.request.target, target)),
    limit: fixedAt(proposal.limit, target),
  });
}

const reaches = (room: number, perDay: number): string =>
  room <= 0
    ? 'has already reached it'
    : `reaches it in ${(room / perDay).toFixed(room < 10 * perDay ? 1 : 0)} days`;
