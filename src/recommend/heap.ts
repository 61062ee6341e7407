/** Runtimes that fill what they are allowed: what they use tells their cap, not their need. */
import { formatRounded as size } from '../model/bytes.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import { killedAtLately } from './kills.ts';
import { atLeast, because, held, type Proposal } from './proposal.ts';

/** Beside the heap: threads, code, buffers. Go's limit counts nearly all of it. */
const besides = { JVM: 0.25, 'Node.js': 0.2, '.NET': 0.2, Go: 0.1 } as const;

export function applyHeapCap(proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal {
  const { heap, limit } = aggregate.setting ?? {};
  if (heap === undefined) return proposal;
  if (heap.runtime === 'unknown') {
    const why = 'whether its flags cap a heap is not known';
    if (limit === undefined) return proposal;
    return because(proposal, `${why}, so the limit does not go below ${size(limit)}`, {
      limit: atLeast(proposal.limit, limit),
    });
  }
  const { runtime, by } = heap;
  if (heap.bytes !== undefined) {
    const { besideBytes } = heap;
    const least = heap.bytes * (1 + besides[runtime]) + (besideBytes ?? 0);
    const direct = besideBytes === undefined ? '' : `, and its direct memory to ${size(besideBytes)}`;
    const why = `${by} lets the heap of this ${runtime} grow to ${size(heap.bytes)}${direct}`;
    if (proposal.limit.target >= least) return because(proposal, `${why}: there is room for that`);
    return because(
      proposal,
      `${why}: with ${100 * besides[runtime]} % of the heap for the rest ${size(least)} at the least; for less, lower the cap first`,
      { limit: atLeast(proposal.limit, least) },
    );
  }
  if (heap.share === undefined) return proposal;
  const percent = `${Math.round(heap.share * 100)} %`;
  const why = `the heap of this ${runtime} takes up to ${percent} of the limit (${by ?? 'as it does unless told otherwise'})`;
  if (limit === undefined || killedAtLately(aggregate, at).length > 0)
    return because(proposal, `${why}: a cap in bytes makes its need known`);
  return because(
    proposal,
    `${why}: what it uses follows the limit, so the limit of ${size(limit)} is left as it is; a cap in bytes makes its need known`,
    { limit: held(proposal.limit, limit) },
  );
}
