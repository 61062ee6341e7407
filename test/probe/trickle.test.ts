/** Slow readers, and cold files of which little is read now and then. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evenPart, stillToCome } from '../../src/probe/last-watch.ts';
import { coldOf, type WatchedStep } from '../../src/probe/trickle.ts';

const horizonMs = 360_000;
const ms = 3000;
const took = 4000;
const steps = (...back: readonly number[]): readonly WatchedStep[] =>
  back.map((pages) => ({ took, back: pages, ms }));

describe('coldOf', () => {
  it('takes nothing for a trickle where nothing comes back', () => {
    assert.deepEqual(coldOf(steps(0, 0, 0), horizonMs), { steps: 3, perMs: 0 });
    assert.deepEqual(coldOf([], horizonMs), { steps: 0, perMs: 0 });
  });

  it('takes steps for cold that come back once in ten minutes', () => {
    const { steps: cold, perMs } = coldOf(steps(20, 40, 60, 80), horizonMs);
    assert.equal(cold, 4);
    assert.ok(Math.abs(perMs * 600_000 - 4 * took) < 0.1 * 4 * took, `${perMs}`);
  });

  it('takes no step for cold that comes back once in 90 seconds', () => {
    assert.deepEqual(coldOf(steps(133, 266, 400), horizonMs), { steps: 0, perMs: 0 });
  });

  it('takes the pages of a slow reader for none of the cold file before it', () => {
    assert.equal(coldOf(steps(20, 40, 60, 193, 326), horizonMs).steps, 3);
  });

  it('takes no watch without time for a rate', () => {
    assert.deepEqual(coldOf([{ took, back: 0, ms: 0 }], horizonMs), { steps: 1, perMs: 0 });
  });
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
});

describe('stillToCome', () => {
  const thirdMs = 30_000;

  it('is all that is missing where it comes back evenly within the horizon, and nothing beyond it', () => {
    const even = { early: 400, middle: 400, late: 400, thirdMs };
    assert.equal(stillToCome(2000, even, 180_000), 2000);
    assert.equal(stillToCome(3000, even, 180_000), 0);
  });

  it('is as much as came back last where it halves from third to third', () => {
    assert.equal(stillToCome(2000, { early: 1600, middle: 800, late: 400, thirdMs }, 180_000), 400);
  });
});
