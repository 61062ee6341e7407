/** How much of a step is expected to come back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { expectedBack } from '../../src/probe/forecast.ts';

const watched = { took: 1000, back: 100, late: 50, lateMs: 1000, earlyMs: 1000 };

describe('expectedBack', () => {
  it('expects nothing more when nothing comes back any more', () =>
    assert.deepEqual(expectedBack({ ...watched, late: 0 }, 60_000), { least: 100, most: 100 }));

  it('takes a few late pages as chance', () =>
    assert.deepEqual(expectedBack({ ...watched, late: 15 }, 60_000), { least: 100, most: 100 }));

  it('expects about as many more as came back last, in a short time', () => {
    const { least, most } = expectedBack(watched, 1000);
    assert.equal(least, most);
    assert.ok(most > 145 && most < 150, `${most}`);
  });

  it('expects nearly all in a long time', () => assert.ok(expectedBack(watched, 600_000).most > 999));

  it('expects the rest to fade as it did: of a half that is read at random, the other half stays cold', () => {
    // 5,000 of 10,000 pages are read, each once in two seconds on average: 2,638 in 1.5 s, and 1,246 in the next.
    const { least, most } = expectedBack(
      { took: 10_000, back: 3884, late: 1246, lateMs: 1500, earlyMs: 1500 },
      60_000,
    );
    assert.ok(Math.abs(least - 5000) < 20, `${least}`);
    assert.ok(most > least && most < 6000, `${most}`);
  });

  it('leaves it open whether the rest fades where the difference may be chance', () => {
    const { least, most } = expectedBack({ ...watched, back: 110 }, 600_000);
    assert.ok(least < 500 && most > 900, `${least} to ${most}`);
  });

  it('does not fade where a trickle counts for more than what came back early', () =>
    assert.deepEqual(expectedBack({ took: 768, back: 500, late: 520, lateMs: 1500, earlyMs: 1500 }, 60_000), {
      least: 768,
      most: 768,
    }));

  it('is never less than what came back, and never more than what was taken', () => {
    const count = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(count, count, count, count, count, (...given) => {
        const [took, back, late, lateMs, earlyMs] = given;
        const { least, most } = expectedBack({ took: took + back, back, late, lateMs, earlyMs }, 60_000);
        assert.ok(least >= back && most >= least && most <= took + back, `${least} to ${most}`);
      }),
    );
  });
});
