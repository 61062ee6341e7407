import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Growth, LeakDetector } from '../../src/usage/leak-detector.ts';
import { type Curve, day, hour, MiB, minute, monday } from './made/played.ts';

/** The leak of a lifetime that is sampled every ten minutes for some days. */
function growthOf(real: Curve, days: number, leakDetector = new LeakDetector()): Growth | undefined {
  for (let at = 0; at < days * day; at += hour) {
    const samples = Array.from({ length: 6 }, (_, index) => real(at + index * 10 * minute) * MiB);
    leakDetector.add(Math.min(...samples), monday + at);
  }
  return leakDetector.growth();
}

const wave = (at: number): number => 100 + 50 * Math.sin((2 * Math.PI * at) / day);

describe('a leak', () => {
  it('is growth for a day that never goes back', () => {
    const leak = growthOf((at) => 100 + (48 * at) / day, 1.1);
    assert.ok(leak !== undefined && Math.abs(leak.perDay / MiB - 48) < 3, JSON.stringify(leak));
  });

  it('is not reported before a day', () =>
    assert.equal(
      growthOf((at) => 100 + (48 * at) / day, 0.9),
      undefined,
    ));

  it('is found with its slope under noise and daily waves', () => {
    let seed = 1;
    const noise = (): number => {
      seed = (seed * 16_807) % 2_147_483_647;
      return (seed / 2_147_483_647) * 20;
    };
    for (const days of [2, 5, 12]) {
      const leak = growthOf((at) => 100 + (40 * at) / day + noise(), days);
      assert.ok(
        leak !== undefined && Math.abs(leak.perDay / MiB - 40) < 6,
        `${days}: ${JSON.stringify(leak)}`,
      );
    }
  });

  it('is not usage that comes and goes with the day, the week or garbage collection', () => {
    const curves: Readonly<Record<string, Curve>> = {
      steady: () => 100,
      day: wave,
      week: (at) => (at % (7 * day) < 5 * day ? wave(at) : 60),
      garbage: (at) => 100 + ((at % (50 * minute)) / minute) * 2,
      hours: (at) => 100 + ((at % (9 * hour)) / hour) * 20,
    };
    for (const [name, curve] of Object.entries(curves))
      for (const days of [1.1, 2, 3.5, 6, 9, 14])
        assert.equal(growthOf(curve, days), undefined, `${name}, ${days} days`);
  });

  it('is not a cache that fills up, nor a step', () => {
    assert.equal(
      growthOf((at) => 300 - 200 * Math.exp(-at / (6 * hour)), 2),
      undefined,
    );
    assert.equal(
      growthOf((at) => (at < day ? 100 : 200), 3),
      undefined,
    );
  });

  it('is not growth with more users each day that goes back at night', () =>
    assert.equal(
      growthOf((at) => wave(at) * 1.02 ** Math.floor(at / day), 12),
      undefined,
    ));

  it('is found over a restart of the agent', () => {
    const real: Curve = (at) => 100 + (48 * at) / day;
    const before = new LeakDetector();
    for (let at = 0; at < 0.6 * day; at += hour) before.add(real(at) * MiB, monday + at);
    const after = new LeakDetector(before.state);
    for (let at = 0.6 * day; at < 1.3 * day; at += hour) after.add(real(at) * MiB, monday + at);
    assert.ok(after.growth() !== undefined);
  });

  it('takes at most 24 spans of memory, for any values', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1_000), fc.nat(2_000)), { maxLength: 200 }), (steps) => {
        const leakDetector = new LeakDetector();
        let at = 0;
        for (const [hours, size] of steps) {
          at += hours * hour;
          leakDetector.add(size * MiB, monday + at);
          assert.ok(leakDetector.state.values.length <= 24);
          leakDetector.growth();
        }
      }),
    ));
});
