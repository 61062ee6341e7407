/** What the thirds of the last watch say about the time after it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { leastPages } from '../../src/probe/forecast.ts';
import { evenPart, LastWatch, stillToCome } from '../../src/probe/last-watch.ts';
import type { Reading } from '../../src/probe/reading.ts';

describe('LastWatch', () => {
  const returned = (from: Reading, to: Reading): number => to.rereads - from.rereads;

  /** Notes readings at these times, in milliseconds. Ten pages come back per second. */
  function watched(times: readonly number[], endAt = 90_000) {
    const watch = new LastWatch();
    for (const at of times) watch.note({ at, rereads: at / 100 } as Reading, endAt);
    return watch.thirds(returned);
  }

  it('has the pages of each third, by the first reading at or after its end', () => {
    const even = { early: 300, middle: 300, late: 300, thirdMs: 30_000 };
    assert.deepEqual(watched([0, 30_000, 60_000, 90_000]), even);
    assert.deepEqual(watched([0, 10_000, 20_000, 30_000, 50_000, 60_000, 80_000, 90_000]), even);
    assert.deepEqual(watched([0, 31_000, 59_000, 61_000, 90_000]), {
      ...{ early: 310, middle: 300, late: 290, thirdMs: 30_000 },
    });
  });

  it('accepts a reading 1 ms before the end of a third', () => {
    assert.deepEqual(watched([0, 29_999, 59_999, 89_999])?.early, 299.99);
    assert.equal(watched([0, 29_998, 59_998, 89_998]), undefined);
  });

  it('has no thirds of a watch that ended before, or that never began', () => {
    assert.equal(watched([0, 30_000, 60_000]), undefined);
    assert.equal(watched([]), undefined);
  });

  it('has thirds of 1 ms at least, so that nobody divides by 0', () =>
    assert.equal(watched([90_000, 90_000, 90_000, 90_000])?.thirdMs, 1));
});

describe('evenPart', () => {
  const thirdMs = 30_000;

  it('is what comes back in each third', () => {
    assert.equal(evenPart({ early: 100, middle: 100, late: 100, thirdMs }), 100);
    assert.equal(evenPart({ early: 900, middle: 100, late: 100, thirdMs }), 100);
  });

  it('is nothing of what halves from third to third, and nothing of what ends', () => {
    assert.equal(evenPart({ early: 400, middle: 200, late: 100, thirdMs }), 0);
    assert.equal(evenPart({ early: 400, middle: 400, late: 0, thirdMs }), 0);
    assert.equal(evenPart({ early: 0, middle: 0, late: 0, thirdMs }), 0);
  });

  it('is the smallest third where the thirds rise, or fall by less than a quarter', () => {
    assert.equal(evenPart({ early: 100, middle: 200, late: 300, thirdMs }), 100);
    assert.equal(evenPart({ early: 100, middle: 90, late: 76, thirdMs }), 76);
  });

  it('is the level that what decays comes down to', () =>
    // 100 evenly, and beside it 400, 200 and 100.
    assert.equal(evenPart({ early: 500, middle: 300, late: 200, thirdMs }), 100));
});

describe('stillToCome', () => {
  const thirdMs = 30_000;

  it('is nothing where too little came back in the last third to tell', () => {
    const thirds = (late: number) => ({ early: late, middle: late, late, thirdMs });
    assert.equal(stillToCome(leastPages, thirds(leastPages), 180_000), leastPages);
    assert.equal(stillToCome(leastPages, thirds(leastPages - 1), 180_000), 0);
  });

  it('is never more than what is missing', () =>
    assert.equal(stillToCome(50, { early: 1600, middle: 800, late: 400, thirdMs }, 180_000), 50));

  it('is all that is missing where it comes back evenly within the horizon, and nothing beyond it', () => {
    const even = { early: 400, middle: 400, late: 400, thirdMs };
    assert.equal(stillToCome(2000, even, 180_000), 2000);
    assert.equal(stillToCome(3000, even, 180_000), 0);
  });

  it('is as much as came back last where it halves from third to third', () => {
    assert.equal(stillToCome(2000, { early: 1600, middle: 800, late: 400, thirdMs }, 180_000), 400);
  });
});
