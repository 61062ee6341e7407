import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Backtest, Comparison, Outcome } from '../../src/backtest/judge.ts';
import { renderBacktest, renderBacktestJson } from '../../src/backtest/render.ts';

const outcome = (policy: string, margin: number, rest: Partial<Outcome> = {}): Outcome => ({
  ...{ policy, margin, slack: 0.5, oomPerDay: 0, oomFreeDaysPct: 100, changesPerDay: 0 },
  ...{ series: 2, days: 2, slackByteSeconds: 0 },
  ...rest,
});

const ours = outcome('realmem', 3);
const theirs = outcome('krr', 1.15);
const result = (rest: Partial<Backtest> = {}): Backtest => ({
  ...{ outcomes: [ours, theirs], shipped: [ours, theirs], marginsGiven: false, comparisons: [], notes: [] },
  ...rest,
});
const comparison = (slack: Readonly<Record<string, number>>, rest: Partial<Comparison> = {}): Comparison => ({
  rate: 0.01,
  slack: new Map(Object.entries(slack)),
  ...rest,
});
const lineAt = (text: string, start: string): string | undefined =>
  text.split('\n').find((line) => line.startsWith(start));
const verdictOf = (one: Comparison): string | undefined =>
  lineAt(renderBacktest(result({ comparisons: [one] })), 'At ');

describe('renderBacktest', () => {
  it('rounds days, and counts nothing without outcomes', () => {
    const text = renderBacktest(result({ outcomes: [outcome('krr', 1, { days: 2.5 })] }));
    assert.match(text, /^2 series, 3 container-days\. Each policy at its default margin:\n\nPOLICY /);
    assert.match(renderBacktest(result({ outcomes: [], shipped: [] })), /^0 series, 0 container-days\. /);
  });

  it('lists the default margins, and with --margins all outcomes', () => {
    const rows = { outcomes: [outcome('krr', 7)], shipped: [outcome('krr', 8)] };
    assert.match(renderBacktest(result(rows)), /at its default margin:\n\n.*\nkrr +8 /);
    assert.match(
      renderBacktest(result({ ...rows, marginsGiven: true })),
      /at the margins of --margins:\n\n.*\nkrr +7 /,
    );
  });

  it('rounds each figure, and divides unused bytes by days', () => {
    const one = outcome('krr', 1.125, {
      ...{ slack: 0.12345, oomPerDay: 0.0344, oomFreeDaysPct: 99.96, changesPerDay: 1.006 },
      slackByteSeconds: 5 * 2 ** 30 * 3600,
    });
    const text = renderBacktest(result({ outcomes: [one], shipped: [one] }));
    assert.deepEqual(lineAt(text, 'krr')?.split(/ +/), [
      'krr',
      '1.125',
      '0.123',
      '0.034',
      '100.0',
      '1.01',
      '2.5',
    ]);
  });

  it('compares each policy once, with - where it does not reach the rate', () => {
    const text = renderBacktest(
      result({
        outcomes: [ours, theirs, outcome('krr', 2)],
        comparisons: [comparison({ realmem: 0 }), comparison({ krr: 1 }, { rate: 0.1 })],
      }),
    );
    const [, table = ''] = text.split('container and day:\n\n');
    assert.deepEqual(
      table
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
      [
        ['POLICY', 'AT 0.01', 'AT 0.1'],
        ['realmem', '0.000', '-'],
        ['krr', '-', '1.000'],
      ],
    );
  });

  it('says how far realmem is below the best other policy, with the interval', () => {
    const one = comparison({ realmem: 0.12, krr: 0.213 }, { best: 'krr', interval: [-0.11, 0.0654] });
    assert.equal(
      verdictOf(one),
      'At 0.01 kills/day: realmem 0.120, the best other policy (krr) 0.213, difference −0.093 (90 % bootstrap confidence interval: −0.110 to +0.065)',
    );
  });

  it('says how far it is above, without an interval, and that an equal slack differs by +0.000', () => {
    assert.match(
      verdictOf(comparison({ realmem: 0.3, krr: 0.2 }, { best: 'krr' })) ?? '',
      /, difference \+0\.100$/,
    );
    assert.match(
      verdictOf(comparison({ realmem: 0.2, krr: 0.2 }, { best: 'krr' })) ?? '',
      /, difference \+0\.000$/,
    );
  });

  it('says nothing if realmem or all others do not reach the rate', () => {
    assert.equal(verdictOf(comparison({ krr: 0.2 }, { best: 'krr' })), undefined);
    assert.equal(verdictOf(comparison({ realmem: 0.2, oracle: 0.1 })), undefined);
  });

  it('compares at a slack of 0', () =>
    assert.match(
      verdictOf(comparison({ realmem: 0, krr: 0 }, { best: 'krr' })) ?? '',
      /realmem 0\.000, the best other policy \(krr\) 0\.000/,
    ));

  it('ends with the notes, one line each, with control characters escaped', () =>
    assert.match(
      renderBacktest(result({ notes: ['Left out 1.', 'a\u001b[31m\nb'] })),
      /\nLeft out 1\.\na\\u001b\[31m\\u000ab\n$/,
    ));
});

describe('renderBacktestJson', () => {
  it('prints all outcomes with their full figures, and [] without any', () => {
    const outcomes = [outcome('krr', 1, { slack: 0.123456789 }), ours];
    const text = renderBacktestJson(result({ outcomes, shipped: [] }));
    assert.deepEqual(JSON.parse(text), outcomes);
    assert.ok(text.endsWith(']\n'));
    assert.equal(renderBacktestJson(result({ outcomes: [] })), '[]\n');
  });
});
