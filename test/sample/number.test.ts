import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseLimit, parseNumber } from '../../src/sample/number.ts';
import { bytesOf, faultOf, valueOrFault } from '../any-bytes.ts';

const number = (text: string): number => parseNumber('/a/memory.current', bytesOf(text));
const limit = (text: string): number | 'none' => parseLimit('/a/memory.max', bytesOf(text));

/** Contents that none of these files may have. */
const broken: Readonly<Record<string, string>> = {
  'an empty file': '',
  'a blank line': '\n',
  'a negative number': '-1\n',
  'a sign': '+1\n',
  'a fraction': '1.5\n',
  'an exponent': '1e3\n',
  'a space before it': ' 12\n',
  'a space behind it': '12 \n',
  'a tab': '\t12\n',
  'a carriage return': '12\r\n',
  'a unit': '12kB\n',
  'a hexadecimal number': '0x10\n',
  'a second number': '12\n13\n',
  'a zero byte': '12\0\n',
  'digits of another script': '１２\n',
  'a longer word than max': 'maximum\n',
};

describe('parseNumber', () => {
  it('parses a number with or without a final newline', () => {
    assert.equal(number('135021858816\n'), 135_021_858_816);
    assert.equal(number('135021858816'), 135_021_858_816);
    assert.equal(number('0\n'), 0);
  });

  it('accepts blank lines at the end', () => assert.equal(number('12\n\n'), 12));

  for (const [what, text] of Object.entries({ ...broken, 'the word max': 'max\n' }))
    it(`rejects ${what}`, () => {
      const { detail } = faultOf(() => number(text));
      assert.equal(detail.where, '/a/memory.current');
      assert.equal(detail.line, 1);
      assert.equal(detail.expected, 'a number');
    });

  it('names what came instead', () => {
    assert.match(faultOf(() => number('-1\n')).message, /^\/a\/memory\.current:1: .*got "-1"$/);
    assert.match(faultOf(() => number('')).message, /got nothing$/);
  });

  it('is exact up to 2^53 − 1, and rejects larger numbers', () => {
    assert.equal(number('9007199254740991\n'), Number.MAX_SAFE_INTEGER);
    for (const text of ['9007199254740992', '9007199254740993', '18446744073709551615', '9'.repeat(400)])
      assert.match(faultOf(() => number(text)).message, /expected a number up to 2\^53 − 1, got "\d/);
  });

  it('keeps every digit of any number up to 2^53 − 1', () =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.maxSafeNat(),
          fc.nat(100).map((below) => Number.MAX_SAFE_INTEGER - below),
        ),
        (n) => assert.equal(number(`${n}\n`), n),
      ),
    ));

  it('gives a value or a located error for any bytes', () =>
    valueOrFault('74207219712\n', parseNumber, (value) => [value]));
});

describe('parseLimit', () => {
  it('returns a number', () => assert.equal(limit('137438953472\n'), 137_438_953_472));

  it('returns a limit of zero', () => assert.equal(limit('0\n'), 0));

  it('returns none for max of v2', () => {
    assert.equal(limit('max\n'), 'none');
    assert.equal(limit('max'), 'none');
  });

  // The largest page count times the page size: LONG_MAX rounded down to whole pages.
  for (const pageSize of [4096n, 16384n, 65536n]) {
    const unlimited = ((2n ** 63n - 1n) / pageSize) * pageSize;
    it(`returns none for ${unlimited} of v1, with pages of ${pageSize / 1024n} KiB`, () =>
      assert.equal(limit(`${unlimited}\n`), 'none'));
  }

  it('returns none for 2^63 − 1 and 2^64 − 1 of old kernels', () => {
    assert.equal(limit('9223372036854775807\n'), 'none');
    assert.equal(limit('18446744073709551615\n'), 'none');
  });

  it('rejects numbers between 2^53 and 2^62, which are neither a limit nor none', () => {
    for (const text of [2n ** 53n, 2n ** 60n, 2n ** 62n])
      assert.match(faultOf(() => limit(`${text}\n`)).message, /2\^53/);
  });

  for (const [what, text] of Object.entries({ ...broken, 'a capital MAX': 'MAX\n', 'a short ma': 'ma\n' }))
    it(`rejects ${what}`, () => assert.equal(faultOf(() => limit(text)).detail.where, '/a/memory.max'));

  it('gives a value or a located error for any bytes', () => {
    const numbers = (value: number | 'none') => (value === 'none' ? [] : [value]);
    valueOrFault('max\n', parseLimit, numbers);
    valueOrFault('9223372036854771712\n', parseLimit, numbers);
  });
});
