import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { atLeast, fixedAt, shifted, span, wholeMiB, withReason } from '../../src/recommend/proposal.ts';
import { before, MiB, range } from './rule.ts';

describe('withReason', () => {
  it('adds the reason after the earlier ones and keeps both ranges without a change', () => {
    const after = withReason(before, 'a reason');
    assert.deepEqual(after, { ...before, because: ['an earlier reason', 'a reason'] });
    assert.deepEqual(before.because, ['an earlier reason']);
  });

  it('replaces only the range of the change', () => {
    const limit = range(400);
    assert.deepEqual(withReason(before, 'x', { limit }).limit, limit);
    assert.deepEqual(withReason(before, 'x', { limit }).request, before.request);
    assert.deepEqual(withReason(before, 'x', { request: limit }).limit, before.limit);
  });
});

describe('a range', () => {
  it('raises only the fields that are below the least', () => {
    assert.deepEqual(atLeast(range(200, 150, 300), 100 * MiB), range(200, 150, 300));
    assert.deepEqual(atLeast(range(200, 150, 300), 180 * MiB), range(200, 180, 300));
    assert.deepEqual(atLeast(range(200, 150, 300), 200 * MiB), range(200, 200, 300));
    assert.deepEqual(atLeast(range(200, 150, 300), 400 * MiB), range(400));
  });

  it('grows in all fields by the same amount', () => {
    assert.deepEqual(shifted(range(200, 150, 300), 10 * MiB), range(210, 160, 310));
    assert.deepEqual(shifted(range(200, 150, 300), 0), range(200, 150, 300));
  });

  it('keeps its bounds around a fixed target within them, and widens one bound to a target outside', () => {
    assert.deepEqual(fixedAt(range(200, 150, 300), 250 * MiB), range(250, 150, 300));
    assert.deepEqual(fixedAt(range(200, 150, 300), 100 * MiB), range(100, 100, 300));
    assert.deepEqual(fixedAt(range(200, 150, 300), 400 * MiB), range(400, 150, 400));
  });

  it('has its target between its bounds after any of these changes', () =>
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 }), (sizes) => {
        const [lower = 0, target = 0, upper = 0] = sizes.slice(0, 3).toSorted((a, b) => a - b);
        const [amount = 0] = sizes.slice(3);
        for (const change of [atLeast, shifted, fixedAt]) {
          const changed = change({ lower, target, upper }, amount);
          assert.ok(changed.lower <= changed.target && changed.target <= changed.upper, change.name);
        }
      }),
    ));
});

describe('span', () => {
  it('shows two sizes, or one when both round to the same text', () => {
    assert.equal(span(95 * MiB, 100 * MiB), '95Mi to 100Mi');
    assert.equal(span(100.2 * MiB, 100.4 * MiB), '100Mi');
    assert.equal(span(0, 0), '0');
  });
});

describe('wholeMiB', () => {
  it('keeps whole mebibytes, and rounds 2 bytes more up to the next one', () => {
    assert.equal(wholeMiB(5 * MiB), 5 * MiB);
    assert.equal(wholeMiB(5 * MiB + 2), 6 * MiB);
    assert.equal(wholeMiB(1.1 * 100 * MiB), 110 * MiB, 'a rounding error of a product is no mebibyte');
  });

  it('is 0 for 0 and for 1 byte, not −0', () => {
    assert.equal(wholeMiB(0), 0);
    assert.equal(wholeMiB(1), 0);
  });

  it('is the least number of whole mebibytes that is not a byte or more below the amount', () =>
    fc.assert(
      fc.property(fc.double({ min: 1, max: 2 ** 40, noNaN: true }), (amount) => {
        const whole = wholeMiB(amount);
        assert.equal(whole % MiB, 0);
        assert.ok(whole >= amount - 1.1 && whole < amount + MiB, `${whole}`);
      }),
    ));
});
