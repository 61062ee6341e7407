import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { realmem } from '../../src/backtest/realmem.ts';
import { bestLimit, limitAfterKill } from '../../src/recommend/limit.ts';
import { UsageAggregate } from '../../src/usage/aggregate.ts';

const MiB = 2 ** 20;
const hour = 3600;
const day = 24 * hour;
const midnight = 20_000 * day;

/** An aggregate of hourly peaks in MiB up to `now`. Its 5-minute peaks are 5 % smaller. */
function aggregateOf(peaks: readonly number[]): { readonly aggregate: UsageAggregate; readonly now: number } {
  const aggregate = new UsageAggregate();
  for (const [index, peak] of peaks.entries()) see(aggregate, peak, index);
  return { aggregate, now: midnight + peaks.length * hour };
}

function see(aggregate: UsageAggregate, peak: number, index: number): void {
  aggregate.hour(peak * MiB, midnight + index * hour);
  for (let at = 0; at < hour; at += 300) aggregate.usage.add(0.95 * peak * MiB, midnight + index * hour + at);
}

const limitFor = (peaks: readonly number[], price?: number): number => {
  const { aggregate, now } = aggregateOf(peaks);
  return (bestLimit(aggregate, now, price) ?? Number.NaN) / MiB;
};

const steady = new Array<number>(14 * 24).fill(100);
/** With a triple peak each night. */
const nightly = steady.map((value, index) => (index % 24 === 3 ? 3 * value : value));
/** With one triple peak in two weeks. */
const once = steady.map((value, index) => (index === 200 ? 3 * value : value));

describe('the limit', () => {
  it('is up to 50 % above the peaks of a steady container', () => {
    const limit = limitFor(steady);
    assert.ok(limit > 100 && limit < 150, `${limit}`);
  });

  it('covers a nightly peak', () => assert.ok(limitFor(nightly) > 300));

  it('covers a single peak only at a high price of a kill', () => {
    assert.ok(limitFor(once, 0.5) < 200, `${limitFor(once, 0.5)}`);
    assert.ok(limitFor(once, 50) > 300, `${limitFor(once, 50)}`);
  });

  it('has less room above the largest the more alike the three largest days are', () => {
    const limitWith = (third: number): number => {
      const highest = new Map([
        [36, 110],
        [60, 110],
        [84, third],
      ]);
      return limitFor(
        steady.map((value, index) => highest.get(index) ?? 0.6 * value),
        20,
      );
    };
    const [capped, nearly, free] = [limitWith(110), limitWith(107), limitWith(101)];
    assert.ok(capped < nearly && nearly < free, `${capped}, ${nearly}, ${free}`);
    assert.ok(capped < 160 && free > 300, `${capped}, ${free}`);
  });

  it('is at least the p95, even from days older than those that are kept', () => {
    const limit = limitFor(new Array<number>(30 * 24).fill(1000).concat(steady));
    assert.ok(limit >= 1000, `${limit}`);
  });

  it('never falls when the price of a kill rises', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 60 }), (peaks) => {
        const limits = [0.1, 1, 7, 50, 500].map((price) => limitFor(peaks, price));
        for (const [index, limit] of limits.entries())
          assert.ok(index === 0 || limit >= (limits[index - 1] ?? 0) * (1 - 1e-9), limits.join(' '));
      }),
    ));

  it('scales with usage: a fiftieth of the usage gets a fiftieth of the limit', () => {
    const [small, large] = [limitFor(nightly.map((value) => value / 50)), limitFor(nightly)];
    assert.ok(Math.abs(large / small / 50 - 1) < 0.03, `${large} and ${small}`);
  });

  it('has more headroom with a short history', () =>
    assert.ok(limitFor(steady.slice(0, 6)) >= limitFor(steady)));

  it('is undefined without history', () => {
    assert.equal(bestLimit(new UsageAggregate(), midnight), undefined);
  });

  it('is the same to a bucket when merged from any split of the samples', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.nat({ max: 3 })), {
          minLength: 2,
          maxLength: 80,
        }),
        (peaks) => {
          const whole = aggregateOf(peaks.map(([peak]) => peak));
          const sum = new UsageAggregate();
          for (const node of [2, 0, 3, 1]) {
            const part = new UsageAggregate();
            for (const [index, [peak, of]] of peaks.entries()) if (of === node) see(part, peak, index);
            sum.merge(part);
          }
          const parts = bestLimit(sum, whole.now) ?? 0;
          const ratio = parts / (bestLimit(whole.aggregate, whole.now) ?? 0);
          assert.ok(Math.abs(ratio - 1) < 0.021, `${ratio}`);
        },
      ),
    ));
});

describe('the limit after a kill', () => {
  const { aggregate } = aggregateOf(steady);
  const ratio = (limit: number, price?: number): number =>
    limitAfterKill(aggregate, limit * MiB, price) / (limit * MiB);

  it('rises by at least 15 %, and by a factor of e^1.5 at most', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        (limit, price) => {
          const times = ratio(limit, price);
          assert.ok(times >= 1.1499 && times <= 4.49, `${times}`);
        },
      ),
    ));

  it('rises further the less of the limit was used, and the higher the price of a kill', () => {
    assert.ok(ratio(400) > ratio(110));
    assert.ok(ratio(110, 100) > ratio(110, 1));
  });
});

describe('the policy', () => {
  const limitsOf = (values: readonly number[], at: readonly number[], kill?: number): readonly number[] => {
    const none = { name: 'made', times: new Float64Array(), values: new Float64Array(), stepSeconds: 300 };
    const sizer = realmem.start(realmem.margin, none);
    if (sizer === undefined) throw new Error('no sizer');
    const limits: number[] = [];
    for (const [index, value] of values.entries()) {
      const now = midnight + index * 300;
      if (at.includes(index)) limits.push((sizer.limit(now) ?? Number.NaN) / MiB);
      sizer.observe(now, value * MiB);
      if (index === kill) sizer.killed?.(now, value * MiB);
    }
    return limits;
  };
  const days = (count: number, value = 100): number[] => new Array<number>(count * 288).fill(value);

  it('covers Monday’s job on Thursday and on the next Monday', () => {
    const values = days(9);
    for (let index = 100; index < 124; index++) values[index] = 400;
    const [thursday = 0, monday = 0] = limitsOf(values, [3 * 288, 7 * 288]);
    assert.ok(thursday > 400 && monday > 400, `${thursday}, ${monday}`);
  });

  it('covers the peak of today', () => {
    const values = days(3);
    values[2 * 288 + 5] = 1000;
    const [later = 0] = limitsOf(values, [2 * 288 + 10]);
    assert.ok(later >= 1000, `${later}`);
  });

  it('finds no ceiling in three kills at one limit', () => {
    const limitAfter = (isKilled: boolean): number => {
      const none = { name: 'made', times: new Float64Array(), values: new Float64Array(), stepSeconds: 300 };
      const sizer = realmem.start(20, none);
      if (sizer === undefined) throw new Error('no sizer');
      for (const [index, value] of days(5).entries()) {
        const now = midnight + index * 300;
        sizer.observe(now, value * MiB);
        if (index % 288 !== 12) continue;
        if (isKilled) sizer.killed?.(now, 100 * MiB);
        else sizer.observe(now, 115 * MiB);
      }
      return (sizer.limit(midnight + 5 * day) ?? 0) / MiB;
    };
    assert.ok(limitAfter(true) > 1.2 * limitAfter(false), `${limitAfter(true)}, ${limitAfter(false)}`);
  });

  it('raises the limit to at least 1.15 × the size at a kill', () => {
    const [before = 0, after = 0] = limitsOf(days(3), [2 * 288 - 1, 2 * 288 + 100], 2 * 288);
    assert.ok(after >= 115 && after >= before, `${before}, ${after}`);
  });
});
