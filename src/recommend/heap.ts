/** Runtimes that fill what they are allowed: what they use tells their cap, not their need. */
import type { Demand } from '../model/demand.ts';
import { atLeast, type Draft, held, size } from './draft.ts';

/** Beside the heap: threads, code, buffers. Go's limit counts nearly all of it. */
const besides = { JVM: 0.25, 'Node.js': 0.2, '.NET': 0.2, Go: 0.1 } as const;

export function heedHeap(draft: Draft, { setting }: Demand, wasKilled: boolean): Draft {
  const { heap, limit } = setting ?? {};
  if (heap === undefined) return draft;
  const { runtime, by } = heap;
  if (heap.bytes !== undefined) {
    const least = heap.bytes * (1 + besides[runtime]);
    const why = `${by} lets the heap of this ${runtime} grow to ${size(heap.bytes)}`;
    if (draft.limit.target >= least)
      return { ...draft, because: [...draft.because, `${why}: there is room for that`] };
    return {
      ...draft,
      limit: atLeast(draft.limit, least),
      because: [
        ...draft.because,
        `${why}: with ${100 * besides[runtime]} % beside it ${size(least)} at the least; for less, lower the cap first`,
      ],
    };
  }
  if (heap.share === undefined) return draft;
  const percent = `${Math.round(heap.share * 100)} %`;
  const why = `the heap of this ${runtime} takes up to ${percent} of the limit (${by ?? 'as it does unless told otherwise'})`;
  if (limit === undefined || wasKilled)
    return { ...draft, because: [...draft.because, `${why}: a cap in bytes makes its need known`] };
  return {
    ...draft,
    limit: held(draft.limit, limit),
    because: [
      ...draft.because,
      `${why}: what it uses follows the limit, so the limit of ${size(limit)} is left as it is; a cap in bytes makes its need known`,
    ],
  };
}
