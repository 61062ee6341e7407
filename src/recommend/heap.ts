/** Runtimes that fill their heap up to its cap: their usage shows the cap, not the need. */
import { formatRounded as size } from '../model/bytes.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import { killedAtLately } from './kills.ts';
import { atLeast, fixedAt, type Proposal, withReason } from './proposal.ts';

/** Threads, code and buffers beside the heap, as a share of it. GOMEMLIMIT includes nearly all of them. */
const besides = { JVM: 0.25, 'Node.js': 0.2, '.NET': 0.2, Go: 0.1 } as const;

export function applyHeapCap(proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal {
  const { heap, limit } = aggregate.setting ?? {};
  if (heap === undefined) return proposal;
  if (heap.runtime === 'unknown') {
    if (limit === undefined) return proposal;
    return withReason(
      proposal,
      `Limit at least ${size(limit)}, as now: realmem could not read whether its flags cap a heap`,
      { limit: atLeast(proposal.limit, limit) },
    );
  }
  const { runtime, by } = heap;
  if (heap.bytes !== undefined) {
    const { besideBytes } = heap;
    const least = heap.bytes * (1 + besides[runtime]) + (besideBytes ?? 0);
    const direct = besideBytes === undefined ? '' : `, and its direct memory to ${size(besideBytes)}`;
    const why = `${by} lets the heap of this ${runtime} grow to ${size(heap.bytes)}${direct}`;
    if (proposal.limit.target >= least) return withReason(proposal, `${why}: the limit has room for that`);
    return withReason(
      proposal,
      `${why}: limit at least ${size(least)}, with ${100 * besides[runtime]} % of the heap on top for the rest. For a lower limit, lower the cap first.`,
      { limit: atLeast(proposal.limit, least) },
    );
  }
  if (heap.share === undefined) return proposal;
  const percent = `${Math.round(heap.share * 100)} %`;
  const why = `The heap of this ${runtime} takes up to ${percent} of the limit (${by ?? "the runtime's default"})`;
  const advice = 'Set a cap in bytes to make the need measurable.';
  if (limit === undefined || killedAtLately(aggregate, at).length > 0)
    return withReason(proposal, `${why}. ${advice}`);
  return withReason(
    proposal,
    `${why}: its usage follows the limit, so the limit stays at ${size(limit)}. ${advice}`,
    { limit: fixedAt(proposal.limit, limit) },
  );
}
