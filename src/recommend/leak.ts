/** A leak is named, with its slope, and not followed: more memory only puts off its end. */
import { formatRounded as size } from '../model/bytes.ts';
import type { Leak } from '../model/recommendation.ts';
import { daySeconds, rfc3339 } from '../model/time.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import { because, held, type Proposal } from './proposal.ts';

/** Without a limit so far it gets room for so many days of its growth. */
const leakDays = 7;
/** One that was not seen since has ended, or its container has. */
const fresh = 2 * daySeconds;

export const leakOf = ({ leaks }: UsageAggregate, at: number): Leak | undefined =>
  leaks.find(({ until }) => at - until < fresh);

export function nameLeak(proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal {
  const leak = leakOf(aggregate, at);
  if (leak === undefined) return proposal;
  const { pod, perDay, since, from, to } = leak;
  const { limit, request } = aggregate.setting ?? {};
  const growth = `${pod} grows by ${size(perDay)} a day and gives nothing back: from ${size(from)} at ${rfc3339(since * 1000)} to ${size(to)}`;
  const target = limit ?? Math.max(to, from + leakDays * perDay);
  const what =
    limit === undefined
      ? `the limit is what it reaches in ${leakDays} days`
      : `the limit stays, and is met ${meets(limit - to, perDay)}`;
  return because(proposal, `${growth}; more memory would only put off its end, so ${what}`, {
    request: held(proposal.request, Math.min(request ?? proposal.request.target, target)),
    limit: held(proposal.limit, target),
  });
}

const meets = (room: number, perDay: number): string =>
  room <= 0 ? 'already' : `in ${(room / perDay).toFixed(room < 10 * perDay ? 1 : 0)} days`;
