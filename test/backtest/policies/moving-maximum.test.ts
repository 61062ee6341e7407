import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MovingMaximum } from '../../../src/backtest/moving-maximum.ts';

describe('MovingMaximum', () => {
  it('is undefined without a sample, and 0 with a sample of 0', () => {
    const made = new MovingMaximum(10);
    assert.equal(made.at(0), undefined);
    made.add(0, 0);
    assert.equal(made.at(0), 0);
  });

  it('keeps a sample for exactly its span', () => {
    const made = new MovingMaximum(10);
    made.add(0, 5);
    assert.deepEqual(
      [10, 10.5].map((at) => made.at(at)),
      [5, undefined],
    );
  });

  it('falls to the largest of the samples that are left', () => {
    const made = new MovingMaximum(10);
    for (const [at, value] of [
      [0, 9],
      [1, 2],
      [2, 7],
      [3, 1],
    ] as const)
      made.add(at, value);
    assert.deepEqual(
      [10, 11, 13].map((at) => made.at(at)),
      [9, 7, 1],
    );
  });

  it('keeps the later of two equal samples', () => {
    const made = new MovingMaximum(10);
    made.add(0, 5);
    made.add(8, 5);
    assert.deepEqual(
      [18, 19].map((at) => made.at(at)),
      [5, undefined],
    );
  });

  it('accepts samples after all older ones are gone', () => {
    const made = new MovingMaximum(10);
    made.add(0, 5);
    assert.equal(made.at(100), undefined);
    made.add(100, 1);
    assert.equal(made.at(105), 1);
  });

  it('agrees with the maximum of all samples in the span, for any series', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 6 }), fc.integer({ min: 0, max: 5 }), fc.boolean()), {
          maxLength: 40,
        }),
        (steps) => {
          const made = new MovingMaximum(10);
          const all: { at: number; value: number }[] = [];
          let at = 0;
          for (const [step, value, asks] of steps) {
            at += step;
            made.add(at, value);
            all.push({ at, value });
            if (!asks) continue;
            const inSpan = all.filter((one) => one.at >= at - 10).map((one) => one.value);
            assert.equal(made.at(at), Math.max(...inSpan));
          }
        },
      ),
    ));
});
