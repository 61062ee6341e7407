/** Runs policies over series, at each margin. */

import { daySeconds } from '../model/time.ts';
import type { Outcome } from './judge.ts';
import { type JudgedSeries, judgedPart, judgeSeries, type Mode, type Tally } from './judge.ts';
import type { Policy, UsageSeries } from './policy.ts';

/** One policy at one margin. */
export interface Run {
  readonly policy: string;
  readonly margin: number;
  /** Whether this is the default margin of the policy. */
  readonly shipped: boolean;
  /** In the order of the series. Undefined if the policy has no recommendation for a series. */
  readonly tallies: readonly (Tally | undefined)[];
}

export interface Plan extends Mode {
  /** Undefined: the frontier of each policy and its default. */
  readonly margins?: readonly number[] | undefined;
}

/** The parts after the warm-up. Skips series that are too short. */
export const judged = (series: readonly UsageSeries[], warmUpSeconds: number): readonly JudgedSeries[] =>
  series.flatMap((one) => judgedPart(one, warmUpSeconds) ?? []);

export function replay(parts: readonly JudgedSeries[], policy: Policy, plan: Plan): readonly Run[] {
  const margins = plan.margins ?? [...new Set([...policy.margins, policy.margin])].sort((a, b) => a - b);
  return margins.map((margin) => ({
    policy: policy.name,
    margin,
    shipped: margin === policy.margin,
    tallies: parts.map((part) => {
      const sizer = policy.start(margin, part.series);
      return sizer === undefined ? undefined : judgeSeries(part, sizer, plan);
    }),
  }));
}

/** @param weights how often each series counts. Default: once */
export function outcomeOf(
  { policy, margin, tallies }: Run,
  weights?: ArrayLike<number>,
): Outcome | undefined {
  let [series, days, seconds, slack, slackByteSeconds] = [0, 0, 0, 0, 0];
  let [episodes, freeDays, wholeDays, changes] = [0, 0, 0, 0];
  for (const [index, tally] of tallies.entries()) {
    const weight = weights === undefined ? 1 : (weights[index] ?? 0);
    if (tally === undefined || weight === 0) continue;
    series += weight;
    days += weight * tally.days;
    seconds += weight * tally.seconds;
    slack += weight * tally.slack;
    slackByteSeconds += weight * tally.slackByteSeconds;
    episodes += weight * tally.episodes;
    freeDays += weight * tally.freeDays;
    wholeDays += weight * tally.wholeDays;
    changes += weight * tally.changes;
  }
  if (series === 0) return undefined;
  const perDay = (count: number): number => count / (seconds / daySeconds);
  return {
    policy,
    margin,
    slack: slack / days,
    oomPerDay: perDay(episodes),
    oomFreeDaysPct: (100 * freeDays) / wholeDays,
    changesPerDay: perDay(changes),
    series,
    days,
    slackByteSeconds,
  };
}
