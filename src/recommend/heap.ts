/** Runtimes that fill what they are allowed: what they use tells their cap, not their need. */
import { formatRounded as size } from '../model/bytes.ts';
import type { Demand } from '../usage/aggregate.ts';
import { killedAtLately } from './kills.ts';
import { atLeast, because, type Draft, held } from './proposal.ts';

/** Beside the heap: threads, code, buffers. Go's limit counts nearly all of it. */
const besides = { JVM: 0.25, 'Node.js': 0.2, '.NET': 0.2, Go: 0.1 } as const;

export function heedHeap(draft: Draft, demand: Demand, at: number): Draft {
  const { heap, limit } = demand.setting ?? {};
  if (heap === undefined) return draft;
  if (heap.runtime === 'unknown') {
    const why = 'whether its flags cap a heap is not known';
    if (limit === undefined) return draft;
    return because(draft, `${why}, so the limit does not go below ${size(limit)}`, {
      limit: atLeast(draft.limit, limit),
    });
  }
  const { runtime, by } = heap;
  if (heap.bytes !== undefined) {
    const { besideBytes } = heap;
    const least = heap.bytes * (1 + besides[runtime]) + (besideBytes ?? 0);
    const direct = besideBytes === undefined ? '' : `, and its direct memory to ${size(besideBytes)}`;
    const why = `${by} lets the heap of this ${runtime} grow to ${size(heap.bytes)}${direct}`;
    if (draft.limit.target >= least) return because(draft, `${why}: there is room for that`);
    return because(
      draft,
      `${why}: with ${100 * besides[runtime]} % of the heap for the rest ${size(least)} at the least; for less, lower the cap first`,
      { limit: atLeast(draft.limit, least) },
    );
  }
  if (heap.share === undefined) return draft;
  const percent = `${Math.round(heap.share * 100)} %`;
  const why = `the heap of this ${runtime} takes up to ${percent} of the limit (${by ?? 'as it does unless told otherwise'})`;
  if (limit === undefined || killedAtLately(demand, at).length > 0)
    return because(draft, `${why}: a cap in bytes makes its need known`);
  return because(
    draft,
    `${why}: what it uses follows the limit, so the limit of ${size(limit)} is left as it is; a cap in bytes makes its need known`,
    { limit: held(draft.limit, limit) },
  );
}
