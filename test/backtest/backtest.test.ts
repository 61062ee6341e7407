/** What a backtest makes of its files and options. test/cli/backtest.test.ts has the command over recorded traces. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type BacktestFile,
  type BacktestOptions,
  backtest,
  checkPolicyNames,
} from '../../src/backtest/backtest.ts';
import { hour } from './any-series.ts';

/** @param columns usage in MiB by column, one for each minute */
const file = (name: string, columns: Readonly<Record<string, readonly number[]>>): BacktestFile => {
  const names = Object.keys(columns);
  const rows = (columns[names[0] ?? ''] ?? []).map((_, index) =>
    [60 * index, ...names.map((one) => columns[one]?.[index] ?? '')].join(','),
  );
  return { name, text: [['t', ...names].join(','), ...rows, ''].join('\n') };
};

const steady = (hours: number, MiB = 50): readonly number[] => new Array<number>(hours * 60).fill(MiB);

const run = (files: readonly BacktestFile[], more: Partial<BacktestOptions> = {}) =>
  backtest(files, {
    ...{ unit: 'MiB', updateSeconds: hour, warmUpSeconds: hour, censored: false, floors: false },
    ...{ rates: [0.01], resamples: 10, seed: 1, policies: ['krr'], margins: [1] },
    ...more,
  });

describe('backtest', () => {
  it('leaves out series within the warm-up, and says how many', () => {
    const { outcomes, notes } = run([file('a.csv', { long: steady(4), short: [...steady(1)] })]);
    assert.deepEqual(
      [outcomes[0]?.series, notes],
      [1, ['Left out 1 of 2 series: they are not longer than the warm-up.']],
    );
    assert.deepEqual(run([file('a.csv', { long: steady(4) })]).notes, []);
  });

  it('refuses files whose series are all too short, with their names', () =>
    assert.throws(
      () =>
        run([file('a.csv', { x: steady(1) }), file('b.csv', { y: steady(1) })], { warmUpSeconds: 2 * hour }),
      /: a\.csv, b\.csv: expected a series longer than the warm-up of 2 h, got 2 shorter ones; pass/,
    ));

  it('takes the limit of a column by its file if two files have that column, else by its name', () => {
    const files = ['dir/a.csv.gz', 'b.csv'].map((name) => file(name, { x: steady(4) }));
    const slackOf = (given: readonly BacktestFile[], text: string) =>
      run(given, { policies: ['manual'], limits: { name: 'l.csv', text } }).outcomes.map(
        ({ series, slack }) => [series, slack],
      );
    assert.deepEqual(slackOf(files, 'series,limit\na/x,100\nx,200\n'), [[2, 0.625]]);
    assert.deepEqual(slackOf(files, 'series,limit\na/x,100\n'), [[1, 0.5]]);
    assert.deepEqual(slackOf(files.slice(0, 1), 'series,limit\na/x,100\nx,200\n'), [[1, 0.75]]);
  });

  it('runs only the wanted policies, or all of them', () => {
    const policiesOf = (policies: readonly string[] | undefined) =>
      new Set(run([file('a.csv', { x: steady(4) })], { policies }).outcomes.map(({ policy }) => policy));
    assert.deepEqual(policiesOf(['krr', 'vpa']), new Set(['vpa', 'krr']));
    assert.ok(policiesOf(undefined).size > 4);
  });

  it('has the minimum of KRR only with floors', () => {
    const limitOf = (floors: boolean) =>
      run([file('a.csv', { x: steady(4, 5) })], { floors, margins: undefined }).shipped[0]?.slack ?? 0;
    assert.ok(limitOf(true) > limitOf(false));
  });

  it('says whether the margins were given', () => {
    const files = [file('a.csv', { x: steady(4) })];
    assert.deepEqual(
      [run(files).marginsGiven, run(files, { margins: undefined }).marginsGiven],
      [true, false],
    );
  });
});

describe('checkPolicies', () => {
  it('accepts known names, and names each unknown one', () => {
    checkPolicyNames(['realmem', 'vpa']);
    assert.throws(
      () => checkPolicyNames(['kr', 'vpa', 'x']),
      /--policy: expected one of realmem, .*, got "kr"\n--policy: expected one of .*, got "x"/,
    );
  });
});
