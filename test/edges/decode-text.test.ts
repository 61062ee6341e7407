import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeText } from '../../src/edges/decode-text.ts';

const mark = '\ufeff';
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const decoded = (bytes: Buffer): string => decodeText('x', bytes);

/** Whole characters: half of a pair is no text in UTF-8. */
const anyText = fc.string({ unit: 'grapheme' });

describe('the text of a file', () => {
  it('is the same in UTF-8 and UTF-16 of both orders, with a byte order mark', () =>
    fc.assert(
      fc.property(anyText, (text) => {
        assert.equal(decoded(Buffer.from(mark + text, 'utf8')), text);
        // What begins with a zero after the mark of UTF-16 is UTF-32.
        if (!text.startsWith('\0')) assert.equal(decoded(Buffer.from(mark + text, 'utf16le')), text);
        assert.equal(decoded(utf16be(mark + text)), text);
      }),
    ));

  it('is the same without a mark where it begins as JSON, YAML and CSV do', () =>
    fc.assert(
      fc.property(anyText, (rest) => {
        const text = `{ ${rest}`;
        for (const bytes of [Buffer.from(text), Buffer.from(text, 'utf16le'), utf16be(text)])
          assert.equal(decoded(bytes), text);
      }),
    ));

  it('is UTF-8 without a mark, with U+FFFD for what is none', () => {
    assert.equal(decoded(Buffer.from('é')), 'é');
    assert.equal(decoded(Buffer.of(0x61, 0xff, 0x62)), 'a\ufffdb');
    assert.equal(decoded(Buffer.of()), '');
    assert.equal(decoded(Buffer.from('a\0')), 'a\0');
  });

  it('of UTF-16 that is cut off in a character ends with U+FFFD', () => {
    assert.equal(decoded(Buffer.from(`${mark}ab`, 'utf16le').subarray(0, 5)), 'a\ufffd');
    assert.equal(decoded(utf16be(`${mark}ab`).subarray(0, 5)), 'a\ufffd');
  });

  it('is refused in UTF-32, and the message says so', () => {
    const text = Buffer.of(0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0);
    assert.throws(() => decoded(text), /: x: expected text in UTF-8 or UTF-16, got text in UTF-32/);
    assert.throws(() => decoded(Buffer.from(text).swap32()), /got text in UTF-32/);
  });

  it('leaves the bytes that it came from as they were', () => {
    const bytes = utf16be(`${mark}ab`);
    const before = Buffer.from(bytes);
    decoded(bytes);
    assert.deepEqual(bytes, before);
  });
});
