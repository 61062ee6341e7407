/** Two records of one node, or of one lifetime, which may cover the same past. It counts once. Times in seconds. */
import { halfLifeDays, neededBeyond, type UsageAggregate } from './aggregate.ts';
import { killKey, timesOf } from './aggregate-entries.ts';
import { LeakDetector } from './leak-detector.ts';
import type { LifetimeState } from './lifetime.ts';
import { LogHistogram, weightAt } from './log-histogram.ts';
import { highestOf, OpenWindows } from './open-windows.ts';

/**
 * Merges another record of the same node, which may cover the same past. The record with more weight counts whole. Of the
 * other, only the time before and after the first one counts. So a record merged with itself stays the same, and a record
 * merged with its own continuation is the continuation.
 */
export function reconcileAggregates(own: UsageAggregate, other: UsageAggregate): void {
  const [more, less] = comesFirst(own, other) ? [own, other] : [other, own];
  const share = shareBeyond(less, more);
  const [hours, usage] = [new LogHistogram(halfLifeDays), new LogHistogram(halfLifeDays)];
  hours.merge(more.hours);
  usage.merge(more.usage);
  hours.merge(less.hours, share);
  usage.merge(less.usage, share);
  const known = new Map(more.kills.map((kill) => [killKey(kill), kill]));
  let both = 0;
  let news = 0;
  for (const kill of less.kills) {
    const same = known.get(killKey(kill));
    if (same === undefined) {
      if (kill.at < more.observedFrom || kill.at > more.observedUntil) news += timesOf(kill);
      continue;
    }
    both += Math.min(timesOf(same), timesOf(kill));
    if (share === 1 && kill.limit !== undefined) hours.takeBack(kill.limit * neededBeyond, kill.at);
  }
  const killCount =
    share === 1 ? more.killCount + less.killCount - both : Math.max(less.killCount, more.killCount + news);
  const { running } = more.observedUntil >= less.observedUntil ? more : less;
  own.merge(other);
  own.hours.clear();
  own.usage.clear();
  own.hours.merge(hours);
  own.usage.merge(usage);
  own.killCount = killCount;
  own.running = running;
}

/** Whether `a` is the record with more weight. The result does not depend on the order of the two. */
function comesFirst(a: UsageAggregate, b: UsageAggregate): boolean {
  const at = Math.max(a.lastAt, b.lastAt);
  const order =
    a.hours.totalAt(at) - b.hours.totalAt(at) ||
    b.observedFrom - a.observedFrom ||
    a.observedUntil - b.observedUntil;
  return order >= 0;
}

/** Share of the weight of `one` from the time that `other` does not cover. */
function shareBeyond(one: UsageAggregate, other: UsageAggregate): number {
  const [from, until] = [one.observedFrom, one.observedUntil];
  if (until < other.observedFrom || from > other.observedUntil) return 1;
  const all = weightBetween(from, until);
  const before = weightBetween(from, Math.min(until, other.observedFrom));
  const after = weightBetween(Math.max(from, other.observedUntil), until);
  return all > 0 ? Math.min(1, (before + after) / all) : 0;
}

/** Weight of continuous observation. */
const weightBetween = (from: number, to: number): number =>
  to > from ? weightAt(to, halfLifeDays) - weightAt(from, halfLifeDays) : 0;

/**
 * Merges two records of one lifetime. If the later one continued from the earlier one, the later one counts. If it began
 * without the earlier one, the earlier open windows close, or continue if they belong to the same hour.
 * @param aggregate gets the windows that close
 */
export function reconcileLifetimes(
  a: LifetimeState,
  b: LifetimeState,
  aggregate: UsageAggregate,
): LifetimeState {
  const observedAt = ({ since, fiveStart = since }: LifetimeState): number => fiveStart;
  const [earlier, later] = observedAt(a) <= observedAt(b) ? [a, b] : [b, a];
  const both = {
    ...later,
    since: Math.min(a.since, b.since),
    ...outermost(Math.max, 'peak', a, b),
  };
  if (!(later.since > observedAt(earlier))) return both;
  const leakDetector = new LeakDetector(earlier.leakDetector);
  const { span, start, values } = new LeakDetector(later.leakDetector).state;
  for (const [index, value] of values.entries()) leakDetector.add(value, start + index * span);
  const whole = leakDetector.state.values.length === 0 ? both : { ...both, leakDetector: leakDetector.state };
  if (earlier.hourStart === undefined || earlier.hourStart !== later.hourStart) {
    new OpenWindows(earlier).closeInto(aggregate, earlier.since);
    return whole;
  }
  return {
    ...whole,
    ...outermost(Math.max, 'hourPeak', { ...earlier, hourPeak: highestOf(earlier) }, later),
    ...outermost(Math.min, 'hourLeast', earlier, later),
    ...outermost(Math.min, 'cacheLeast', earlier, later),
    ...outermost(Math.min, 'dayCache', earlier, later),
    ...outermost(Math.min, 'unsortedLeast', earlier, later),
    ...outermost(Math.min, 'dayUnsorted', earlier, later),
    // The total at the start of the hour: the later record has only that of its first sample.
    ...outermost(Math.min, 'refaulted', earlier, later),
  };
}

type Sized =
  | 'peak'
  | 'hourPeak'
  | 'hourLeast'
  | 'cacheLeast'
  | 'dayCache'
  | 'unsortedLeast'
  | 'dayUnsorted'
  | 'refaulted';

const outermost = (
  most: (...values: number[]) => number,
  field: Sized,
  a: { readonly [name in Sized]?: number | undefined },
  b: { readonly [name in Sized]?: number | undefined },
): { readonly [name in Sized]?: number } => {
  const values = [a[field], b[field]].filter((value) => value !== undefined);
  return values.length === 0 ? {} : { [field]: most(...values) };
};
