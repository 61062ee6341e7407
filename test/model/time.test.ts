import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { epochSeconds, rfc3339 } from '../../src/model/time.ts';

describe('times as text', () => {
  it('prints milliseconds as RFC 3339, rounded down to seconds', () => {
    assert.equal(rfc3339(0), '1970-01-01T00:00:00Z');
    assert.equal(rfc3339(Date.UTC(2026, 0, 2, 3, 4, 5, 999)), '2026-01-02T03:04:05Z');
  });

  it('parses back any time that it prints', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) =>
        assert.equal(epochSeconds(rfc3339(seconds * 1000)), seconds),
      ),
    ));

  it('parses a time with the offset +02:00', () =>
    assert.equal(epochSeconds('1970-01-01T02:00:00+02:00'), 0));

  it('returns undefined for "yesterday"', () => assert.equal(epochSeconds('yesterday'), undefined));
});
