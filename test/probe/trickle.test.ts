/** Slow readers, and cold files of which little is read now and then. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coldSteps, type Trickle, trickleAfter, type WatchedStep } from '../../src/probe/trickle.ts';

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

describe('the trickle in the last watch', () => {
  /** Four steps of 4,000 pages each, and a fifth that a fast reader needs. Then 0.02 pages come back per millisecond. */
  const thirdMs = 30_000;
  const after = (back: readonly number[], rates = [0.02, 0.02, 0.02], missing = 16_000): Trickle => {
    const [early = 0, middle = 0, late = 0] = rates.map((rate) => rate * thirdMs);
    const before = { watched: steps(...back, 4000), cold: { steps: 0, perMs: 0 }, missing };
    return trickleAfter({ early, middle, late, thirdMs }, { ...before, neededMs: 180_000, horizonMs });
  };
  const close = (found: Trickle, perMs: number, doubt: number): void => {
    assert.ok(Math.abs(found.perMs - perMs) < 1e-3, `${found.perMs} pages per millisecond`);
    assert.ok(Math.abs(found.doubt - doubt) < 0.01, `${found.doubt} in doubt`);
  };

  it('is of cold files if it grew with the missing pages', () => close(after([15, 30, 45, 60]), 0.02, 0));

  it('is of a slow reader if it began when the last pages were gone', () =>
    close(after([0, 0, 0, 60]), 0, 1));

  it('is of cold files in part, and in doubt, if less of them came back before', () => {
    const { perMs, doubt } = after([0, 15, 15, 60]);
    assert.ok(perMs > 0.01 && perMs < 0.02, `${perMs}`);
    assert.ok(doubt > 0.3 && doubt < 0.7, `${doubt}`);
  });

  it('is in doubt if rereads become fewer until the end', () => {
    const { perMs, doubt } = after([15, 30, 45, 60], [0.08, 0.04, 0.02]);
    assert.ok(perMs <= 0.02, `${perMs}`);
    assert.ok(doubt >= 0.5, `${doubt}`);
  });

  it('is of a slow reader if it reads all missing pages within the time that counts', () =>
    close(after([15, 30, 45, 60], [0.05, 0.05, 0.05]), 0, 1));

  it('is of a slow reader if far more came back before, because another reader is there', () =>
    close(after([100, 200, 300, 400]), 0, 1));

  it('is unknown without steps and without rereads', () => {
    close(after([]), 0, 1);
    close(after([15, 30, 45, 60], [0, 0, 0]), 0, 1);
  });

  it('is that of the first steps if these explain more', () => {
    const before = { watched: steps(0, 0, 0, 0), cold: { steps: 4, perMs: 0.015 }, missing: 16_000 };
    const even = { early: 600, middle: 600, late: 600, thirdMs };
    close(trickleAfter(even, { ...before, neededMs: 180_000, horizonMs }), 0.015, 1);
  });
});
