import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Policy } from '../../src/backtest/policy.ts';
import { judged, outcomeOf, replay } from '../../src/backtest/replay.ts';
import { daily, day, fixed, MiB, run, seriesOf, tally } from './any-series.ts';

/** Sets the margin as the limit, in units of 100 MiB. */
const scaled = (margin: number, margins: readonly number[]): Policy => ({
  ...fixed(0),
  ...{ name: 'scaled', margin, margins },
  start: (one) => ({ observe: () => {}, limit: () => one * 100 * MiB }),
});

const threeDays = seriesOf(new Array<number>(3 * 288).fill(50));

describe('judged', () => {
  it('skips series that end within the warm-up, and keeps the order of the others', () => {
    const series = [3, 1, 2].map((days) => ({
      ...seriesOf(new Array<number>(days * 288).fill(50)),
      name: `${days}`,
    }));
    const names = (warmUp: number) => judged(series, warmUp).map((one) => one.series.name);
    assert.deepEqual([names(0), names(day), names(3 * day)], [['3', '1', '2'], ['3', '2'], []]);
  });
});

describe('replay', () => {
  const parts = judged([threeDays], 0);
  const marginsOf = (policy: Policy, margins?: readonly number[]) =>
    replay(parts, policy, { ...daily, margins }).map(({ margin, shipped }) => [margin, shipped]);

  it('runs the margins of the frontier and the default once each, ascending', () => {
    assert.deepEqual(marginsOf(scaled(1.5, [1, 2])), [
      [1, false],
      [1.5, true],
      [2, false],
    ]);
    assert.deepEqual(marginsOf(scaled(2, [1, 2])), [
      [1, false],
      [2, true],
    ]);
  });

  it('runs the given margins alone, in their order', () => {
    assert.deepEqual(marginsOf(scaled(1.5, [1, 2]), [3, 1.5]), [
      [3, false],
      [1.5, true],
    ]);
    assert.deepEqual(marginsOf(scaled(1.5, [1, 2]), []), []);
  });

  it('judges each series under each margin, by a sizer of its own', () => {
    const [half, one, two] = replay(judged([threeDays, threeDays], 0), scaled(1, [0.25, 2]), daily);
    assert.deepEqual(
      [half, one, two].map((found) => found?.tallies.map((each) => [each?.episodes, each?.slack])),
      [
        [
          [3, 0],
          [3, 0],
        ],
        [
          [0, 1.5],
          [0, 1.5],
        ],
        [
          [0, 2.25],
          [0, 2.25],
        ],
      ],
    );
    assert.equal(one?.policy, 'scaled');
  });

  it('has no tally for a series without a sizer, at its place in the list', () => {
    const limited = { ...threeDays, limitBytes: 100 * MiB };
    const policy: Policy = {
      ...fixed(0),
      start: (_, { limitBytes }) =>
        limitBytes === undefined ? undefined : { observe: () => {}, limit: () => limitBytes },
    };
    const [found] = replay(judged([threeDays, limited], 0), policy, daily);
    assert.deepEqual(
      found?.tallies.map((each) => each?.days),
      [undefined, 3],
    );
  });
});

describe('outcomeOf', () => {
  it('adds up the tallies, each times its weight', () => {
    const made = run('a', 1, tally(1, 0.2), tally(3, 0.6));
    const { slack, oomPerDay, oomFreeDaysPct, series, days } = outcomeOf(made) ?? {};
    assert.deepEqual([slack, oomPerDay, oomFreeDaysPct, series, days], [0.4, 0.2, 80, 2, 20]);
    assert.equal(outcomeOf(made, [0, 2])?.oomPerDay, 0.3);
    assert.equal(outcomeOf({ ...made, tallies: [undefined] }), undefined);
  });

  it('is the same for a weight of 2 as for the series twice', () => {
    const [a, b] = [tally(1, 0.2, 3), tally(3, 0.6, 5)];
    assert.deepEqual(outcomeOf(run('a', 1, a, b), [2, 1]), outcomeOf(run('a', 1, a, a, b)));
  });

  it('is undefined with no series, with weights of 0 alone, and with fewer weights than series', () => {
    assert.equal(outcomeOf(run('a', 1)), undefined);
    assert.equal(outcomeOf(run('a', 1, tally(1, 0.2)), [0]), undefined);
    assert.equal(outcomeOf(run('a', 1, undefined, tally(1, 0.2)), [1]), undefined);
  });

  it('skips series without a tally, and counts an outcome of 0 kills and 0 slack', () => {
    const { series, oomPerDay, slack, oomFreeDaysPct } =
      outcomeOf(run('a', 1, undefined, tally(0, 0)), [5, 1]) ?? {};
    assert.deepEqual([series, oomPerDay, slack, oomFreeDaysPct], [1, 0, 0, 100]);
  });

  it('weighs slack by days, and rates by observed time', () => {
    const made = run('a', 2, tally(0, 0.8, 1), { ...tally(2, 0.2, 3), changes: 6, slackByteSeconds: 7 });
    const outcome = outcomeOf(made);
    assert.ok(Math.abs((outcome?.slack ?? 0) - 0.35) < 1e-9);
    assert.deepEqual(
      [outcome?.policy, outcome?.margin, outcome?.oomPerDay, outcome?.changesPerDay, outcome?.oomFreeDaysPct],
      ['a', 2, 0.5, 1.5, 50],
    );
    assert.equal(outcome?.slackByteSeconds, 7);
  });

  it('counts an incomplete last day as a whole one for days without an OOM kill', () => {
    const made = run('a', 1, { ...tally(0, 0.5, 2.5), wholeDays: 3, freeDays: 3 });
    assert.equal(outcomeOf(made)?.oomFreeDaysPct, 100);
  });
});
