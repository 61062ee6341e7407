/** How much of a step is expected to come back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { expectedBack } from '../../src/probe/forecast.ts';

const watched = { took: 1000, back: 100, late: 50, lateMs: 1000 };

describe('expectedBack', () => {
  it('expects nothing more when nothing comes back any more', () =>
    assert.equal(expectedBack({ ...watched, late: 0 }, 60_000), 100));

  it('takes a few late pages as chance', () =>
    assert.equal(expectedBack({ ...watched, late: 15 }, 60_000), 100));

  it('expects about as many more as came back last, in a short time', () => {
    const more = expectedBack(watched, 1000) - 100;
    assert.ok(more > 45 && more < 50, `${more}`);
  });

  it('expects nearly all in a long time', () => assert.ok(expectedBack(watched, 600_000) > 999));

  it('is never less than what came back, and never more than what was taken', () => {
    const count = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(count, count, count, count, fc.integer({ min: 0, max: 10_000_000 }), (...given) => {
        const [took, back, late, lateMs, aheadMs] = given;
        const expected = expectedBack({ took: took + back, back, late, lateMs }, aheadMs);
        assert.ok(expected >= back && expected <= took + back, `${expected}`);
      }),
    );
  });
});
