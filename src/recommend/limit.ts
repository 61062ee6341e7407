/**
 * Usage aggregate → the limit with the lowest cost: unused share of the limit plus expected OOM kills × price of a kill.
 * Sizes are logarithms in here, because only ratios matter.
 */
import type { UsageAggregate } from '../usage/aggregate.ts';
import { bytesOf, sizeStep } from '../usage/log-histogram.ts';
import type { Steps } from '../usage/packed/weights.ts';
import { type Ceiling, ceilingOf } from './ceiling.ts';

/** One kill costs as much as this many days of an entirely unused limit. */
export const usualPrice = 3;

/**
 * New maxima: peaks above the largest observed one. The rate of new maxima depends only on how long we have observed.
 * `near`: within another period as long as the history, a new maximum comes with probability 0.3. It is 10 % higher on
 * average (exponential). `far`: with probability 0.2 a much larger one comes, up to some three times the largest (half of a normal
 * curve). Its rate never exceeds that of a three-day history. The spread of a container's peaks does not predict which container
 * gets one, so the constants are the same for all. The one exception is a ceiling (ceiling.ts), which lowers the rate of `far`.
 */
const beyond = { near: { times: 0.3, scale: 0.1 }, far: { times: 0.2, scale: 0.5, leastDays: 3 } };
/** An hour's peak would vary if the hour came again: by 2 % plus a tenth of the peaks' spread. */
const blur = { least: 0.02, share: 0.1 };
const usedShare = 0.95;
/** Search range of the limit: from this far below the used size to this far above the largest. */
const room = { below: 0.3, above: 1.5 };

/** The consequences of each possible limit of a container. Bytes. */
export interface Outlook {
  /** p95 of the 5-minute peaks. */
  readonly used: number;
  readonly ceiling: Ceiling | undefined;
  /** The limit with the lowest cost. @param price of a kill, in days of an unused limit */
  best(price: number): number;
  at(limit: number): Consequence;
}

export interface Consequence {
  /** Share of the limit above the p95 of the 5-minute peaks. */
  readonly unused: number;
  readonly killsPerDay: number;
}

/** The limit with the lowest cost; undefined without history. @param hours the expected frequency of each peak */
export const bestLimit = (
  aggregate: UsageAggregate,
  at: number,
  price = usualPrice,
  hours?: Steps,
): number | undefined => outlookOf(aggregate, at, hours)?.best(price);

/** Undefined without history. */
export function outlookOf(
  aggregate: UsageAggregate,
  at: number,
  { first, weights }: Steps = aggregate.hours.at(at),
): Outlook | undefined {
  const { hours, usage } = aggregate;
  const p95 = usage.percentile(usedShare);
  if (p95 === undefined || weights.length === 0) return undefined;
  const seen = aggregate.largest(at);
  // A bucket's upper end is above the values in it.
  const used = seen < p95 && p95 <= seen * Math.exp(sizeStep) ? seen : p95;
  // The p95 may come from days older than the 14 days that are kept.
  const largest = Math.max(seen, used);
  const days = hours.totalAt(at) / 24;
  // From here on sizes are bucket indexes, relative to `first`.
  const u = Math.log(used / bytesOf(first)) / sizeStep;
  // A container that used nothing counts as the smallest bucket.
  const most = Math.max(0, Math.log(largest / bytesOf(first)) / sizeStep);
  const ceiling = ceilingOf(aggregate, at);
  const spread = sizeStep * spreadOf(weights, u - room.below / sizeStep);
  const { reach, exceeds } = chances(blur.least + blur.share * spread);
  const peaks = filled(weights);
  const killsAt = (limit: number): number => {
    let hoursAbove = 0;
    // Peaks further below the limit do not exceed it.
    for (const { index, weight } of peaks)
      if (index >= limit - reach) hoursAbove += weight * exceeds(index - limit);
    return hoursAbove / days + killsBeyond(sizeStep * Math.max(0, limit - most), days, ceiling?.farMore);
  };
  const unusedAt = (limit: number): number => 1 - Math.exp(sizeStep * (u - limit));
  return {
    used,
    ceiling,
    best(price) {
      let best = { limit: most, cost: Number.POSITIVE_INFINITY };
      const [from, to] = [Math.floor(u - room.below / sizeStep), Math.ceil(most + room.above / sizeStep)];
      for (let limit = from; limit <= to; limit++) {
        const cost = unusedAt(limit) + price * killsAt(limit);
        if (cost < best.cost) best = { limit, cost };
      }
      return bytesOf(first + best.limit);
    },
    at(limit) {
      // Rounded down, since the table of probabilities holds whole buckets: the rate is not understated.
      const steps = Math.floor(Math.log(limit / bytesOf(first)) / sizeStep + 1e-6);
      return { unused: unusedAt(steps), killsPerDay: killsAt(steps) };
    },
  };
}

/** The buckets that are not empty, which are few: one limit after another is compared with each of them. */
function filled(weights: readonly number[]): readonly { readonly index: number; readonly weight: number }[] {
  const found: { index: number; weight: number }[] = [];
  for (const [index, weight] of weights.entries()) if (weight > 0) found.push({ index, weight });
  return found;
}

/** Expected kills per day by new maxima. @param above ln(limit ÷ largest) @param days length of the history */
function killsBeyond(above: number, days: number, farMore = 1): number {
  const { near, far } = beyond;
  return (
    (near.times * Math.exp(-above / near.scale)) / days +
    (farMore * far.times * Math.exp(-((above / far.scale) ** 2) / 2)) / Math.max(days, far.leastDays)
  );
}

/** After a kill at its limit a container wants more. How much more is unknown, so these constants bound it. */
const afterKill = { least: Math.log(1.15), most: 1.5, again: 0.1, scale: 0.3 };

/** The limit right after a kill at `limit`. It rises further the less of the limit is used, and the more a kill costs. */
export function limitAfterKill(
  { usage }: Pick<UsageAggregate, 'usage'>,
  limit: number,
  price = usualPrice,
): number {
  const { least, most, again, scale } = afterKill;
  const unused = Math.log(limit / (usage.percentile(usedShare) ?? limit));
  const more = (Math.log((again * price) / scale) + unused) / (1 / scale - 1);
  return limit * Math.exp(Math.min(most, Math.max(least, more)));
}

/** Half the distance from the 16th to the 84th percentile, in buckets. Indexes below `least` count as `least`: idle hours say nothing about peaks. */
function spreadOf(weights: readonly number[], least: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const at = (share: number): number => {
    let reached = 0;
    return weights.findIndex((weight) => {
      reached += weight;
      return reached >= share * total;
    });
  };
  return Math.max(0, at(0.84) - Math.max(least, at(0.16))) / 2;
}

/** Probability that a peak exceeds the limit, by its distance above the limit in buckets: a half at 0. A table, because the search calls it often. */
function chances(width: number): {
  /** Probability 0 below −reach, 1 above reach. */
  readonly reach: number;
  readonly exceeds: (steps: number) => number;
} {
  const reach = Math.ceil((12 * width) / sizeStep);
  const table = Float64Array.from({ length: 2 * reach + 1 }, (_, index) => {
    return 1 / (1 + Math.exp((-(index - reach) * sizeStep) / width));
  });
  return {
    reach,
    exceeds: (steps) => (steps > reach ? 1 : steps < -reach ? 0 : (table[steps + reach] ?? 0)),
  };
}
