/** Packed numbers are the numbers that were packed, and short where it matters. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { amountAt, flat, packNumbers, unpackNumbers } from '../../../src/usage/packed/numbers.ts';

const any = fc.oneof(
  fc.double(),
  fc.integer({ min: 0, max: 2 ** 41 }).map((pages) => 4096 * pages),
  fc.nat(),
  fc.nat(10_000).map((hundredths) => hundredths / 100),
  fc.nat(5_961).map(amountAt),
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 29, 2 ** 53),
);

describe('packed numbers', () => {
  it('are the same numbers again', () =>
    fc.assert(
      fc.property(fc.array(any, { maxLength: 600 }), (numbers) =>
        assert.deepEqual(unpackNumbers(packNumbers(numbers)), numbers),
      ),
    ));

  it('take a byte for an absent number and for zero', () =>
    assert.equal(packNumbers([Number.NaN, 0]).length, 2));

  it('take three bytes for the pages of a gibibyte, and for an amount of a checkpoint', () => {
    assert.equal(packNumbers([2 ** 30]).length, 3);
    assert.ok(packNumbers([amountAt(2_800)]).length <= 3);
  });

  it('stay the same text when it is copied', () =>
    fc.assert(
      fc.property(fc.array(any), (numbers) => {
        const text = packNumbers(numbers);
        assert.equal(flat(text.slice(0, 5) + text.slice(5)), text);
      }),
    ));
});
