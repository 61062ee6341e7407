/** Days that are all alike: what came each day is what will come. */
import { formatRounded as size } from '../model/bytes.ts';
import { daySeconds } from '../model/time.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import { bytesOf } from '../usage/log-histogram.ts';
import { ceilingOfDays } from './ceiling.ts';
import { because, held, type Proposal, span } from './proposal.ts';

/** The last so many days before today must have come to nearly the most of all, */
const daysAlike = 7;
const alike = 0.1;
/** or the three largest so nearly to the same that far more is expected that much less often: they are within 3 %. */
const farMoreAtMost = 0.43;
const enough = 1.25;
/** An hour three weeks ago still has so much weight: longer ago than days are kept. */
const leastWeight = 0.1;

export function applySteadyDays(proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal {
  const largest = aggregate.largest(at);
  const lowest = lowestAlike(aggregate, largest, at);
  const cap = enough * Math.max(largest, largestHour(aggregate, at));
  if (lowest === undefined || cap >= proposal.limit.target) return proposal;
  return because(
    proposal,
    `${lowest.of} came to ${span(lowest.peak, largest)}: a quarter above is enough, ${size(cap)}`,
    { limit: held(proposal.limit, cap) },
  );
}

function largestHour({ hours }: UsageAggregate, at: number): number {
  const { first, weights } = hours.at(at);
  // All in a step is more than the end of the one below.
  return bytesOf(first + weights.findLastIndex((weight) => weight >= leastWeight) - 1);
}

function lowestAlike(
  aggregate: UsageAggregate,
  largest: number,
  at: number,
): { readonly of: string; readonly peak: number } | undefined {
  const today = Math.floor(at / daySeconds);
  const before = [...aggregate.days].filter(([day]) => day < today).sort(([a], [b]) => b - a);
  const latest = before.slice(0, daysAlike).map(([, { peak }]) => peak);
  const least = Math.min(...latest);
  if (latest.length === daysAlike && largest - least <= alike * largest)
    return { of: `each of the last ${daysAlike} days`, peak: least };
  const { lowest, farMore } = ceilingOfDays(aggregate, at) ?? { lowest: 0, farMore: 1 };
  return farMore <= farMoreAtMost ? { of: 'each of its three largest days', peak: lowest } : undefined;
}
