/**
 * Where its largest days came to the same, or a tenth of its hours came near the largest, something may hold a container there:
 * a heap's cap, a pool, a cache of fixed size.
 */

import { daySeconds } from '../model/time.ts';
import { neededBeyond, type UsageAggregate } from '../usage/aggregate.ts';
import { sizeStep } from '../usage/log-histogram.ts';

/** So many whole days came within 7 % of the largest, */
const ofDays = { count: 3, within: 0.07 };
/** or such a share of the hours of a day and more within 20 %. Logarithms of sizes. */
const ofHours = { share: 0.1, within: 0.2, least: 24 };
const leastFarMore = 0.1;
/** What is smaller is not weighed. */
const leastBytes = 2 ** 20;

export interface Ceiling {
  readonly of: 'days' | 'hours';
  /** Each of those came at least to that. */
  readonly lowest: number;
  /** How often far more than was ever seen is expected, of how often where they differ: from a tenth up. */
  readonly farMore: number;
}

/** The one that tells more. Undefined where they differ, where too little was watched, and where its own limit may be what held it. */
export function ceilingOf(aggregate: UsageAggregate, at: number): Ceiling | undefined {
  const found = [ceilingOfDays, ceilingOfHours].flatMap((one) => one(aggregate, at) ?? []);
  return found.sort((a, b) => a.farMore - b.farMore)[0];
}

/** Of days that were watched from beginning to end. */
export function ceilingOfDays(aggregate: UsageAggregate, at: number): Ceiling | undefined {
  const today = Math.floor(at / daySeconds);
  const whole = aggregate
    .lastDayEntries(at)
    .flatMap(([day, { peak }]) => (day < today && day * daySeconds >= aggregate.since ? [peak] : []));
  const lowest = whole.sort((a, b) => b - a)[ofDays.count - 1] ?? 0;
  return ceilingAt({ of: 'days', lowest }, ofDays.within, aggregate, at);
}

function ceilingOfHours(aggregate: UsageAggregate, at: number): Ceiling | undefined {
  // Many replicas have seen a day within an hour, and each of them no more than its start.
  if (aggregate.hours.totalAt(at) < ofHours.least || at - aggregate.since < daySeconds) return undefined;
  // A step ends above what is in it.
  const lowest = (aggregate.hours.percentile(1 - ofHours.share) ?? 0) * Math.exp(-sizeStep);
  return ceilingAt({ of: 'hours', lowest }, ofHours.within, aggregate, at);
}

function ceilingAt(
  { of, lowest }: Pick<Ceiling, 'of' | 'lowest'>,
  within: number,
  aggregate: UsageAggregate,
  at: number,
): Ceiling | undefined {
  // Below zero where hours had more longer ago than days are kept.
  const farMore = Math.log(aggregate.largest(at) / lowest) / within;
  const isNear = farMore >= 0 && farMore < 1;
  if (lowest < leastBytes || aggregate.leaks.length > 0 || !isNear) return undefined;
  const wasHeld = aggregate
    .lastDayEntries(at)
    .some(
      ([day, { peak, atLimit = 0, throttled = 0 }]) =>
        peak >= lowest &&
        (Math.max(atLimit, throttled) * neededBeyond >= peak ||
          aggregate.kills.some((kill) => Math.floor(kill.at / daySeconds) === day)),
    );
  return wasHeld ? undefined : { of, lowest, farMore: Math.max(leastFarMore, farMore) };
}
