/** Steady days: where all days peak alike, the next ones will too, and less headroom is enough. */
import { formatRounded as size } from '../model/bytes.ts';
import { daySeconds } from '../model/time.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import { bytesOf } from '../usage/log-histogram.ts';
import { ceilingOfDays } from './ceiling.ts';
import { fixedAt, type Proposal, span, wholeMiB, withReason } from './proposal.ts';

/** Either each of the last 7 days before today came within a tenth of the largest, */
const daysAlike = 7;
const alike = 0.1;
/** or the ceiling of the three largest days has at most this `farMore`: they are within 3 %. */
const farMoreAtMost = 0.43;
const headroom = 1.25;
/** Weight of an hour three weeks ago. Hours remember longer than the 14 days that are kept. */
const leastWeight = 0.1;

export function applySteadyDays(proposal: Proposal, aggregate: UsageAggregate, at: number): Proposal {
  const largest = aggregate.largest(at);
  const lowest = lowestAlike(aggregate, largest, at);
  const cap = headroom * Math.max(largest, largestHour(aggregate, at));
  if (lowest === undefined || cap >= proposal.limit.target) return proposal;
  return withReason(
    proposal,
    `Limit ${size(wholeMiB(cap))}: ${lowest.of} reached ${span(lowest.peak, largest)}, so 25 % on top is enough`,
    { limit: fixedAt(proposal.limit, cap) },
  );
}

function largestHour({ hours }: UsageAggregate, at: number): number {
  const { first, weights } = hours.at(at);
  // The lower end of the bucket, which is the upper end of the one below.
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
