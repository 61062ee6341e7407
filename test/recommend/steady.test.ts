import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advise } from '../../src/recommend/advise.ts';
import { UsageAggregate } from '../../src/usage/aggregate.ts';

const MiB = 2 ** 20;
const hour = 3600;
const day = 24 * hour;
const midnight = 20_000 * day;

/** The recommended limit in MiB after days with these hourly peaks in MiB: of the first hour, and of all others. */
function limitAfter(days: readonly (readonly [usual: number, first: number])[]): number {
  const aggregate = new UsageAggregate();
  for (let index = 0; index < 24 * days.length; index++) {
    const [usual = 0, first = 0] = days[Math.floor(index / 24)] ?? [];
    const peak = (index % 24 === 0 ? first : usual) * MiB;
    aggregate.hour(peak, midnight + index * hour);
    aggregate.usage.add(0.9 * peak, midnight + index * hour, 12);
  }
  return (advise(aggregate, midnight + days.length * day)?.limit.target ?? 0) / MiB;
}

const nights = (count: number, first: number): readonly (readonly [number, number])[] =>
  new Array<readonly [number, number]>(count).fill([20, first]);

describe('days that are alike', () => {
  it('get 25 % headroom: seven days within a tenth, or three equal days', () => {
    assert.equal(limitAfter([...nights(3, 60), ...nights(7, 94), ...nights(1, 100)]), 125);
    assert.equal(limitAfter([...nights(3, 60), ...nights(3, 100)]), 125);
  });

  it('get more headroom when the last day differs', () =>
    assert.ok(limitAfter([...nights(9, 60), ...nights(1, 100)]) > 130));

  it('do not push the limit below a peak that is older than the days that are kept', () => {
    const limit = limitAfter([...nights(1, 113), ...nights(13, 68)]);
    assert.ok(limit > 113, `${limit}`);
  });
});
