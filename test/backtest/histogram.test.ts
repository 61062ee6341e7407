import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DecayingHistogram, exponentialBuckets, linearBuckets } from '../../src/backtest/histogram.ts';

const hour = 3600;
/** The options of VPA's own tests: bucket n contains the values from n to n + 1. */
const histogram = (halfLifeSeconds = hour) => new DecayingHistogram(linearBuckets(10, 1), halfLifeSeconds);

describe('exponentialBuckets', () => {
  const vpa = exponentialBuckets(1e12, 1e7, 0.05);

  it('makes 176 buckets of the options of VPA', () => assert.equal(vpa.count, 176));

  it('makes a first bucket of the size, and each next one wider by the growth', () => {
    const starts = [0, 1, 2, 3].map((index) => Math.round(vpa.startOf(index)));
    assert.deepEqual(starts, [0, 1e7, 2.05e7, 3.1525e7]);
  });

  it('puts 0 and a value just below the size into the first bucket, and one just above into the second', () =>
    assert.deepEqual([0, 1e7 - 1, 1e7 + 1].map(vpa.indexOf), [0, 0, 1]));

  it('puts values above the largest into the last bucket', () =>
    assert.deepEqual([1e15, Number.POSITIVE_INFINITY].map(vpa.indexOf), [175, 175]));

  it('puts each value between the start of its bucket and of the next, apart from rounding', () =>
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (value) => {
        const index = vpa.indexOf(value);
        assert.ok(vpa.startOf(index) <= value * (1 + 1e-9), `${value} in ${index}`);
        assert.ok(vpa.startOf(index + 1) >= value * (1 - 1e-9), `${value} in ${index}`);
      }),
    ));
});

describe('linearBuckets', () => {
  const { count, indexOf, startOf } = linearBuckets(10, 2);

  it('makes buckets of one width, and a last one that starts at the largest value', () =>
    assert.deepEqual([count, startOf(0), startOf(1), startOf(5)], [6, 0, 2, 10]));

  it('rounds an incomplete last bucket up', () => assert.equal(linearBuckets(9, 2).count, 6));

  it('puts a start into its own bucket, and values above the largest into the last', () =>
    assert.deepEqual([0, 1.99, 2, 10, 1e9].map(indexOf), [0, 0, 1, 5, 5]));
});

describe('DecayingHistogram', () => {
  it('is empty and has percentile 0 without a sample', () => {
    const made = histogram();
    assert.deepEqual([made.isEmpty, made.percentile(0), made.percentile(1)], [true, 0, 0]);
    assert.equal(made.held().size, 0);
  });

  it('returns the upper end of the only bucket for each share', () => {
    const made = histogram();
    made.add(2.5, 0);
    assert.deepEqual(
      [0, 0.5, 1].map((share) => made.percentile(share)),
      [3, 3, 3],
    );
  });

  it('is not empty after a sample of 0', () => {
    const made = histogram();
    made.add(0, 0);
    assert.deepEqual([made.isEmpty, made.percentile(1)], [false, 1]);
  });

  it('returns the start of the last bucket, which has no upper end', () => {
    const made = histogram();
    made.add(1e6, 0);
    assert.equal(made.percentile(1), 10);
  });

  it('returns the first bucket that reaches the share exactly', () => {
    const made = histogram();
    for (const value of [1, 2, 3, 4]) made.add(value, 0);
    assert.deepEqual(
      [0.25, 0.26, 0.5, 0.51, 0.75, 1].map((share) => made.percentile(share)),
      [2, 3, 3, 4, 4, 5],
    );
  });

  it('weighs a sample twice as much as one a half-life before it', () => {
    const made = histogram();
    made.add(1, 0);
    made.add(5, hour);
    assert.deepEqual(
      [0.33, 0.34].map((share) => made.percentile(share)),
      [2, 6],
    );
    const [older = 0, newer = 0] = made.held().values();
    assert.equal(newer / older, 2);
  });

  it('multiplies the weight of a sample with its decay, as in VPA’s test of 20 half-lives', () => {
    const made = histogram();
    made.add(2, 0, 1000);
    made.add(1, 20 * hour);
    assert.deepEqual(
      [0.999, 1].map((share) => made.percentile(share)),
      [2, 3],
    );
  });

  it('forgets a sample after 101 half-lives, as in VPA’s test', () => {
    const made = histogram();
    made.add(2, 0);
    made.add(1, 101 * hour);
    assert.equal(made.percentile(1), 2);
    assert.equal(made.referenceSeconds, 101 * hour);
  });

  it('keeps its reference for 100 half-lives, and moves it to a multiple of the half-life after them', () => {
    const made = histogram();
    made.add(1, 10);
    assert.equal(made.referenceSeconds, 0);
    made.add(1, 100 * hour);
    assert.equal(made.referenceSeconds, 0);
    made.add(1, 100 * hour + 1);
    assert.equal(made.referenceSeconds, 100 * hour);
    made.add(1, 230.6 * hour);
    assert.equal(made.referenceSeconds, 231 * hour);
  });

  it('keeps the ratios of weights and their total when it rescales', () => {
    const made = histogram();
    for (const [value, hours] of [
      [0, 0],
      [1, 99],
      [5, 100],
      [9, 101],
    ] as const)
      made.add(value, hours * hour);
    assert.deepEqual(
      [...made.held()],
      [
        [1, 0.25],
        [5, 0.5],
        [9, 1],
      ],
    );
    assert.deepEqual(
      [0.14, 0.15, 0.42, 0.43].map((share) => made.percentile(share)),
      [2, 6, 6, 10],
    );
  });

  it('accepts a sample that is older than the reference', () => {
    const made = histogram();
    made.add(5, 10 * hour);
    made.add(1, 9 * hour);
    assert.deepEqual(
      [0.33, 0.34].map((share) => made.percentile(share)),
      [2, 6],
    );
  });

  it('is as before when a sample is subtracted', () => {
    const made = histogram();
    made.add(2, 0);
    const before = [...made.held()];
    for (const value of [0, 9]) made.add(value, 3 * hour, 5);
    for (const value of [0, 9]) made.subtract(value, 3 * hour, 5);
    assert.deepEqual([...made.held()], before);
    assert.deepEqual(
      [0, 1].map((share) => made.percentile(share)),
      [3, 3],
    );
  });

  it('is empty when more is subtracted than was added', () => {
    const made = histogram();
    made.add(2, 0);
    made.subtract(2, hour);
    made.subtract(7, hour);
    assert.ok(made.isEmpty);
    made.add(2, 0);
    assert.deepEqual([...made.held()], [[2, 1]]);
    assert.equal(made.percentile(1), 3);
  });

  it('counts shares of the weight that a subtraction leaves', () => {
    const made = histogram();
    for (const [value, weight] of [
      [1, 1],
      [5, 1],
      [9, 8],
    ] as const)
      made.add(value, 0, weight);
    made.subtract(9, 0, 8);
    assert.deepEqual(
      [0.5, 0.51, 1].map((share) => made.percentile(share)),
      [2, 6, 6],
    );
  });

  it('ignores a bucket with a weight below 0.0001 beside one that is held', () => {
    const made = histogram();
    made.add(5, 0);
    for (const value of [0, 9]) made.add(value, 0, 0.00001);
    assert.deepEqual([made.isEmpty, made.percentile(0.5), made.percentile(1)], [false, 6, 6]);
  });

  it('counts a bucket with a weight below 0.0001 as empty, and one at it as held', () => {
    const made = histogram();
    made.add(3, 0, 0.00005);
    assert.deepEqual([made.isEmpty, made.percentile(1), made.held().size], [true, 0, 0]);
    made.add(3, 0, 0.00005);
    assert.deepEqual([made.isEmpty, made.percentile(1), made.held().size], [false, 4, 1]);
  });

  /** Within 12 half-lives of each other, so no sample weighs too little to count. */
  const samples = fc.array(
    fc.record({ value: fc.integer({ min: 0, max: 12 }), at: fc.integer({ min: 0, max: 12 * hour }) }),
    { maxLength: 20 },
  );

  it('is empty after all samples were subtracted, in any order', () =>
    fc.assert(
      fc.property(samples, fc.infiniteStream(fc.double({ noNaN: true })), (all, order) => {
        const made = histogram();
        for (const { value, at } of all) made.add(value, at);
        const keyed = all.map((sample) => [order.next().value ?? 0, sample] as const);
        for (const [, { value, at }] of keyed.sort(([a], [b]) => a - b)) made.subtract(value, at);
        assert.ok(made.isEmpty);
      }),
    ));

  it('has percentiles that rise with the share, from the least bucket to the largest', () =>
    fc.assert(
      fc.property(samples, (all) => {
        fc.pre(all.length > 0);
        const made = histogram();
        for (const { value, at } of all) made.add(value, at);
        const found = [0, 0.2, 0.5, 0.9, 1].map((share) => made.percentile(share));
        assert.deepEqual(
          found,
          found.toSorted((a, b) => a - b),
        );
        const values = all.map(({ value }) => Math.min(value, 10));
        assert.equal(found[0], Math.min(10, Math.min(...values) + 1));
        // Rounding of sums may end a bucket early, and never late.
        assert.ok((found.at(-1) ?? 0) <= Math.min(10, Math.max(...values) + 1));
      }),
    ));
});
