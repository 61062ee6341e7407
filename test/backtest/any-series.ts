/** Series made by hand, and their tallies. */
import {
  type JudgedSeries,
  judgedPart,
  judgeSeries,
  type Mode,
  type Tally,
} from '../../src/backtest/judge.ts';
import type { Policy, Sizer, UsageSeries } from '../../src/backtest/policy.ts';
import type { Run } from '../../src/backtest/replay.ts';

export const MiB = 2 ** 20;
export const hour = 3600;
export const day = 24 * hour;

/** Any midnight. */
export const midnight = 20_000 * day;

/** @param values one for each step, in MiB */
export const seriesOf = (values: readonly number[], stepSeconds = 300, start = midnight): UsageSeries => ({
  name: 'made',
  times: Float64Array.from(values, (_, index) => start + index * stepSeconds),
  values: Float64Array.from(values, (value) => value * MiB),
  stepSeconds,
});

export const daily: Mode = { updateSeconds: day, warmUpSeconds: 0, censored: false };

/** A limit in MiB that never changes. */
export const fixed = (limit: number): Policy => ({
  name: 'fixed',
  margin: 1,
  margins: [1],
  start: () => ({ observe: () => {}, limit: () => limit * MiB }),
});

export function tallyOf(
  series: UsageSeries,
  policy: Policy,
  mode: Mode = daily,
  margin = policy.margin,
): Tally {
  const part = judgedPart(series, mode.warmUpSeconds) as JudgedSeries;
  const sizer = policy.start(margin, series);
  if (sizer === undefined) throw new Error('the policy has no sizer for this series');
  return judgeSeries(part, sizer, mode);
}

/** Eight days at 100 MiB, each with an hour at 200 MiB. */
export const busyHours = seriesOf(
  Array.from({ length: 8 * 288 }, (_, index) => (index % 288 < 12 ? 200 : 100)),
);
export const busyHoursEnd = midnight + 8 * day;

/** Starts a sizer, and shows it the whole series. */
export function observed(policy: Policy, series = busyHours, margin = 1): Sizer {
  const sizer = policy.start(margin, series);
  if (sizer === undefined) throw new Error('the policy has no sizer for this series');
  for (const [index, at] of series.times.entries()) sizer.observe(at, series.values[index] ?? 0);
  return sizer;
}

/** The limit at the end of the busy hours and `days` more at 100 MiB. */
export function limitAfterQuiet(policy: Policy, days: number): number {
  const sizer = observed(policy);
  const end = busyHoursEnd + days * day;
  for (let at = busyHoursEnd; at < end; at += 300) sizer.observe(at, 100 * MiB);
  return inMiB(sizer.limit(end));
}

export const inMiB = (bytes: number | undefined): number => (bytes ?? Number.NaN) / MiB;

/** @param slack of each day */
export const tally = (episodes: number, slack: number, days = 10): Tally => ({
  ...{ seconds: days * 86_400, days, slack: slack * days, slackByteSeconds: 0 },
  ...{ episodes, wholeDays: days, freeDays: days - Math.min(days, episodes), changes: 0 },
});

export const run = (policy: string, margin: number, ...tallies: readonly (Tally | undefined)[]): Run => ({
  ...{ policy, margin, shipped: margin === 1, tallies },
});
