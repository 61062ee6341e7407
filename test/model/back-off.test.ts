import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BackOff } from '../../src/model/back-off.ts';

const waits = (backOff: BackOff, count: number): readonly number[] =>
  Array.from({ length: count }, () => backOff.next());

describe('BackOff', () => {
  it('doubles the wait after each failure up to the longest', () => {
    const backOff = new BackOff({ firstMs: 1_000, longestMs: 5_000, random: () => 1 });
    assert.deepEqual(waits(backOff, 5), [1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it('waits half as long where chance gives nothing', () => {
    const backOff = new BackOff({ firstMs: 1_000, longestMs: 5_000, random: () => 0 });
    assert.deepEqual(waits(backOff, 3), [500, 1_000, 2_000]);
  });

  it('begins again with the first wait after a success', () => {
    const backOff = new BackOff({ firstMs: 1_000, longestMs: 5_000, random: () => 1 });
    waits(backOff, 3);
    backOff.reset();
    assert.equal(backOff.next(), 1_000);
  });

  it('asks for the longest wait each time where it can change', () => {
    let longest = 1_500;
    const backOff = new BackOff({ firstMs: 1_000, longestMs: () => longest, random: () => 1 });
    assert.deepEqual(waits(backOff, 2), [1_000, 1_500]);
    longest = 10_000;
    assert.equal(backOff.next(), 4_000);
  });

  it('waits at least what the server asked for, and up to a quarter longer by chance', () => {
    for (const [random, wait] of [
      [0, 30_000],
      [0.5, 33_750],
      [1, 37_500],
    ] as const)
      assert.equal(
        new BackOff({ firstMs: 1_000, longestMs: 5_000, random: () => random }).next(30_000),
        wait,
      );
  });

  it('waits the back-off where the server asked for less or for 0', () => {
    const backOff = new BackOff({ firstMs: 4_000, longestMs: 60_000, random: () => 0 });
    assert.deepEqual([backOff.next(0), backOff.next(1_000)], [2_000, 4_000]);
  });

  it('counts a failure with a wait from the server like any other', () => {
    const backOff = new BackOff({ firstMs: 1_000, longestMs: 5_000, random: () => 1 });
    backOff.next(30_000);
    assert.equal(backOff.next(), 2_000);
  });

  it('never overflows, however many failures there were', () => {
    const backOff = new BackOff({ firstMs: 1_000, longestMs: 5_000, random: () => 1 });
    assert.equal(waits(backOff, 5_000).at(-1), 5_000);
  });
});
