import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytesOf, LogHistogram } from '../../src/usage/log-histogram.ts';

const start = 1_790_000_000;
const day = 86_400;
const MiB = 2 ** 20;

const sample = fc.record({
  bytes: fc.double({ min: 0, max: 2 ** 42, noNaN: true }),
  at: fc.integer({ min: start, max: start + 60 * day }),
  weight: fc.double({ min: 0.01, max: 100, noNaN: true }),
});
type Sample = { readonly bytes: number; readonly at: number; readonly weight: number };

const histogramOf = (samples: readonly Sample[]): LogHistogram => {
  const histogram = new LogHistogram(7);
  for (const { bytes, at, weight } of samples) histogram.add(bytes, at, weight);
  return histogram;
};

const close = (a: number, b: number): boolean =>
  Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

describe('a histogram', () => {
  it('copies its buckets once for a decode, not once per bucket', (test) => {
    const copied = test.mock.method(Object.getPrototypeOf(Float64Array.prototype) as Float64Array, 'set');
    const histogram = new LogHistogram(7);
    histogram.decode([0, ...Array<number>(1_100).fill(300)], start, {
      ...{ least: 1, weightStep: 0.02, most: 1e9 },
    });
    const other = new LogHistogram(7);
    other.merge(histogram);
    assert.ok(copied.mock.callCount() <= 2 * (1_100 / 64 + 1), `${copied.mock.callCount()} copies`);
    assert.deepEqual(other.at(start), histogram.at(start));
    assert.equal(other.at(start).weights.length, 1_100);
  });

  it('gives at least the value itself, and at most 2 % more', () =>
    fc.assert(
      fc.property(fc.double({ min: 2 ** 20, max: 2 ** 42, noNaN: true }), (bytes) => {
        const said = histogramOf([{ bytes, at: start, weight: 1 }]).percentile(1) ?? 0;
        assert.ok(said >= bytes * (1 - 1e-9) && said <= bytes * 1.0203, `${bytes}: ${said}`);
      }),
    ));

  it('has percentiles by weight, and none without values', () => {
    const histogram = new LogHistogram(7);
    assert.equal(histogram.percentile(0.5), undefined);
    for (let index = 0; index < 99; index++) histogram.add(10 * MiB, start);
    histogram.add(500 * MiB, start);
    assert.ok((histogram.percentile(0.99) ?? 0) < 11 * MiB);
    assert.ok((histogram.percentile(0.995) ?? 0) > 499 * MiB);
  });

  it('halves the weight of a value each half-life', () => {
    const { weights } = histogramOf([{ bytes: MiB, at: start, weight: 8 }]).at(start + 21 * day);
    assert.ok(close(weights[0] ?? 0, 1));
  });

  it('is the same when merged from any parts in any order', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(sample, fc.nat({ max: 4 })), { minLength: 1, maxLength: 40 }),
        fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5, maxLength: 5 }),
        (parted, order) => {
          const whole = histogramOf(parted.map(([one]) => one));
          const sum = new LogHistogram(7);
          for (const part of order)
            sum.merge(histogramOf(parted.filter(([, of]) => of === part).map(([one]) => one)));
          const [a, b] = [whole.at(start), sum.at(start)];
          assert.equal(a.first, b.first);
          assert.equal(a.weights.length, b.weights.length);
          for (const [index, weight] of a.weights.entries()) assert.ok(close(weight, b.weights[index] ?? 0));
          for (const share of [0, 0.5, 0.95, 1]) {
            const [one, other] = [whole.percentile(share) ?? 0, sum.percentile(share) ?? 0];
            // When a threshold is met exactly, rounding can move the percentile to the next bucket with weight.
            if (share === 0 || share === 1) assert.ok(close(one, other));
          }
        },
      ),
    ));

  it('has buckets that double in size every 35', () =>
    assert.ok(Math.abs(bytesOf(35) / bytesOf(0) - 2) < 0.02));
});
