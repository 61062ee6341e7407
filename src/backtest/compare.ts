/** Compares the slack of policies at equal rates of OOM kills, with a bootstrap confidence interval of the difference. */
import type { Comparison } from './judge.ts';
import { outcomeOf, type Run } from './replay.ts';

export interface CompareOptions {
  /** OOM kills per container and day. */
  readonly rates: readonly number[];
  readonly ours: string;
  /** The policies that ours is compared with. The references oracle and manual are not among them. */
  readonly tools: readonly string[];
  readonly resamples: number;
  /** A random number from 0 to 1. */
  readonly random: () => number;
}

type ByPolicy = ReadonlyMap<string, readonly Run[]>;

export function compare(runs: readonly Run[], options: CompareOptions): readonly Comparison[] {
  const { rates, ours, tools, resamples, random } = options;
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
      .filter((policy) => tools.includes(policy))
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
    const interval = intervalOf(differences[index] ?? [], resamples);
    return interval === undefined ? comparison : { ...comparison, interval };
  });
}

const pointsOf = (runs: readonly Run[], weights?: ArrayLike<number>): readonly ComparedPoint[] =>
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
  const mine = slackOrNoLimit(pointsOf(byPolicy.get(ours) ?? [], weights), rate);
  const other = slackOrNoLimit(pointsOf(byPolicy.get(theirs) ?? [], weights), rate);
  return mine === undefined || other === undefined ? undefined : mine - other;
}

/** A policy that exceeds the rate at each margin can reach it only without a limit: slack 1. */
function slackOrNoLimit(points: readonly ComparedPoint[], rate: number): number | undefined {
  return points.length > 0 && points.every((point) => point.rate > rate) ? 1 : slackAt(points, rate);
}

/** The 90 % interval. Undefined if fewer than 90 % of the resamples reach the rate. */
function intervalOf(
  differences: readonly number[],
  resamples: number,
): readonly [number, number] | undefined {
  if (resamples === 0 || differences.length < 0.9 * resamples) return undefined;
  const sorted = differences.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return [at(0.05), at(0.95)];
}

/** A seeded generator of numbers from 0 to 1 (mulberry32): the same seed gives the same sequence. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface ComparedPoint {
  /** OOM kills per container-day. */
  readonly rate: number;
  readonly slack: number;
}

/** The points that no other point beats on both axes, by rising rate and falling slack. */
export function frontier(points: readonly ComparedPoint[]): readonly ComparedPoint[] {
  const sorted = points.toSorted((a, b) => a.rate - b.rate || a.slack - b.slack);
  return sorted.filter(({ slack }, index) => sorted.slice(0, index).every((other) => other.slack > slack));
}

/**
 * Interpolates slack between two points of the frontier, linearly in the logarithm of the rate, or in the rate itself if
 * one rate is 0. If all points are below the rate, returns the lowest slack. If all are above, returns undefined.
 */
export function slackAt(points: readonly ComparedPoint[], rate: number): number | undefined {
  const line = frontier(points);
  const above = line.findIndex((point) => point.rate >= rate);
  const right = line[above];
  const left = line[above - 1];
  if (right === undefined) return line.at(-1)?.slack;
  if (right.rate === rate) return right.slack;
  if (left === undefined) return undefined;
  const scale = left.rate > 0 ? Math.log : (x: number) => x;
  const share = (scale(rate) - scale(left.rate)) / (scale(right.rate) - scale(left.rate));
  return left.slack + share * (right.slack - left.slack);
}
