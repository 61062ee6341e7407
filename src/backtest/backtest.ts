/** Replays recorded series under realmem's recommender and under the common ones. */

import type { GivenLimit } from '../edges/given-file.ts';
import { InputError, LocatedErrors } from '../model/located-error.ts';
import { quoted } from '../model/text.ts';
import { references, shipped } from './baselines.ts';
import { compare, randomFrom } from './compare.ts';
import type { Backtest, Mode } from './judge.ts';
import type { UsageSeries } from './policy.ts';
import { realmem } from './realmem.ts';
import { judged, outcomeOf, replay } from './replay.ts';
import { parseLimits, parseSeries, resample, type Unit, units } from './series.ts';

export interface BacktestFile {
  readonly name: string;
  readonly text: string;
}

/** Enough for two weeks of 600 containers at one row per minute. */
export const seriesLimit: GivenLimit = {
  bytes: 256 * 1024 * 1024,
  todo: 'split the file by columns',
};

export interface BacktestOptions extends Mode {
  readonly unit: Unit;
  readonly step?: number | undefined;
  readonly limits?: BacktestFile | undefined;
  /** Seconds. Undefined: as recorded. */
  readonly sampling?: number | undefined;
  /** Undefined: all. */
  readonly policies?: readonly string[] | undefined;
  /** Undefined: the frontier of each policy. */
  readonly margins?: readonly number[] | undefined;
  /** Whether VPA and KRR keep their default minimum of 250 MiB and 100 MB. */
  readonly floors: boolean;
  readonly rates: readonly number[];
  readonly resamples: number;
  readonly seed: number;
}

const allPolicies = [realmem, ...shipped(false), ...references];

export const unitNames = Object.keys(units) as readonly Unit[];

export const policyNames = allPolicies.map(({ name }) => name);

/** @throws LocatedError for a fault in a file; InputError if all series are too short */
export function backtest(files: Iterable<BacktestFile>, options: BacktestOptions): Backtest {
  const { warmUpSeconds, policies, floors, rates, resamples, seed } = options;
  const { all, names } = readSeries(files, options);
  const parts = judged(all, warmUpSeconds);
  if (parts.length === 0)
    throw new InputError({
      where: names.join(', '),
      expected: `a series longer than the warm-up of ${warmUpSeconds / 3600} h`,
      got: `${all.length} shorter ones`,
      todo: 'pass a shorter --warm-up',
    });
  const wanted = [realmem, ...shipped(floors), ...references].filter(
    ({ name }) => policies === undefined || policies.includes(name),
  );
  const runs = wanted.flatMap((policy) => replay(parts, policy, options));
  const comparisons = compare(runs, {
    rates,
    ours: realmem.name,
    tools: shipped(floors).map(({ name }) => name),
    resamples,
    random: randomFrom(seed),
  });
  const tooShort = all.length - parts.length;
  return {
    outcomes: runs.flatMap((run) => outcomeOf(run) ?? []),
    shipped: runs.filter((run) => run.shipped).flatMap((run) => outcomeOf(run) ?? []),
    marginsGiven: options.margins !== undefined,
    comparisons,
    notes:
      tooShort === 0
        ? []
        : [`Left out ${tooShort} of ${all.length} series: they are not longer than the warm-up.`],
  };
}

/** Parses one file after the other, and keeps only the series. */
function readSeries(
  files: Iterable<BacktestFile>,
  options: BacktestOptions,
): { readonly all: readonly UsageSeries[]; readonly names: readonly string[] } {
  const { unit, step, sampling } = options;
  const parsed: { readonly name: string; readonly series: readonly UsageSeries[] }[] = [];
  for (const { name, text } of files) parsed.push({ name, series: parseSeries(name, text, { unit, step }) });
  const counts = Map.groupBy(
    parsed.flatMap(({ series }) => series),
    ({ name }) => name,
  );
  const limits = options.limits && parseLimits(options.limits.name, options.limits.text, unit);
  const all = parsed.flatMap(({ name: file, series }) =>
    series.map((one) => {
      // Columns of different files may have the same name.
      const name = (counts.get(one.name)?.length ?? 0) > 1 ? `${stemOf(file)}/${one.name}` : one.name;
      const limitBytes = limits?.get(name) ?? limits?.get(one.name);
      const named = { ...one, name, ...(limitBytes !== undefined && { limitBytes }) };
      return sampling === undefined ? named : resample(named, sampling);
    }),
  );
  return { all, names: parsed.map(({ name }) => name) };
}

const stemOf = (file: string): string => file.replace(/^.*\//, '').replace(/\.csv(\.gz)?$/, '');

/** @throws LocatedErrors if a name is not a policy */
export function checkPolicyNames(names: readonly string[]): void {
  const unknown = names.filter((name) => !policyNames.includes(name));
  if (unknown.length > 0)
    throw new LocatedErrors(
      unknown.map((name) => `--policy: expected one of ${policyNames.join(', ')}, got ${quoted(name)}`),
    );
}
