/** One series replayed under one policy: it sees the past alone, its limits meet what came. */
import { daySeconds } from '../model/time.ts';
import type { Series, Sizer } from './policy.ts';

export interface Mode {
  readonly updateSeconds: number;
  /** From a series' start; not judged, and without a limit. */
  readonly warmUpSeconds: number;
  /** A sample above the limit is seen as the limit: the container died there. */
  readonly censored: boolean;
}

/** The part of a series that is judged, in days from the end of the warm-up; of the last one what there is. */
export interface Judged {
  readonly series: Series;
  readonly from: number;
  readonly days: readonly Day[];
}

interface Day {
  /** Its samples: `first` and those after it, up to, not including, `end`. */
  readonly first: number;
  readonly end: number;
  /** The smallest value that 95 % of its samples do not exceed. */
  readonly p95: number;
}

/** How one policy did on one series. Sums, so that they add up over series. */
export interface Tally {
  /** Judged, without gaps. */
  readonly seconds: number;
  /** Judged days, each by how much of it there is. */
  readonly days: number;
  /**
   * Over those days: (limit − 95th percentile of usage) / limit, a mean over the day's samples. A limit below that has no
   * slack: what is missing is told by the kills, and would else hide what others waste.
   */
  readonly slack: number;
  /** The same in bytes × seconds. */
  readonly slackByteSeconds: number;
  /**
   * Times above the limit; one ends when usage was not above for half an hour, and with the day: a container that is killed day
   * after day is not one that was killed once.
   */
  readonly episodes: number;
  readonly wholeDays: number;
  readonly freeDays: number;
  /** Of the limit, by more than 5 %. */
  readonly changes: number;
}

const episodeSeconds = 1800;
const change = 0.05;

/** Undefined where the series ends within the warm-up. */
export function judgedPart(series: Series, warmUpSeconds: number): Judged | undefined {
  const { times, values } = series;
  const from = (times[0] ?? 0) + warmUpSeconds;
  const days: Day[] = [];
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

export function judge({ series, from, days }: Judged, sizer: Sizer, mode: Mode): Tally {
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
        // Updates within a gap have learnt nothing since the one before it.
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

/** A policy at one margin, over all series. */
export interface Outcome {
  readonly policy: string;
  readonly margin: number;
  /** Share of the limit that is not used, a mean over days: 0 to 1. */
  readonly slack: number;
  /** OOM kills per container and day. */
  readonly oomPerDay: number;
  readonly oomFreeDaysPct: number;
  /** Changes of the limit by more than 5 %, per container and day. */
  readonly changesPerDay: number;
  readonly series: number;
  /** Container-days. */
  readonly days: number;
  /** Bytes × seconds that were set aside and not used. */
  readonly slackByteSeconds: number;
}

/** Policies at the same rate of OOM kills. */
export interface Comparison {
  /** OOM kills per container and day. */
  readonly rate: number;
  /** By policy; absent where none of its margins comes to that rate. */
  readonly slack: ReadonlyMap<string, number>;
  /** The one with the least slack among those that people use. */
  readonly best?: string;
  /** Ours less theirs: the middle 90 % over resampled series. Whoever does not come down to the rate in one counts as without a limit. */
  readonly interval?: readonly [number, number];
}

export interface Backtest {
  readonly outcomes: readonly Outcome[];
  /** Policies at the margin they are shipped with; of margins that were asked for, at those among them. */
  readonly shipped: readonly Outcome[];
  /** Certain margins were asked for. */
  readonly marginsGiven: boolean;
  readonly comparisons: readonly Comparison[];
  /** One line each: what was left out, and why. */
  readonly notes: readonly string[];
}
