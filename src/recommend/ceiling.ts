/** Where its largest days came to the same, something may hold a container there: a heap's cap, a pool, a cache of fixed size. */
import { type Demand, daySeconds, neededBeyond } from '../model/demand.ts';

const daysAlike = 3;
/** As logarithms of sizes. */
const within = 0.07;
const least = 0.1;
/** What is smaller is not weighed. */
const leastBytes = 2 ** 20;

export interface Ceiling {
  /** It came at least to that on each of the days. */
  readonly lowest: number;
  /** How often far more than was ever seen is expected, of how often where days differ: from a tenth up. */
  readonly farMore: number;
}

/** Undefined where days differ, where too few were watched from beginning to end, and where its own limit may be what held it. */
export function ceilingOf(demand: Demand, at: number): Ceiling | undefined {
  const { since, kills, leaks } = demand;
  const today = Math.floor(at / daySeconds);
  const recent = demand.lastDayEntries(at);
  const whole = recent.flatMap(([day, { peak }]) => (day < today && day * daySeconds >= since ? [peak] : []));
  const lowest = whole.sort((a, b) => b - a)[daysAlike - 1] ?? 0;
  const wasHeld = recent.some(
    ([day, { peak, atLimit = 0 }]) =>
      peak >= lowest &&
      (atLimit * neededBeyond >= peak || kills.some((kill) => Math.floor(kill.at / daySeconds) === day)),
  );
  const farMore = Math.log(demand.largest(at) / lowest) / within;
  if (lowest < leastBytes || wasHeld || leaks.length > 0 || farMore >= 1) return undefined;
  return { lowest, farMore: Math.max(least, farMore) };
}
