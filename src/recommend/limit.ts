/**
 * What a container needed → the limit that costs least, where what is set aside and not used costs, and being killed does.
 * Sizes are logarithms in here: all that matters is what is how many times what.
 */
import type { UsageAggregate } from '../usage/aggregate.ts';
import { bytesOf, type Steps, sizeStep } from '../usage/log-histogram.ts';
import { type Ceiling, ceilingOf } from './ceiling.ts';

/** One kill costs as much as so many days of the whole limit, unused. */
export const usualPrice = 3;

/**
 * What is more than was ever seen. In as long a time as was watched it comes three times of ten by a tenth on average, the more,
 * the less often; and two times of ten by far more, up to some three times as much, but no oftener than if it had been watched for
 * three days. That is the same for all, since how much a container's peaks spread does not tell which one will; but for those whose
 * days or hours are alike (ceiling.ts).
 */
const beyond = { near: { times: 0.3, scale: 0.1 }, far: { times: 0.2, scale: 0.5, leastDays: 3 } };
/** An hour's peak could as well have been a little other: a fiftieth, and a tenth of how much peaks spread. */
const blur = { least: 0.02, share: 0.1 };
const usedShare = 0.95;
/** The limit is sought from there below what is used to there above the largest. */
const room = { below: 0.3, above: 1.5 };

/** What any limit would mean for a container. Bytes. */
export interface Outlook {
  /** 95 % of all five minutes stayed within. */
  readonly used: number;
  readonly ceiling: Ceiling | undefined;
  /** The limit that costs least. @param price of a kill, in days of the whole limit */
  best(price: number): number;
  at(limit: number): Consequence;
}

export interface Consequence {
  /** Of the limit, by what is used nearly all the time. */
  readonly unused: number;
  readonly killsPerDay: number;
}

/** The limit that costs least; undefined where nothing was seen. @param hours how often which peak is expected */
export const limitOf = (
  aggregate: UsageAggregate,
  at: number,
  price = usualPrice,
  hours?: Steps,
): number | undefined => outlookOf(aggregate, at, hours)?.best(price);

/** Undefined where nothing was seen. */
export function outlookOf(
  aggregate: UsageAggregate,
  at: number,
  { first, weights }: Steps = aggregate.hours.at(at),
): Outlook | undefined {
  const { hours, usage } = aggregate;
  const usual = usage.percentile(usedShare);
  if (usual === undefined || weights.length === 0) return undefined;
  const seen = aggregate.largest(at);
  // A step ends above what is in it.
  const used = seen < usual && usual <= seen * Math.exp(sizeStep) ? seen : usual;
  // What is usual by weight may be longer ago than any day that is kept.
  const largest = Math.max(seen, used);
  const days = hours.totalAt(at) / 24;
  // In steps of size from here on.
  const u = Math.log(used / bytesOf(first)) / sizeStep;
  // Nothing at all counts as the smallest step.
  const most = Math.max(0, Math.log(largest / bytesOf(first)) / sizeStep);
  const ceiling = ceilingOf(aggregate, at);
  const spread = sizeStep * spreadOf(weights, u - room.below / sizeStep);
  const exceeds = chances(blur.least + blur.share * spread);
  const killsAt = (limit: number): number => {
    let hoursAbove = 0;
    for (let index = 0; index < weights.length; index++)
      hoursAbove += (weights[index] ?? 0) * exceeds(index - limit);
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
      // Not more than it is: chances are known for whole steps.
      const steps = Math.floor(Math.log(limit / bytesOf(first)) / sizeStep + 1e-6);
      return { unused: unusedAt(steps), killsPerDay: killsAt(steps) };
    },
  };
}

/** A day. @param above the largest that was seen: a logarithm @param days it was watched for */
function killsBeyond(above: number, days: number, farMore = 1): number {
  const { near, far } = beyond;
  return (
    (near.times * Math.exp(-above / near.scale)) / days +
    (farMore * far.times * Math.exp(-((above / far.scale) ** 2) / 2)) / Math.max(days, far.leastDays)
  );
}

/** What is known once it was killed at a limit: it wants more, and how much more nobody knows. */
const afterKill = { least: Math.log(1.15), most: 1.5, again: 0.1, scale: 0.3 };

/** The limit right after a kill at `limit`: the higher, the less of it is used, and the dearer a kill. */
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

/** Half of what the middle two thirds of the weight span, in steps. How far down hours of little use go says nothing of peaks. */
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

/** How likely it is that a peak so many steps above the limit is above it: a half at 0. By a table, since it is asked often. */
function chances(width: number): (steps: number) => number {
  const reach = Math.ceil((12 * width) / sizeStep);
  const table = Float64Array.from({ length: 2 * reach + 1 }, (_, index) => {
    return 1 / (1 + Math.exp((-(index - reach) * sizeStep) / width));
  });
  return (steps) => (steps > reach ? 1 : steps < -reach ? 0 : (table[steps + reach] ?? 0));
}
