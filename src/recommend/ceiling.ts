/**
 * A ceiling: the largest days are alike, or a tenth of the hours came near the largest. Something may cap the container there: a
 * heap's cap, a pool, a cache of fixed size. Much larger peaks are then less likely.
 */

import { daySeconds } from '../model/time.ts';
import { neededBeyond, type UsageAggregate } from '../usage/aggregate.ts';
import { sizeStep } from '../usage/log-histogram.ts';

/** A ceiling of days: 3 whole days came within 7 % of the largest (`within` is a difference of natural logarithms). */
const ofDays = { count: 3, within: 0.07 };
/** A ceiling of hours: a tenth of at least 24 hours came within 20 % of the largest. */
const ofHours = { share: 0.1, within: 0.2, least: 24 };
const leastFarMore = 0.1;
/** Smaller peaks are too small to compare. */
const leastBytes = 2 ** 20;

export interface Ceiling {
  readonly of: 'days' | 'hours';
  /** Bytes that each of those days or hours reached at least. */
  readonly lowest: number;
  /** Factor on the expected rate of much larger peaks: 0.1 to 1, where 1 is the rate for days or hours that vary. */
  readonly farMore: number;
}

/** The stronger ceiling of days and hours. Undefined: they vary, the history is too short, or the container's own limit may be the cap. */
export function ceilingOf(aggregate: UsageAggregate, at: number): Ceiling | undefined {
  const found = [ceilingOfDays, ceilingOfHours].flatMap((one) => one(aggregate, at) ?? []);
  return found.sort((a, b) => a.farMore - b.farMore)[0];
}

/** Counts only days observed from beginning to end. */
export function ceilingOfDays(aggregate: UsageAggregate, at: number): Ceiling | undefined {
  const today = Math.floor(at / daySeconds);
  const whole = aggregate
    .lastDayEntries(at)
    .flatMap(([day, { peak }]) => (day < today && day * daySeconds >= aggregate.since ? [peak] : []));
  const lowest = whole.sort((a, b) => b - a)[ofDays.count - 1] ?? 0;
  return ceilingAt({ of: 'days', lowest }, ofDays.within, aggregate, at);
}

function ceilingOfHours(aggregate: UsageAggregate, at: number): Ceiling | undefined {
  // Many replicas collect 24 container-hours within an hour, but each of them has only started.
  if (aggregate.hours.totalAt(at) < ofHours.least || at - aggregate.since < daySeconds) return undefined;
  // A bucket's upper end is above the values in it.
  const lowest = (aggregate.hours.percentile(1 - ofHours.share) ?? 0) * Math.exp(-sizeStep);
  return ceilingAt({ of: 'hours', lowest }, ofHours.within, aggregate, at);
}

function ceilingAt(
  { of, lowest }: Pick<Ceiling, 'of' | 'lowest'>,
  within: number,
  aggregate: UsageAggregate,
  at: number,
): Ceiling | undefined {
  // Negative where the hours remember a larger peak than the 14 days that are kept.
  const farMore = Math.log(aggregate.largest(at) / lowest) / within;
  const isNear = farMore >= 0 && farMore < 1;
  if (lowest < leastBytes || aggregate.leaks.length > 0 || !isNear) return undefined;
  const wasLimited = aggregate
    .lastDayEntries(at)
    .some(
      ([day, { peak, atLimit = 0, throttled = 0 }]) =>
        peak >= lowest &&
        (Math.max(atLimit, throttled) * neededBeyond >= peak ||
          aggregate.kills.some((kill) => Math.floor(kill.at / daySeconds) === day)),
    );
  return wasLimited ? undefined : { of, lowest, farMore: Math.max(leastFarMore, farMore) };
}
