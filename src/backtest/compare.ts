/** Which policy needs the least at the same rate of OOM kills, and whether chance alone could have made the difference. */
import type { Comparison } from '../model/backtest.ts';
import { type Point, slackAt } from './frontier.ts';
import { outcomeOf, type Run } from './replay.ts';

export interface CompareOptions {
  /** OOM kills per container and day. */
  readonly rates: readonly number[];
  readonly ours: string;
  /** Those that are compared with ours: not the ends of the scale. */
  readonly rivals: readonly string[];
  readonly resamples: number;
  /** From 0 to 1, by chance. */
  readonly random: () => number;
}

type ByPolicy = ReadonlyMap<string, readonly Run[]>;

export function compare(runs: readonly Run[], options: CompareOptions): readonly Comparison[] {
  const { rates, ours, rivals, resamples, random } = options;
  const byPolicy = Map.groupBy(runs, ({ policy }) => policy);
  const count = runs[0]?.tallies.length ?? 0;
  const found = rates.map((rate) => {
    const slack = new Map(
      [...byPolicy].flatMap(([policy, own]) => {
        const at = slackAt(pointsOf(own), rate);
        return at === undefined ? [] : [[policy, at] as const];
      }),
    );
    const best = [...slack.keys()]
      .filter((policy) => rivals.includes(policy))
      .sort((a, b) => (slack.get(a) ?? 1) - (slack.get(b) ?? 1))[0];
    return { rate, slack, ...(best !== undefined && { best }) };
  });
  const differences = found.map((): number[] => []);
  for (let round = 0; round < resamples; round++) {
    const weights = new Uint32Array(count);
    for (let draw = 0; draw < count; draw++) {
      const one = Math.floor(random() * count);
      weights[one] = (weights[one] ?? 0) + 1;
    }
    for (const [index, { rate, best }] of found.entries()) {
      const difference = best === undefined ? undefined : differenceAt(byPolicy, ours, best, rate, weights);
      if (difference !== undefined) differences[index]?.push(difference);
    }
  }
  return found.map((comparison, index) => {
    const interval = middle(differences[index] ?? [], resamples);
    return interval === undefined ? comparison : { ...comparison, interval };
  });
}

const pointsOf = (runs: readonly Run[], weights?: ArrayLike<number>): readonly Point[] =>
  runs.flatMap((run) => {
    const outcome = outcomeOf(run, weights);
    return outcome === undefined ? [] : [{ rate: outcome.oomPerDay, slack: outcome.slack }];
  });

function differenceAt(
  byPolicy: ByPolicy,
  ours: string,
  theirs: string,
  rate: number,
  weights: ArrayLike<number>,
): number | undefined {
  const mine = neededAt(pointsOf(byPolicy.get(ours) ?? [], weights), rate);
  const other = neededAt(pointsOf(byPolicy.get(theirs) ?? [], weights), rate);
  return mine === undefined || other === undefined ? undefined : mine - other;
}

/** Whom more are killed at each of its margins has nothing left but no limit at all, of which nothing is used. */
function neededAt(points: readonly Point[], rate: number): number | undefined {
  return points.length > 0 && points.every((point) => point.rate > rate) ? 1 : slackAt(points, rate);
}

/** Undefined where too few resamples came to the rate at all. */
function middle(differences: readonly number[], resamples: number): readonly [number, number] | undefined {
  if (resamples === 0 || differences.length < 0.9 * resamples) return undefined;
  const sorted = differences.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return [at(0.05), at(0.95)];
}
