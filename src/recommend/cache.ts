/**
 * The page cache that a workload really rereads. Cache alone tells nothing: the kernel keeps what nobody asks for again. What
 * tells is what happened when the kernel took it back.
 */
import { formatRounded as size } from '../model/bytes.ts';
import type { Demand } from '../model/demand.ts';
import { because, type Draft, plus } from './draft.ts';

/** Cache that was active on each of so many days. */
const daysSteady = 7;
/** Less is not worth a word. */
const least = 2 ** 20;
/** Read back within an hour, of what is active: more is no chance. */
const rereadShare = 0.05;

export function keepCache(draft: Draft, demand: Demand, at: number): Draft {
  const days = demand.lastDays(at, daysSteady);
  const caches = days.flatMap(({ cache }) => cache ?? []);
  const cache = caches.length === 0 ? 0 : Math.min(...caches);
  if (cache < least) return draft;
  const refaulted = Math.max(0, ...days.map((day) => day.refaulted ?? 0));
  const active = `${size(cache)} of its page cache were active all the time`;
  if (refaulted >= rereadShare * cache)
    return because(
      draft,
      `${active}, and ${size(refaulted)} were read back within an hour after the kernel had dropped them: ` +
        `they are kept in request and limit (+ ${size(cache)})`,
      { request: plus(draft.request, cache), limit: plus(draft.limit, cache) },
    );
  if (days.some(({ squeezed }) => squeezed))
    return because(
      draft,
      `${active}, but when usage met the limit the kernel took cache back and it was not read again: none is kept`,
    );
  return because(
    draft,
    `${active}, and the kernel never had to drop any: whether it is needed is not known, so the limit has room for it ` +
      `(+ ${size(cache)}) and the request has not`,
    { limit: plus(draft.limit, cache) },
  );
}
