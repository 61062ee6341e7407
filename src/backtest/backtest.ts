/** Recommenders on recorded series: ours among those that people use. */

import type { GivenLimit } from '../edges/given-file.ts';
import { InputError, LocatedErrors } from '../model/located-error.ts';
import { quoted } from '../model/text.ts';
import { ends, shipped } from './baselines.ts';
import { compare, randomFrom } from './compare.ts';
import type { Backtest, Mode } from './judge.ts';
import type { Series } from './policy.ts';
import { realmem } from './realmem.ts';
import { judged, outcomeOf, replay } from './replay.ts';
import { parseLimits, parseSeries, resample, type Unit, units } from './series.ts';

export interface BacktestFile {
  readonly name: string;
  readonly text: string;
}

/** Two weeks of 600 containers, each minute. */
export const seriesLimit: GivenLimit = {
  bytes: 256 * 1024 * 1024,
  todo: 'split it by columns into several files',
};

export interface BacktestOptions extends Mode {
  readonly unit: Unit;
  readonly step?: number | undefined;
  readonly limits?: BacktestFile | undefined;
  /** Seconds; undefined: as recorded. */
  readonly sampling?: number | undefined;
  /** Undefined: all. */
  readonly policies?: readonly string[] | undefined;
  /** Undefined: each policy's own. */
  readonly margins?: readonly number[] | undefined;
  /** Whether VPA and KRR recommend no less than 250 MiB and 100 MB, as they do unless told otherwise. */
  readonly floors: boolean;
  readonly rates: readonly number[];
  readonly resamples: number;
  readonly seed: number;
}

const everyone = [realmem, ...shipped(false), ...ends];

export const unitNames = Object.keys(units) as readonly Unit[];

export const policyNames = everyone.map(({ name }) => name);

/** @throws InputFault, Fault for what is in the files */
export function backtest(files: Iterable<BacktestFile>, options: BacktestOptions): Backtest {
  const { warmUpSeconds, policies, floors, rates, resamples, seed } = options;
  const { all, names } = seriesOf(files, options);
  const parts = judged(all, warmUpSeconds);
  if (parts.length === 0)
    throw new InputError({
      where: names.join(', '),
      expected: `a series longer than the warm-up of ${warmUpSeconds / 3600} h`,
      got: `${all.length} shorter ones`,
      todo: 'give a shorter --warm-up',
    });
  const wanted = [realmem, ...shipped(floors), ...ends].filter(
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
    notes: tooShort === 0 ? [] : [`${tooShort} of ${all.length} series are no longer than the warm-up`],
  };
}

/** Files are taken one after the other: none is kept once its series are known. */
function seriesOf(
  files: Iterable<BacktestFile>,
  options: BacktestOptions,
): { readonly all: readonly Series[]; readonly names: readonly string[] } {
  const { unit, step, sampling } = options;
  const parsed: { readonly name: string; readonly series: readonly Series[] }[] = [];
  for (const { name, text } of files) parsed.push({ name, series: parseSeries(name, text, { unit, step }) });
  const counts = Map.groupBy(
    parsed.flatMap(({ series }) => series),
    ({ name }) => name,
  );
  const limits = options.limits && parseLimits(options.limits.name, options.limits.text, unit);
  const all = parsed.flatMap(({ name: file, series }) =>
    series.map((one) => {
      // Columns of many files may all have the same name.
      const name = (counts.get(one.name)?.length ?? 0) > 1 ? `${stemOf(file)}/${one.name}` : one.name;
      const limitBytes = limits?.get(name) ?? limits?.get(one.name);
      const named = { ...one, name, ...(limitBytes !== undefined && { limitBytes }) };
      return sampling === undefined ? named : resample(named, sampling);
    }),
  );
  return { all, names: parsed.map(({ name }) => name) };
}

const stemOf = (file: string): string => file.replace(/^.*\//, '').replace(/\.csv(\.gz)?$/, '');

/** @throws Faults where one is none */
export function checkPolicies(names: readonly string[]): void {
  const strange = names.filter((name) => !policyNames.includes(name));
  if (strange.length > 0)
    throw new LocatedErrors(
      strange.map((name) => `--policy: ${quoted(name)} is none of ${policyNames.join(', ')}`),
    );
}
