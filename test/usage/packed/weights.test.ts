/** Packed weights are the weights that were packed, to eleven digits, and empty buckets take no room. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mostSteps, packWeights, unpackWeights } from '../../../src/usage/packed/weights.ts';

const weight = fc.oneof(fc.constant(0), fc.double({ min: 2 ** -900, max: 2 ** 1000, noNaN: true }));
const steps = fc
  .nat(mostSteps - 400)
  .chain((first) => fc.record({ first: fc.constant(first), weights: fc.array(weight, { maxLength: 400 }) }));

describe('packed weights', () => {
  it('are the same weights again, to eleven digits', () =>
    fc.assert(
      fc.property(steps, ({ first, weights }) => {
        const found = unpackWeights(packWeights({ first, weights }));
        assert.equal(found.first, weights.length === 0 ? 0 : first);
        assert.equal(found.weights.length, weights.length);
        for (const [index, one] of weights.entries())
          assert.ok(Math.abs((found.weights[index] as number) - one) <= 1e-11 * one, `${one}`);
      }),
    ));

  it('stay the same when they are packed again', () =>
    fc.assert(
      fc.property(steps, (one) => {
        const text = packWeights(one);
        assert.equal(packWeights(unpackWeights(text)), text);
      }),
    ));

  it('take six bytes, and a run of 128 empty buckets takes one', () => {
    const weights = [1, ...new Array<number>(128).fill(0), 2];
    assert.equal(packWeights({ first: 0, weights }).length, 2 + 6 + 1 + 6);
  });

  it('are an empty text without buckets', () => assert.equal(packWeights({ first: 7, weights: [] }), ''));

  it('have room for every bucket at once', () => {
    const weights = Array.from({ length: mostSteps }, (_, index) => 1 + index);
    assert.deepEqual(unpackWeights(packWeights({ first: 0, weights })).weights, weights);
  });
});
