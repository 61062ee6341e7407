/** Series made by hand, and their tallies. */
import {
  type JudgedSeries,
  judgedPart,
  judgeSeries,
  type Mode,
  type Tally,
} from '../../src/backtest/judge.ts';
import type { Policy, UsageSeries } from '../../src/backtest/policy.ts';

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
