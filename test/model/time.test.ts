import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { epochSeconds, rfc3339 } from '../../src/model/time.ts';

describe('a moment as text', () => {
  it('is RFC 3339 in whole seconds', () => {
    assert.equal(rfc3339(0), '1970-01-01T00:00:00Z');
    assert.equal(rfc3339(Date.UTC(2026, 0, 2, 3, 4, 5, 999)), '2026-01-02T03:04:05Z');
  });

  it('is read back', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) =>
        assert.equal(epochSeconds(rfc3339(seconds * 1000)), seconds),
      ),
    ));

  it('is read from other offsets', () => assert.equal(epochSeconds('1970-01-01T02:00:00+02:00'), 0));

  it('is undefined where it is no moment', () => assert.equal(epochSeconds('yesterday'), undefined));
});
