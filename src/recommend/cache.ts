/**
 * The page cache that a workload really rereads. Cache alone tells nothing: the kernel keeps what nobody asks for again. What
 * tells is what happened when the kernel took it back. Under the multi-generational LRU not even active cache tells: there
 * the limit has room for all that stayed.
 */
import { formatRounded as size } from '../model/bytes.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import type { Day } from '../usage/days.ts';
import { because, type Proposal, plus } from './proposal.ts';

/** Cache that was active on each of so many days. */
const daysSteady = 7;
/** Less is not worth a word. */
const least = 2 ** 20;
/** Read back within an hour, of what is active: more is no chance. */
const rereadShare = 0.05;

export function keepCache(proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal {
  const days = aggregate.lastDays(at, daysSteady);
  const kept = keepActive(proposal, days);
  return keepUnsorted(kept, days, {
    request: kept.request.target - proposal.request.target,
    limit: kept.limit.target - proposal.limit.target,
  });
}

/** On each of the days that know it. */
function steady(days: readonly Day[], field: 'cache' | 'unsorted'): number {
  const known = days.flatMap(({ [field]: amount }) => amount ?? []);
  return known.length === 0 ? 0 : Math.min(...known);
}

const refaultedIn = (days: readonly Day[]): number => Math.max(0, ...days.map((day) => day.refaulted ?? 0));

function keepActive(proposal: Proposal, days: readonly Day[]): Proposal {
  const cache = steady(days, 'cache');
  if (cache < least) return proposal;
  const refaulted = refaultedIn(days);
  const active = `${size(cache)} of its page cache were active all the time`;
  if (refaulted >= rereadShare * cache)
    return because(
      proposal,
      `${active}, and ${size(refaulted)} were read back within an hour after the kernel had dropped them: ` +
        `they are kept in request and limit (+ ${size(cache)})`,
      { request: plus(proposal.request, cache), limit: plus(proposal.limit, cache) },
    );
  if (days.some(({ squeezed }) => squeezed))
    return because(
      proposal,
      `${active}, but when usage met the limit the kernel took cache back and it was not read again: none is kept`,
    );
  return because(
    proposal,
    `${active}, and the kernel never had to drop any: whether it is needed is not known, so the limit has room for it ` +
      `(+ ${size(cache)}) and the request has not`,
    { limit: plus(proposal.limit, cache) },
  );
}

/**
 * Where usage met the limit and little was read back, the kernel still kept what it judged worth keeping: that tells nothing
 * of what stayed. @param kept what there is room for already: other nodes may run the classic LRU
 */
function keepUnsorted(
  proposal: Proposal,
  days: readonly Day[],
  kept: { readonly request: number; readonly limit: number },
): Proposal {
  const cache = steady(days, 'unsorted');
  const room = cache - kept.limit;
  if (cache < least || room < least) return proposal;
  const refaulted = refaultedIn(days);
  const there =
    `${size(cache)} of page cache were there all the time, on a node whose LRU does not tell by active_file what is read ` +
    'again (multi-generational LRU)';
  // No more can be needed than was read back.
  const needed = refaulted >= rereadShare * cache ? Math.min(cache, refaulted) - kept.request : 0;
  if (needed >= least)
    return because(
      proposal,
      `${there}; ${size(refaulted)} were read back within an hour after the kernel had dropped them: the request keeps ` +
        `${size(needed)} for that, and the limit has room for all (+ ${size(room)})`,
      { request: plus(proposal.request, needed), limit: plus(proposal.limit, room) },
    );
  return because(
    proposal,
    `${there}: whether it is needed is not known, so the limit has room for it (+ ${size(room)}) and the request has not`,
    { limit: plus(proposal.limit, room) },
  );
}
