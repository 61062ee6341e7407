/** Slow readers, and cold files of which little is read now and then. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coldSteps, type WatchedStep } from '../../src/probe/trickle.ts';

const horizonMs = 360_000;
const ms = 3000;
const took = 4000;
const steps = (...back: readonly number[]): readonly WatchedStep[] =>
  back.map((pages) => ({ took, back: pages, ms }));

describe('coldOf', () => {
  it('takes nothing for a trickle where nothing comes back', () => {
    assert.deepEqual(coldSteps(steps(0, 0, 0), horizonMs), { steps: 3, perMs: 0 });
    assert.deepEqual(coldSteps([], horizonMs), { steps: 0, perMs: 0 });
  });

  it('takes steps for cold that come back once in ten minutes', () => {
    const { steps: cold, perMs } = coldSteps(steps(20, 40, 60, 80), horizonMs);
    assert.equal(cold, 4);
    assert.ok(Math.abs(perMs * 600_000 - 4 * took) < 0.1 * 4 * took, `${perMs}`);
  });

  it('takes no step for cold that comes back once in 90 seconds', () => {
    assert.deepEqual(coldSteps(steps(133, 266, 400), horizonMs), { steps: 0, perMs: 0 });
  });

  it('takes the pages of a slow reader for none of the cold file before it', () => {
    assert.equal(coldSteps(steps(20, 40, 60, 193, 326), horizonMs).steps, 3);
  });

  it('takes no watch without time for a rate', () => {
    assert.deepEqual(coldSteps([{ took, back: 0, ms: 0 }], horizonMs), { steps: 1, perMs: 0 });
  });
});
