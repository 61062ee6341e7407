import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Demand } from '../../src/model/demand.ts';
import { type Ceiling, ceilingOf } from '../../src/recommend/ceiling.ts';

const MiB = 2 ** 20;
const hour = 3600;
const day = 24 * hour;
const midnight = 20_000 * day;

/** The largest of each day in MiB, of the first days since the epoch's 20,000th. */
function demandOf(peaks: readonly number[], from = midnight): Demand {
  const demand = new Demand();
  for (const [index, peak] of peaks.entries()) demand.hour(peak * MiB, from + index * day);
  return demand;
}

const farMore = (demand: Demand, days: number): number | undefined =>
  ceilingOf(demand, midnight + days * day)?.farMore;

describe('a ceiling', () => {
  it('is where three whole days came to nearly the same', () => {
    assert.equal(farMore(demandOf([60, 100, 100, 100]), 4), 0.1);
    const between = farMore(demandOf([60, 100, 97, 97]), 4) ?? 0;
    assert.ok(Math.abs(between - Math.log(100 / 97) / 0.07) < 1e-9, `${between}`);
    assert.equal(ceilingOf(demandOf([60, 100, 97, 98]), midnight + 4 * day)?.lowest, 97 * MiB);
  });

  it('is where a tenth of the hours of a day and more came near the largest', () => {
    /** Of each hour, in MiB. */
    const hoursOf = (peaks: readonly number[]): Demand => {
      const demand = new Demand();
      for (const [index, peak] of peaks.entries()) demand.hour(peak * MiB, midnight + index * hour);
      return demand;
    };
    const ceiling = (peaks: readonly number[]): Ceiling | undefined =>
      ceilingOf(hoursOf(peaks), midnight + peaks.length * hour);
    const still = new Array<number>(26).fill(100);
    const found = ceiling(still);
    assert.deepEqual([found?.of, found?.farMore], ['hours', 0.1]);
    assert.ok((found?.lowest ?? 0) <= 100 * MiB && (found?.lowest ?? 0) > 98 * MiB, `${found?.lowest}`);
    assert.equal(ceiling(still.slice(0, 23)), undefined);
    // One in thirteen was so large, and one in eight.
    const spiky = (each: number): readonly number[] =>
      still.map((peak, index) => (index % each === 0 ? 200 : peak));
    assert.equal(ceiling(spiky(13)), undefined);
    assert.equal(ceiling(spiky(8))?.farMore, 0.1);
    const between = ceiling(still.map((peak, index) => (index === 9 ? 110 : peak)))?.farMore ?? 0;
    assert.ok(between > 0.4 && between < 0.6, `${between}`);
  });

  it('is not where most came longer ago than days are kept', () => {
    const demand = new Demand();
    for (let index = 0; index < 34 * 24; index++)
      demand.hour((index < 20 * 24 ? 1000 : index % 24 < 2 ? 100 : 40) * MiB, midnight + index * hour);
    demand.forget(midnight + 34 * day);
    assert.equal(ceilingOf(demand, midnight + 34 * day)?.of, 'days');
    assert.equal(demand.largest(midnight + 34 * day), 100 * MiB);
  });

  it('is not known from the first hour of many replicas', () => {
    const demand = new Demand();
    for (let replica = 0; replica < 50; replica++) demand.hour(100 * MiB, midnight);
    assert.equal(farMore(demand, 1 / 24), undefined);
    assert.equal(farMore(demand, 1), 0.1);
  });

  it('is not where days differ, and not known from two', () => {
    assert.equal(farMore(demandOf([60, 100, 92, 92]), 4), undefined);
    assert.equal(farMore(demandOf([100, 100]), 2), undefined);
  });

  it('takes neither today nor the day on which watching began for a whole one', () => {
    assert.equal(farMore(demandOf([100, 100, 100]), 2.5), undefined);
    assert.equal(farMore(demandOf([100, 100, 100], midnight + hour), 3), undefined);
  });

  it('is over when it was broken through today', () =>
    assert.equal(farMore(demandOf([100, 100, 100, 150]), 3.5), undefined));

  it('is none where its own limit may have held it, or the OOM killer', () => {
    const atLimit = demandOf([100, 100, 100]);
    atLimit.note(midnight + day, { atLimit: 100 * MiB });
    assert.equal(farMore(atLimit, 3), undefined);
    for (const limit of [undefined, 100 * MiB]) {
      const killed = demandOf([100, 100, 100]);
      const at = midnight + day + hour;
      killed.killed({ pod: 'cart-1', life: 'a', at, ...(limit !== undefined && { limit }) });
      assert.equal(farMore(killed, 3), undefined);
    }
  });

  it('is one all the same where the limit was raised that day', () => {
    const raised = demandOf([100, 100, 100]);
    raised.note(midnight + day, { atLimit: 50 * MiB });
    assert.equal(farMore(raised, 3), 0.1);
  });

  it('is none for a leak, nor for what uses nothing', () => {
    const leaking = demandOf([100, 100, 100]);
    const leak = { pod: 'cart-1', perDay: MiB, since: midnight, from: 0, until: midnight + day, to: MiB };
    leaking.leaking(leak);
    assert.equal(farMore(leaking, 3), undefined);
    assert.equal(farMore(demandOf([0, 0, 0]), 3), undefined);
  });
});
