/**
 * The usage of all containers of one name in one workload: enough data to size them, and small enough to send. The aggregates
 * of several nodes add up to the one that a single node would have kept. Times are seconds since 1970, sizes are bytes.
 */

import type { Setting } from '../model/container-key.ts';
import type { Leak } from '../model/recommendation.ts';
import { daySeconds } from '../model/time.ts';
import {
  fastest,
  highest,
  hourOf,
  type Kill,
  killKey,
  laterRevision,
  neediest,
  newest,
  noReplicas,
  outdates,
  type Probe,
  packReplicas,
  type Replica,
  type Revision,
  replicasSince,
  timesOf,
  unpackReplicas,
  withReplica,
} from './aggregate-entries.ts';
import { LogHistogram } from './log-histogram.ts';
import { type Day, Days } from './packed/days.ts';

/** Of the weights in both histograms. */
export const halfLifeDays = 7;
/** A history keeps this many days. */
export const daysKept = 14;
const hoursPerDay = 24;

/**
 * A probe is kept longer than the days, because it is said to be old for a month. Without an observation in `daysKept` days its whole
 * aggregate is dropped.
 */
const probeKeptSeconds = 60 * daySeconds;

/** Older data no longer counts. @param at seconds since 1970, as the result */
export const oldestKept = (at: number): number => (Math.floor(at / daySeconds) - daysKept) * daySeconds;

/** An earlier probe is forgotten. @param at seconds since 1970, as the result */
export const oldestProbe = (at: number): number => at - probeKeptSeconds;

/** A container killed at its limit needs at least this factor more. */
export const neededBeyond = 1.15;

/** Shared: most aggregates have no kill and no leak, and each empty array would take 32 bytes. */
const noEntries: readonly never[] = [];

export class UsageAggregate {
  /** The largest real of each hour, per container. */
  readonly hours = new LogHistogram(halfLifeDays);
  /** The largest real of each five minutes, per container. */
  readonly usage = new LogHistogram(halfLifeDays);
  /** By the number of days since 1970. */
  readonly days = new Days();
  /** The newest kills at a limit and the newest others, newest first. One entry per lifetime and cause. */
  kills: readonly Kill[] = noEntries;
  killCount = 0;
  /** Fastest first. */
  leaks: readonly Leak[] = noEntries;
  /** Answers of probes: see `neediest`. */
  probes: readonly Probe[] = noEntries;
  /** Of the pods; undefined: their owner has no revisions. */
  revision: Revision | undefined;
  setting: Setting | undefined;
  /** Number of containers that run now. */
  running = 0;
  // Whole seconds or undefined: the engine keeps these in the object itself, and allocates 16 bytes for any other number.
  private first: number | undefined = undefined;
  private last: number | undefined = undefined;
  private firstObserved: number | undefined = undefined;
  private lastObserved: number | undefined = undefined;
  private packedReplicas = noReplicas;

  /** The replicas with the highest peaks, highest first. */
  get replicas(): readonly Replica[] {
    return unpackReplicas(this.packedReplicas);
  }

  set replicas(replicas: readonly Replica[]) {
    this.packedReplicas = packReplicas(replicas);
  }

  get since(): number {
    return this.first ?? Number.POSITIVE_INFINITY;
  }

  set since(at: number) {
    this.first = Number.isFinite(at) ? Math.floor(at) : undefined;
  }

  get lastAt(): number {
    return this.last ?? Number.NEGATIVE_INFINITY;
  }

  set lastAt(at: number) {
    this.last = Number.isFinite(at) ? Math.ceil(at) : undefined;
  }

  /** First observation by an agent. `since` can be earlier, because the API reports earlier kills. */
  get observedFrom(): number {
    return this.firstObserved ?? Number.POSITIVE_INFINITY;
  }

  set observedFrom(at: number) {
    this.firstObserved = Number.isFinite(at) ? Math.floor(at) : undefined;
  }

  /** Last observation by an agent. */
  get observedUntil(): number {
    return this.lastObserved ?? Number.NEGATIVE_INFINITY;
  }

  set observedUntil(at: number) {
    this.lastObserved = Number.isFinite(at) ? Math.ceil(at) : undefined;
  }

  hour(peak: number, at: number): void {
    this.hours.add(peak, at);
    this.peak(peak, at);
  }

  /** Counts a peak for its day before its hour is over. */
  peak(peak: number, at: number): void {
    this.days.notePeak(dayOf(at), peak);
    this.seen(at);
  }

  seen(at: number): void {
    this.since = Math.min(this.since, at);
    this.lastAt = Math.max(this.lastAt, at);
  }

  /** An agent observed a container at that time. */
  observed(at: number): void {
    this.seen(at);
    this.observedFrom = Math.min(this.observedFrom, at);
    this.observedUntil = Math.max(this.observedUntil, at);
  }

  /** Adds facts about a day. */
  note(at: number, more: Omit<Day, 'peak'>): void {
    this.days.note(dayOf(at), { peak: 0, ...more });
  }

  replica(pod: string, peak: number, at: number): void {
    this.packedReplicas = withReplica(this.packedReplicas, { pod, peak, at });
  }

  /** The caller reports each kill once. */
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
    // A lifetime weighs one hour per hour, even with several kills in it.
    if (known !== undefined && hourOf(known) === hourOf(kill)) return;
    this.hour(kill.limit * neededBeyond, kill.at);
  }

  /** A leak that continues keeps its start. */
  leaking(leak: Leak): void {
    const known = this.leaks.find(({ pod, until }) => pod === leak.pod && until >= leak.since);
    const one =
      known === undefined || known.since > leak.since
        ? leak
        : { ...leak, since: known.since, from: known.from };
    this.leaks = fastest([...this.leaks.filter(({ pod }) => pod !== leak.pod), one]);
  }

  /** The same probe may come again with each report. @returns whether it is new, and one of those that are kept */
  probed(probe: Probe): boolean {
    if (this.probes.some((known) => outdates(known, probe))) return false;
    const next = neediest([...this.probes, probe]);
    const isKept = next.includes(probe);
    if (isKept || this.probes.some((known) => outdates(probe, known))) this.probes = next;
    return isKept;
  }

  /** A pod of this revision was created at that time. */
  created(revision: number, at: number): void {
    if (at > (this.revision?.at ?? Number.NEGATIVE_INFINITY)) this.revision = { revision, at };
  }

  /** The last `count` days up to `at`, as far as known: day number and day. */
  lastDayEntries(at: number, count = daysKept): readonly (readonly [number, Day])[] {
    const first = Math.floor(at / daySeconds) - count;
    return [...this.days].filter(([day]) => day > first);
  }

  lastDays(at: number, count = daysKept): readonly Day[] {
    return this.lastDayEntries(at, count).map(([, day]) => day);
  }

  /** The largest real of each of the last `count` days, largest first. */
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

  /** Adds the aggregate of another node, or of an earlier lifetime on this one. */
  merge(other: UsageAggregate): void {
    this.hours.merge(other.hours);
    this.usage.merge(other.usage);
    this.days.merge(other.days);
    const { replicas } = other;
    if (replicas.length > 0) this.replicas = highest([...this.replicas, ...replicas]);
    this.killCount += other.killCount;
    if (other.kills.length > 0) {
      const known = new Map(this.kills.map((kill) => [killKey(kill), kill]));
      for (const kill of other.kills) this.takeBack(kill, known.get(killKey(kill)));
      this.kills = newest([...this.kills, ...other.kills]);
    }
    if (other.leaks.length > 0) this.leaks = fastest([...this.leaks, ...other.leaks]);
    if (other.probes.length > 0) this.probes = neediest([...this.probes, ...other.probes]);
    this.revision = laterRevision(this.revision, other.revision);
    if (other.setting !== undefined && (this.setting === undefined || other.lastAt > this.lastAt))
      this.setting = other.setting;
    this.running += other.running;
    this.since = Math.min(this.since, other.since);
    this.lastAt = Math.max(this.lastAt, other.lastAt);
    this.observedFrom = Math.min(this.observedFrom, other.observedFrom);
    this.observedUntil = Math.max(this.observedUntil, other.observedUntil);
  }

  /** Drops days, kills, leaks and replicas that are too old to count. */
  forget(at: number): void {
    const seconds = oldestKept(at);
    this.days.forget(seconds / daySeconds);
    this.kills = only(this.kills, (kill) => kill.at >= seconds);
    this.leaks = only(this.leaks, ({ until }) => until >= at - 2 * daySeconds);
    this.packedReplicas = replicasSince(this.packedReplicas, at - daySeconds);
    this.forgetProbes(at);
  }

  /** Drops the answers of probes that are too old to be kept. */
  forgetProbes(at: number): void {
    this.probes = only(this.probes, (probe) => probe.at >= oldestProbe(at));
  }

  /**
   * The clock was ahead and was set back: later dates become `at`. Hours dated ahead have too much weight, and the histogram
   * cannot separate them. If they would count for more than a half-life too long, the peaks of the days replace the
   * histograms. That suggests more memory rather than less.
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
    this.probes = this.probes.map((probe) => ({ ...probe, at: Math.min(probe.at, at) }));
    if (this.revision !== undefined) this.revision = { ...this.revision, at: Math.min(this.revision.at, at) };
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

  clone(): UsageAggregate {
    const copy = new UsageAggregate();
    copy.merge(this);
    return copy;
  }

  /** Removes one of two counts of the same kill. */
  private takeBack(kill: Kill, known: Kill | undefined): void {
    if (known === undefined) return;
    this.killCount -= Math.min(timesOf(known), timesOf(kill));
    if (kill.limit !== undefined) this.hours.takeBack(kill.limit * neededBeyond, kill.at);
  }
}

/** The same list if all stay: each report asks for every aggregate. */
const only = <Entry>(entries: readonly Entry[], stays: (entry: Entry) => boolean): readonly Entry[] =>
  entries.every(stays) ? entries : entries.filter(stays);

const dayOf = (at: number): number => Math.floor(at / daySeconds);
