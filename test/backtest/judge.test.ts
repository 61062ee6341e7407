import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgedPart } from '../../src/backtest/judge.ts';
import type { Policy } from '../../src/backtest/policy.ts';
import { daily, day, fixed, hour, MiB, seriesOf, tallyOf } from './any-series.ts';

const perDay = 288;
const flat = (days: number, value = 50): number[] => new Array<number>(days * perDay).fill(value);

describe('the judge', () => {
  it('counts what is set aside and not used, day by day', () => {
    const { days, slack, slackByteSeconds, episodes, freeDays, wholeDays } = tallyOf(
      seriesOf(flat(3)),
      fixed(200),
    );
    assert.deepEqual([days, slack / days, episodes, freeDays, wholeDays], [3, 0.75, 0, 3, 3]);
    assert.equal(slackByteSeconds, 3 * day * 150 * MiB);
  });

  it('looks at the 95th percentile of a day, not at its peak', () => {
    const values = flat(1);
    values[100] = 190;
    assert.equal(tallyOf(seriesOf(values), fixed(200)).slack, 0.75);
  });

  it('sees no slack in a limit below what is used', () => {
    const { slack, slackByteSeconds } = tallyOf(seriesOf(flat(1)), fixed(10));
    assert.deepEqual([slack, slackByteSeconds], [0, 0]);
  });

  it('counts times above the limit, not samples: one ends after half an hour below', () => {
    const values = flat(1);
    // 20 minutes between the first two, 40 to the next.
    for (const at of [10, 11, 15, 23]) values[at] = 300;
    const { episodes, freeDays } = tallyOf(seriesOf(values), fixed(200));
    assert.deepEqual([episodes, freeDays], [2, 0]);
  });

  it('counts a container that is above all the time once a day', () => {
    assert.equal(tallyOf(seriesOf(flat(3, 300)), fixed(200)).episodes, 3);
  });

  it('shows a policy the past alone, and a kill as what it was', () => {
    const seen: string[] = [];
    const watching: Policy = {
      ...fixed(0),
      start: () => ({
        observe: (at, value) =>
          void (value > 100 * MiB && seen.push(`${(at / hour) % 24} h: ${value / MiB}`)),
        limit: () => 200 * MiB,
        killed: (_, limit) => {
          seen.push(`killed at ${limit / MiB}`);
          return 2 * limit;
        },
      }),
    };
    const values = flat(1);
    values[120] = 300;
    values[132] = 350;
    tallyOf(seriesOf(values), watching);
    assert.deepEqual(seen.splice(0), ['10 h: 300', 'killed at 200', '11 h: 350']);
    tallyOf(seriesOf(values), watching, { ...daily, censored: true });
    assert.deepEqual(seen, ['10 h: 200', 'killed at 200', '11 h: 350']);
  });

  it('judges nothing within the warm-up, and no series that ends in it', () => {
    const values = flat(2);
    values[10] = 300;
    assert.equal(tallyOf(seriesOf(values), fixed(200), { ...daily, warmUpSeconds: day }).episodes, 0);
    assert.equal(judgedPart(seriesOf(values), 3 * day), undefined);
  });

  it('counts changes of more than 5 %, after the first limit', () => {
    const growing = (factor: number): Policy => ({
      ...fixed(0),
      start: (_, { times }) => ({
        observe() {},
        limit: (at) => 100 * MiB * factor ** ((at - (times[0] ?? 0)) / day),
      }),
    });
    assert.equal(tallyOf(seriesOf(flat(5, 1)), growing(1.04)).changes, 0);
    assert.equal(tallyOf(seriesOf(flat(5, 1)), growing(1.06)).changes, 4);
  });
});
