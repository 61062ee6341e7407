import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgedPart } from '../../src/backtest/judge.ts';
import type { Policy } from '../../src/backtest/policy.ts';
import { daily, day, fixed, hour, MiB, seriesOf, tallyOf } from './any-series.ts';

const perDay = 288;
const flat = (days: number, value = 50): number[] => new Array<number>(days * perDay).fill(value);

describe('judge', () => {
  it('counts the unused share of the limit, day by day', () => {
    const { days, slack, slackByteSeconds, episodes, freeDays, wholeDays } = tallyOf(
      seriesOf(flat(3)),
      fixed(200),
    );
    assert.deepEqual([days, slack / days, episodes, freeDays, wholeDays], [3, 0.75, 0, 3, 3]);
    assert.equal(slackByteSeconds, 3 * day * 150 * MiB);
  });

  it('measures slack against p95 of a day, not its peak', () => {
    const values = flat(1);
    values[100] = 190;
    assert.equal(tallyOf(seriesOf(values), fixed(200)).slack, 0.75);
  });

  it('counts slack 0 for a limit below usage', () => {
    const { slack, slackByteSeconds } = tallyOf(seriesOf(flat(1)), fixed(10));
    assert.deepEqual([slack, slackByteSeconds], [0, 0]);
  });

  it('counts episodes above the limit, which end after half an hour below', () => {
    const values = flat(1);
    // 20 minutes from 11 to 15, and 40 minutes to 23.
    for (const at of [10, 11, 15, 23]) values[at] = 300;
    const { episodes, freeDays } = tallyOf(seriesOf(values), fixed(200));
    assert.deepEqual([episodes, freeDays], [2, 0]);
  });

  it('counts one episode per day for a container that is always above the limit', () => {
    assert.equal(tallyOf(seriesOf(flat(3, 300)), fixed(200)).episodes, 3);
  });

  it('shows a policy each sample, and with censored shows the limit instead of what exceeds it', () => {
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

  it('ignores the warm-up, and skips a series that ends within it', () => {
    const values = flat(2);
    values[10] = 300;
    assert.equal(tallyOf(seriesOf(values), fixed(200), { ...daily, warmUpSeconds: day }).episodes, 0);
    assert.equal(judgedPart(seriesOf(values), 3 * day), undefined);
  });

  it('counts changes of the limit by more than 5 %, not the first limit', () => {
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
