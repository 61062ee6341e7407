import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advise } from '../../src/recommend/advise.ts';
import { type Ceiling, ceilingOf } from '../../src/recommend/ceiling.ts';
import { UsageAggregate } from '../../src/usage/aggregate.ts';

const MiB = 2 ** 20;
const hour = 3600;
const day = 24 * hour;
const midnight = 20_000 * day;

/** An aggregate of the peaks of consecutive days, or hours, in MiB. */
function aggregateOf(peaks: readonly number[], from = midnight, step = day): UsageAggregate {
  const aggregate = new UsageAggregate();
  for (const [index, peak] of peaks.entries()) aggregate.hour(peak * MiB, from + index * step);
  return aggregate;
}

const farMore = (aggregate: UsageAggregate, days: number): number | undefined =>
  ceilingOf(aggregate, midnight + days * day)?.farMore;

describe('a ceiling', () => {
  it('exists when the three largest whole days are alike, and is weaker the more they differ', () => {
    assert.equal(farMore(aggregateOf([60, 100, 100, 100]), 4), 0.1);
    const between = farMore(aggregateOf([60, 100, 97, 97]), 4) ?? 0;
    assert.ok(Math.abs(between - Math.log(100 / 97) / 0.07) < 1e-9, `${between}`);
    assert.equal(ceilingOf(aggregateOf([60, 100, 97, 98]), midnight + 4 * day)?.lowest, 97 * MiB);
  });

  it('exists when a tenth of at least 24 hours came near the largest', () => {
    const ceiling = (peaks: readonly number[]): Ceiling | undefined =>
      ceilingOf(aggregateOf(peaks, midnight, hour), midnight + peaks.length * hour);
    const still = new Array<number>(26).fill(100);
    const found = ceiling(still);
    assert.deepEqual([found?.of, found?.farMore], ['hours', 0.1]);
    assert.ok((found?.lowest ?? 0) <= 100 * MiB && (found?.lowest ?? 0) > 98 * MiB, `${found?.lowest}`);
    assert.equal(ceiling(still.slice(0, 23)), undefined);
    // One hour in thirteen is high, then one in eight.
    const spiky = (each: number): readonly number[] =>
      still.map((peak, index) => (index % each === 0 ? 200 : peak));
    assert.equal(ceiling(spiky(13)), undefined);
    assert.equal(ceiling(spiky(8))?.farMore, 0.1);
    const between = ceiling(still.map((peak, index) => (index === 9 ? 110 : peak)))?.farMore ?? 0;
    assert.ok(between > 0.4 && between < 0.6, `${between}`);
  });

  it('of hours is named in the reasons', () => {
    const aggregate = aggregateOf(new Array<number>(26).fill(100), midnight, hour);
    aggregate.usage.add(90 * MiB, midnight, 26 * 12);
    const { because = [] } = advise(aggregate, midnight + 26 * hour) ?? {};
    assert.ok(
      because.some((reason) =>
        /^A tenth of its hours reached .* less often than if its hours varied$/.test(reason),
      ),
      because.join('\n'),
    );
  });

  it('does not exist when most of the weight is older than the days that are kept', () => {
    // No two of the last 14 days are alike.
    const recent = Array.from({ length: 14 }, (_, index) => 40 * 1.1 ** index);
    const peaks = [...new Array<number>(20).fill(1000), ...recent];
    const aggregate = aggregateOf(
      peaks.flatMap((peak) => [peak, ...new Array<number>(23).fill(0.9 * peak)]),
      midnight,
      hour,
    );
    aggregate.forget(midnight + 34 * day);
    assert.ok((aggregate.hours.percentile(0.9) ?? 0) > aggregate.largest(midnight + 34 * day));
    assert.equal(farMore(aggregate, 34), undefined);
  });

  it('needs a day of history, even of 50 replicas', () => {
    const aggregate = new UsageAggregate();
    for (let replica = 0; replica < 50; replica++) aggregate.hour(100 * MiB, midnight);
    assert.equal(farMore(aggregate, 1 / 24), undefined);
    assert.equal(farMore(aggregate, 1), 0.1);
  });

  it('does not exist when days differ, nor with two days', () => {
    assert.equal(farMore(aggregateOf([60, 100, 92, 92]), 4), undefined);
    assert.equal(farMore(aggregateOf([100, 100]), 2), undefined);
  });

  it('counts neither today nor the day on which observation began as a whole day', () => {
    assert.equal(farMore(aggregateOf([100, 100, 100]), 2.5), undefined);
    assert.equal(farMore(aggregateOf([100, 100, 100], midnight + hour), 3), undefined);
  });

  it('ends when a peak of today is above it', () =>
    assert.equal(farMore(aggregateOf([100, 100, 100, 150]), 3.5), undefined));

  it('does not exist when the container reached its limit or was OOM killed on such a day', () => {
    const atLimit = aggregateOf([100, 100, 100]);
    atLimit.note(midnight + day, { atLimit: 100 * MiB });
    assert.equal(farMore(atLimit, 3), undefined);
    for (const limit of [undefined, 100 * MiB]) {
      const killed = aggregateOf([100, 100, 100]);
      const at = midnight + day + hour;
      killed.killed({ pod: 'cart-1', lifetime: 'a', at, ...(limit !== undefined && { limit }) });
      assert.equal(farMore(killed, 3), undefined);
    }
  });

  it('of hours does not exist when the container reached its limit', () => {
    const atLimit = aggregateOf(new Array<number>(26).fill(100), midnight, hour);
    assert.equal(farMore(atLimit, 26 / 24), 0.1);
    atLimit.note(midnight, { atLimit: 100 * MiB });
    assert.equal(farMore(atLimit, 26 / 24), undefined);
  });

  it('exists when the container reached a much lower limit that was raised on that day', () => {
    const raised = aggregateOf([100, 100, 100]);
    raised.note(midnight + day, { atLimit: 50 * MiB });
    assert.equal(farMore(raised, 3), 0.1);
  });

  it('does not exist for a leak, nor for a container that uses nothing', () => {
    const leaking = aggregateOf([100, 100, 100]);
    const leak = { pod: 'cart-1', perDay: MiB, since: midnight, from: 0, until: midnight + day, to: MiB };
    leaking.leaking(leak);
    assert.equal(farMore(leaking, 3), undefined);
    assert.equal(farMore(aggregateOf([0, 0, 0]), 3), undefined);
  });
});
