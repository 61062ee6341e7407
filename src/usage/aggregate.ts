/**
 * What the containers of one name in one workload needed: enough to size them, small enough to send, and such that what
 * several nodes keep of it adds up to what one would have kept. Times are seconds since 1970, memory is in bytes.
 */

import type { Setting } from '../model/container-key.ts';
import type { Leak } from '../model/recommendation.ts';
import { daySeconds } from '../model/time.ts';
import { type Day, Days } from './days.ts';
import { LogHistogram, weightAt } from './log-histogram.ts';

export interface Replica {
  readonly pod: string;
  readonly peak: number;
  /** When it was last seen. */
  readonly at: number;
}

export interface Kill {
  readonly pod: string;
  /** Of the lifetime that it ended, or in which it ended a process: the ID of the container. */
  readonly lifetime: string;
  readonly at: number;
  /** Its own, where it was killed at that. Absent: its pod or the node was short of memory, and its own limit says nothing. */
  readonly limit?: number;
  /** How many kills of that lifetime, by the same. Absent: 1. */
  readonly times?: number;
}

const halfLifeDays = 7;
const daysKept = 14;
const hoursPerDay = 24;

/** What is from before counts no more. @param at seconds since 1970, as the result */
export const oldestKept = (at: number): number => (Math.floor(at / daySeconds) - daysKept) * daySeconds;

/** Enough to tell one odd replica from two. */
const replicasKept = 3;
const killsKept = 8;
const leaksKept = 3;
/** What was killed at a limit needed more: so many times as much at the least. */
export const neededBeyond = 1.15;

export class UsageAggregate {
  /** The largest of each hour, of each container: each weighs an hour. */
  readonly hours = new LogHistogram(halfLifeDays);
  /** The largest of each five minutes. */
  readonly usage = new LogHistogram(halfLifeDays);
  /** By the number of days since 1970. */
  readonly days = new Days();
  /** Those with the highest peaks, highest first. */
  replicas: readonly Replica[] = [];
  /** The newest at a limit and the newest others, newest first: each lifetime once by either. */
  kills: readonly Kill[] = [];
  killCount = 0;
  /** The fastest first. */
  leaks: readonly Leak[] = [];
  setting: Setting | undefined;
  /** So many run now. */
  running = 0;
  since = Number.POSITIVE_INFINITY;
  lastAt = Number.NEGATIVE_INFINITY;
  /** From when to when an agent looked at it. The API tells of kills from before: `since` can be earlier. */
  observedFrom = Number.POSITIVE_INFINITY;
  observedUntil = Number.NEGATIVE_INFINITY;

  hour(peak: number, at: number): void {
    this.hours.add(peak, at);
    this.peak(peak, at);
  }

  /** A peak counts for its day before its hour is over. */
  peak(peak: number, at: number): void {
    this.days.note(dayOf(at), { peak });
    this.seen(at);
  }

  seen(at: number): void {
    this.since = Math.min(this.since, at);
    this.lastAt = Math.max(this.lastAt, at);
  }

  /** By an agent, at that time. */
  observed(at: number): void {
    this.seen(at);
    this.observedFrom = Math.min(this.observedFrom, at);
    this.observedUntil = Math.max(this.observedUntil, at);
  }

  /** What else is known of a day. */
  note(at: number, more: Omit<Day, 'peak'>): void {
    this.days.note(dayOf(at), { peak: 0, ...more });
  }

  replica(pod: string, peak: number, at: number): void {
    this.replicas = highest([...this.replicas, { pod, peak, at }]);
  }

  /** The caller tells of each kill once. */
  killed(kill: Kill): void {
    const times = timesOf(kill);
    const known = this.kills.find((one) => killKey(one) === killKey(kill));
    const all = times + (known === undefined ? 0 : timesOf(known));
    this.killCount += times;
    this.kills = newest([
      ...this.kills.filter((one) => one !== known),
      { ...kill, at: Math.max(kill.at, known?.at ?? kill.at), ...(all > 1 && { times: all }) },
    ]);
    this.seen(kill.at);
    if (kill.limit === undefined) return;
    // A lifetime weighs an hour each hour, however often something in it is killed.
    if (known !== undefined && hourOf(known) === hourOf(kill)) return;
    this.hour(kill.limit * neededBeyond, kill.at);
  }

  /** One that goes on began where it began. */
  leaking(leak: Leak): void {
    const known = this.leaks.find(({ pod, until }) => pod === leak.pod && until >= leak.since);
    const one =
      known === undefined || known.since > leak.since
        ? leak
        : { ...leak, since: known.since, from: known.from };
    this.leaks = fastest([...this.leaks.filter(({ pod }) => pod !== leak.pod), one]);
  }

  /** The last so many days, that of `at` among them, as far as something is known of them: their numbers, and what that is. */
  lastDayEntries(at: number, count = daysKept): readonly (readonly [number, Day])[] {
    const first = Math.floor(at / daySeconds) - count;
    return [...this.days].filter(([day]) => day > first);
  }

  lastDays(at: number, count = daysKept): readonly Day[] {
    return this.lastDayEntries(at, count).map(([, day]) => day);
  }

  /** The largest of each of the last so many days, largest first. */
  peaks(at: number, count = daysKept): readonly number[] {
    return this.lastDays(at, count)
      .map(({ peak }) => peak)
      .sort((a, b) => b - a);
  }

  largest(at: number, count = daysKept): number {
    return this.peaks(at, count)[0] ?? 0;
  }

  today(at: number): Day | undefined {
    return this.days.get(dayOf(at));
  }

  /** Takes in what another node, or an earlier lifetime of this one, has seen. */
  merge(other: UsageAggregate): void {
    this.hours.merge(other.hours);
    this.usage.merge(other.usage);
    this.days.merge(other.days);
    if (other.replicas.length > 0) this.replicas = highest([...this.replicas, ...other.replicas]);
    this.killCount += other.killCount;
    if (other.kills.length > 0) {
      const known = new Map(this.kills.map((kill) => [killKey(kill), kill]));
      for (const kill of other.kills) this.takeBack(kill, known.get(killKey(kill)));
      this.kills = newest([...this.kills, ...other.kills]);
    }
    if (other.leaks.length > 0) this.leaks = fastest([...this.leaks, ...other.leaks]);
    if (other.setting !== undefined && (this.setting === undefined || other.lastAt > this.lastAt))
      this.setting = other.setting;
    this.running += other.running;
    this.since = Math.min(this.since, other.since);
    this.lastAt = Math.max(this.lastAt, other.lastAt);
    this.observedFrom = Math.min(this.observedFrom, other.observedFrom);
    this.observedUntil = Math.max(this.observedUntil, other.observedUntil);
  }

  /** Days, kills and leaks that are too old to count any more. */
  forget(at: number): void {
    const seconds = oldestKept(at);
    for (const day of this.days.keys()) if (day * daySeconds < seconds) this.days.delete(day);
    this.kills = this.kills.filter((kill) => kill.at >= seconds);
    this.leaks = this.leaks.filter(({ until }) => until >= at - 2 * daySeconds);
    this.replicas = this.replicas.filter((replica) => replica.at >= at - daySeconds);
  }

  /**
   * The clock was ahead, and was set back: what is dated later is of now at the latest. Weights of hours that are dated
   * ahead are too large, and cannot be told from the others: where they would count for more than a half-lifetime too long,
   * what the days say takes their place, which asks for more rather than less.
   */
  forgetLater(at: number): void {
    if (this.lastAt <= at) return;
    const aheadSeconds = this.lastAt - at;
    const today = Math.floor(at / daySeconds);
    for (const [day, more] of [...this.days])
      if (day > today) {
        this.days.delete(day);
        this.days.note(today, more);
      }
    this.kills = this.kills.map((kill) => ({ ...kill, at: Math.min(kill.at, at) }));
    this.replicas = this.replicas.map((replica) => ({ ...replica, at: Math.min(replica.at, at) }));
    this.leaks = this.leaks.filter(({ until }) => until <= at);
    this.since = Math.min(this.since, at);
    this.lastAt = at;
    this.observedFrom = Math.min(this.observedFrom, at);
    this.observedUntil = Math.min(this.observedUntil, at);
    if (aheadSeconds <= halfLifeDays * daySeconds) return;
    this.hours.clear();
    this.usage.clear();
    for (const [day, { peak }] of this.days) {
      const noon = Math.min(at, (day + 0.5) * daySeconds);
      this.hours.add(peak, noon, hoursPerDay);
      this.usage.add(peak, noon, 12 * hoursPerDay);
    }
  }

  /**
   * Takes in another record of the same node, which may tell of the same past. The one with more to it counts whole; of
   * the other what it saw while the first had not begun yet, or was over. So a record twice is that record, and one with
   * what came after it is the latter.
   */
  reconcile(other: UsageAggregate): void {
    const [more, less] = comesFirst(this, other) ? [this, other] : [other, this];
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
    this.merge(other);
    this.hours.clear();
    this.usage.clear();
    this.hours.merge(hours);
    this.usage.merge(usage);
    this.killCount = killCount;
    this.running = running;
  }

  clone(): UsageAggregate {
    const copy = new UsageAggregate();
    copy.merge(this);
    return copy;
  }

  /** What both sides counted counts once. */
  private takeBack(kill: Kill, known: Kill | undefined): void {
    if (known === undefined) return;
    this.killCount -= Math.min(timesOf(known), timesOf(kill));
    if (kill.limit !== undefined) this.hours.takeBack(kill.limit * neededBeyond, kill.at);
  }
}

const dayOf = (at: number): number => Math.floor(at / daySeconds);

/** Of two records of one node: the one that has seen more, in whatever order they come. */
function comesFirst(a: UsageAggregate, b: UsageAggregate): boolean {
  const at = Math.max(a.lastAt, b.lastAt);
  const order =
    a.hours.totalAt(at) - b.hours.totalAt(at) ||
    b.observedFrom - a.observedFrom ||
    a.observedUntil - b.observedUntil;
  return order >= 0;
}

/** Of what one has seen, the part that the other was not there for. */
function shareBeyond(one: UsageAggregate, other: UsageAggregate): number {
  const [from, until] = [one.observedFrom, one.observedUntil];
  if (until < other.observedFrom || from > other.observedUntil) return 1;
  const all = weightBetween(from, until);
  const before = weightBetween(from, Math.min(until, other.observedFrom));
  const after = weightBetween(Math.max(from, other.observedUntil), until);
  return all > 0 ? Math.min(1, (before + after) / all) : 0;
}

/** Of someone who looks all the time. */
const weightBetween = (from: number, to: number): number =>
  to > from ? weightAt(to, halfLifeDays) - weightAt(from, halfLifeDays) : 0;

/** Of each pod once, with the highest peak and the latest look. */
function highest(replicas: readonly Replica[]): readonly Replica[] {
  const byPod = new Map<string, Replica>();
  for (const { pod, peak, at } of replicas) {
    const known = byPod.get(pod);
    byPod.set(pod, { pod, peak: Math.max(peak, known?.peak ?? 0), at: Math.max(at, known?.at ?? at) });
  }
  return [...byPod.values()].sort((a, b) => b.peak - a.peak || compare(a.pod, b.pod)).slice(0, replicasKept);
}

/** Those at a limit apart from the others: neither drives the other out. */
function newest(kills: readonly Kill[]): readonly Kill[] {
  const sorted = kills.toSorted((a, b) => b.at - a.at || compare(a.lifetime, b.lifetime));
  const each = firstOfEach(sorted, killKey);
  const atLimit = each.filter(({ limit }) => limit !== undefined).slice(0, killsKept);
  const others = each.filter(({ limit }) => limit === undefined).slice(0, killsKept);
  return each.filter((kill) => atLimit.includes(kill) || others.includes(kill));
}

/** A lifetime can be killed at its limit and for the node. */
const killKey = ({ lifetime, limit }: Kill): string =>
  limit === undefined ? lifetime : `${lifetime} at its limit`;
const timesOf = ({ times = 1 }: Kill): number => times;
const hourOf = ({ at }: Kill): number => Math.floor(at / 3600);

function fastest(leaks: readonly Leak[]): readonly Leak[] {
  const latest = firstOfEach(
    leaks.toSorted((a, b) => b.until - a.until),
    ({ pod }) => pod,
  );
  return latest.toSorted((a, b) => b.perDay - a.perDay || compare(a.pod, b.pod)).slice(0, leaksKept);
}

function firstOfEach<Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly Item[] {
  const known = new Set<string>();
  return items.filter((item) => {
    const name = nameOf(item);
    if (known.has(name)) return false;
    known.add(name);
    return true;
  });
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
