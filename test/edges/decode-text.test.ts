import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeText } from '../../src/edges/decode-text.ts';

const mark = '\ufeff';
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const decoded = (bytes: Buffer): string => decodeText('x', bytes);

/** No lone surrogates: UTF-8 cannot encode them. */
const anyText = fc.string({ unit: 'grapheme' });

describe('decodeText', () => {
  it('decodes UTF-8 and UTF-16 of both byte orders to the same text, with a byte order mark', () =>
    fc.assert(
      fc.property(anyText, (text) => {
        assert.equal(decoded(Buffer.from(mark + text, 'utf8')), text);
        // A mark of UTF-16 LE followed by a NUL is the mark of UTF-32 LE.
        if (!text.startsWith('\0')) assert.equal(decoded(Buffer.from(mark + text, 'utf16le')), text);
        assert.equal(decoded(utf16be(mark + text)), text);
      }),
    ));

  it('decodes UTF-16 without a mark when the text begins with two ASCII characters', () =>
    fc.assert(
      fc.property(anyText, (rest) => {
        const text = `{ ${rest}`;
        for (const bytes of [Buffer.from(text), Buffer.from(text, 'utf16le'), utf16be(text)])
          assert.equal(decoded(bytes), text);
      }),
    ));

  it('decodes text without a mark as UTF-8, with U+FFFD for invalid bytes', () => {
    assert.equal(decoded(Buffer.from('é')), 'é');
    assert.equal(decoded(Buffer.of(0x61, 0xff, 0x62)), 'a\ufffdb');
    assert.equal(decoded(Buffer.of()), '');
    assert.equal(decoded(Buffer.from('a\0')), 'a\0');
  });

  it('decodes an odd last byte of UTF-16 as U+FFFD', () => {
    assert.equal(decoded(Buffer.from(`${mark}ab`, 'utf16le').subarray(0, 5)), 'a\ufffd');
    assert.equal(decoded(utf16be(`${mark}ab`).subarray(0, 5)), 'a\ufffd');
  });

  it('refuses UTF-32 with an error that names the encoding', () => {
    const text = Buffer.of(0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0);
    assert.throws(() => decoded(text), /: x: expected text in UTF-8 or UTF-16, got text in UTF-32/);
    assert.throws(() => decoded(Buffer.from(text).swap32()), /got text in UTF-32/);
  });

  it('does not modify the input buffer', () => {
    const bytes = utf16be(`${mark}ab`);
    const before = Buffer.from(bytes);
    decoded(bytes);
    assert.deepEqual(bytes, before);
  });
});
