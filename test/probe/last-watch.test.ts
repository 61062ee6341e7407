/** What the thirds of the last watch say about the time after it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evenPart, stillToCome } from '../../src/probe/last-watch.ts';

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
