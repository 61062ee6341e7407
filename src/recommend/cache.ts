/**
 * The page cache that a workload really rereads. The amount of cache does not show that: the kernel also keeps cache that nobody
 * reads again. Only refaults after the kernel dropped cache show it. Under the multi-generational LRU even active cache does not
 * show it, so the limit keeps all cache that stayed.
 */
import { formatRounded as size } from '../model/bytes.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import type { Day } from '../usage/packed/days.ts';
import { type Proposal, shifted, withReason } from './proposal.ts';

/** Only cache that stayed on each of these last days counts. */
const daysSteady = 7;
/** The rule ignores a smaller cache. */
const least = 2 ** 20;
/** Refaults within an hour above this share of the active cache are no coincidence. */
const rereadShare = 0.05;

const measures = 'realmem probe measures the need.';

export function keepCache(proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal {
  const days = aggregate.lastDays(at, daysSteady);
  const kept = keepActive(proposal, days);
  return keepUnsorted(kept, days, {
    request: kept.request.target - proposal.request.target,
    limit: kept.limit.target - proposal.limit.target,
  });
}

/** The amount that stayed on each day with a value. */
function steady(days: readonly Day[], field: 'cache' | 'unsorted'): number {
  const known = days.flatMap(({ [field]: amount }) => amount ?? []);
  return known.length === 0 ? 0 : Math.min(...known);
}

const refaultedIn = (days: readonly Day[]): number => Math.max(0, ...days.map((day) => day.refaulted ?? 0));

function keepActive(proposal: Proposal, days: readonly Day[]): Proposal {
  const cache = steady(days, 'cache');
  if (cache < least) return proposal;
  const refaulted = refaultedIn(days);
  const active = `${size(cache)} of its page cache was active all the time`;
  if (refaulted >= rereadShare * cache)
    return withReason(
      proposal,
      `${active}. It read ${size(refaulted)} back within an hour after the kernel had dropped it: ` +
        `request and limit keep the cache (+ ${size(cache)}).`,
      { request: shifted(proposal.request, cache), limit: shifted(proposal.limit, cache) },
    );
  if (days.some(({ squeezed }) => squeezed))
    return withReason(
      proposal,
      `${active}. When usage reached the limit, the kernel dropped cache and nothing read it back: request and limit keep none.`,
    );
  return withReason(
    proposal,
    `${active}. The kernel never had to drop any, so the need is unknown: ` +
      `the limit keeps it (+ ${size(cache)}), the request does not. ${measures}`,
    { limit: shifted(proposal.limit, cache) },
  );
}

/**
 * Cache under an LRU without usable active_file. Few refaults at the limit say nothing about the cache that stayed: the kernel
 * kept what it judged worth keeping. @param kept what the proposal keeps already: other nodes may run the classic LRU
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
  const stayed =
    `${size(cache)} of page cache stayed all the time, on a node whose active_file does not show what is read again ` +
    '(multi-generational LRU)';
  // The workload needs at most the amount that it read back.
  const needed = refaulted >= rereadShare * cache ? Math.min(cache, refaulted) - kept.request : 0;
  if (needed >= least)
    return withReason(
      proposal,
      `${stayed}. It read ${size(refaulted)} back within an hour after the kernel had dropped it: the request keeps ` +
        `${size(needed)} for that, and the limit keeps all (+ ${size(room)}).`,
      { request: shifted(proposal.request, needed), limit: shifted(proposal.limit, room) },
    );
  return withReason(
    proposal,
    `${stayed}. The need is unknown: the limit keeps it (+ ${size(room)}), the request does not. ${measures}`,
    { limit: shifted(proposal.limit, room) },
  );
}
