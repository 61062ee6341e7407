/** Replays one series under one policy. The policy sees only the past, and its limits face what comes next. */
import { daySeconds } from '../model/time.ts';
import type { Sizer, UsageSeries } from './policy.ts';

export interface Mode {
  readonly updateSeconds: number;
  /** From the start of a series. No limit applies in this time, and it does not count. */
  readonly warmUpSeconds: number;
  /** The policy sees a sample above the limit as the limit, because the kernel would have killed the container there. */
  readonly censored: boolean;
}

/** The part of a series after the warm-up, in days. The last day may be incomplete. */
export interface JudgedSeries {
  readonly series: UsageSeries;
  readonly from: number;
  readonly days: readonly JudgedDay[];
}

interface JudgedDay {
  /** Indexes of its samples: `first`, and all others before `end`. */
  readonly first: number;
  readonly end: number;
  /** p95 of its samples. */
  readonly p95: number;
}

/** The result of one policy on one series. All fields are sums, so they add up over series. */
export interface Tally {
  /** Observed time, without gaps. */
  readonly seconds: number;
  /** Observed days. An incomplete day counts as a fraction. */
  readonly days: number;
  /**
   * Over those days: (limit − p95 of usage) / limit, as a mean over the samples of a day. A limit below p95 has slack 0:
   * its cost shows as OOM kills, and negative slack would hide the waste of others.
   */
  readonly slack: number;
  /** The same in bytes × seconds. */
  readonly slackByteSeconds: number;
  /**
   * OOM kills: episodes of usage above the limit. An episode ends after half an hour without usage above the limit, and at
   * the end of a day. So a container that is above the limit every day counts every day.
   */
  readonly episodes: number;
  readonly wholeDays: number;
  readonly freeDays: number;
  /** Changes of the limit by more than 5 %. */
  readonly changes: number;
}

const episodeSeconds = 1800;
const change = 0.05;

/** Undefined if the series ends within the warm-up. */
export function judgedPart(series: UsageSeries, warmUpSeconds: number): JudgedSeries | undefined {
  const { times, values } = series;
  const from = (times[0] ?? 0) + warmUpSeconds;
  const days: JudgedDay[] = [];
  for (let first = times.findIndex((at) => at >= from); first !== -1 && first < times.length; ) {
    const day = Math.floor(((times[first] ?? 0) - from) / daySeconds);
    let end = first + 1;
    while (end < times.length && (times[end] ?? 0) < from + (day + 1) * daySeconds) end++;
    const sorted = values.slice(first, end).sort();
    days.push({ first, end, p95: sorted[Math.ceil(0.95 * sorted.length) - 1] ?? 0 });
    first = end;
  }
  return days.length === 0 ? undefined : { series, from, days };
}

export function judgeSeries({ series, from, days }: JudgedSeries, sizer: Sizer, mode: Mode): Tally {
  const { times, values, stepSeconds } = series;
  const { updateSeconds, censored } = mode;
  for (let index = 0; index < (days[0]?.first ?? 0); index++)
    sizer.observe(times[index] ?? 0, values[index] ?? 0);
  let limit = Number.POSITIVE_INFINITY;
  let update = from;
  let lastAbove = Number.NEGATIVE_INFINITY;
  let [seconds, slack, slackByteSeconds, episodes, freeDays, changes, parts] = [0, 0, 0, 0, 0, 0, 0];
  const set = (to: number): void => {
    if (Math.abs(to - limit) > change * limit) changes++;
    limit = to;
  };
  for (const { first, end, p95 } of days) {
    let [unusedShare, unusedBytes] = [0, 0];
    let free = true;
    lastAbove = Number.NEGATIVE_INFINITY;
    for (let index = first; index < end; index++) {
      const at = times[index] ?? 0;
      const value = values[index] ?? 0;
      if (at >= update) {
        // Updates within a gap would see no new sample: run only the last one.
        const now = update + Math.floor((at - update) / updateSeconds) * updateSeconds;
        update = now + updateSeconds;
        set(sizer.limit(now, update) ?? limit);
      }
      const unused = Math.max(0, limit - p95);
      unusedBytes += unused;
      unusedShare += limit === Number.POSITIVE_INFINITY ? 1 : unused === 0 ? 0 : unused / limit;
      if (value > limit) {
        if (at - lastAbove > episodeSeconds) episodes++;
        lastAbove = at;
        free = false;
        sizer.observe(at, censored ? limit : value);
        if (sizer.killed !== undefined) set(sizer.killed(at, limit));
      } else sizer.observe(at, value);
    }
    const samples = end - first;
    const observed = Math.min(samples * stepSeconds, daySeconds);
    const part = observed / daySeconds;
    seconds += samples * stepSeconds;
    parts += part;
    slack += part * (unusedShare / samples);
    slackByteSeconds += observed * (unusedBytes / samples);
    if (free) freeDays++;
  }
  return {
    seconds,
    days: parts,
    slack,
    slackByteSeconds,
    episodes,
    wholeDays: days.length,
    freeDays,
    changes,
  };
}

/** The result of a policy at one margin, over all series. */
export interface Outcome {
  readonly policy: string;
  readonly margin: number;
  /** The unused share of the limit, as a mean over days: 0 to 1. */
  readonly slack: number;
  /** OOM kills per container and day. */
  readonly oomPerDay: number;
  readonly oomFreeDaysPct: number;
  /** Changes of the limit by more than 5 %, per container and day. */
  readonly changesPerDay: number;
  readonly series: number;
  /** Container-days. */
  readonly days: number;
  /** Bytes × seconds below the limit that were not used. */
  readonly slackByteSeconds: number;
}

/** Policies at one rate of OOM kills. */
export interface Comparison {
  /** OOM kills per container and day. */
  readonly rate: number;
  /** By policy. Absent if no margin of the policy reaches the rate. */
  readonly slack: ReadonlyMap<string, number>;
  /** The common recommender with the least slack. */
  readonly best?: string;
  /** Ours minus theirs: 90 % bootstrap confidence interval. A policy that does not reach the rate in a resample has slack 1. */
  readonly interval?: readonly [number, number];
}

export interface Backtest {
  readonly outcomes: readonly Outcome[];
  /** Policies at their default margin, if it is among the margins of this run. */
  readonly shipped: readonly Outcome[];
  /** Whether the user passed margins. */
  readonly marginsGiven: boolean;
  readonly comparisons: readonly Comparison[];
  /** One line for each thing that was left out, with the reason. */
  readonly notes: readonly string[];
}
