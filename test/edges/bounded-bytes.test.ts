import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BoundedBytes } from '../../src/edges/bounded-bytes.ts';

const head = 4096;

/** A buffer with these chunks added in order. */
function filled(most: number, ...pieces: readonly string[]): BoundedBytes {
  const bytes = new BoundedBytes(most);
  for (const piece of pieces) bytes.add(Buffer.from(piece));
  return bytes;
}

describe('BoundedBytes', () => {
  it('is empty and whole before the first chunk', () => {
    const bytes = filled(10);
    assert.deepEqual([bytes.length, bytes.isWhole, bytes.text], [0, true, '']);
  });

  it('keeps an input of exactly the bound', () => {
    const bytes = filled(6, 'abc', 'def');
    assert.deepEqual([bytes.length, bytes.isWhole, bytes.text], [6, true, 'abcdef']);
  });

  it('is not whole one byte above the bound', () => {
    const bytes = filled(6, 'abc', 'defg');
    assert.deepEqual([bytes.length, bytes.isWhole], [7, false]);
  });

  it('joins a character that two chunks share', () => {
    const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
    const bytes = new BoundedBytes(10);
    bytes.add(first);
    bytes.add(second);
    assert.equal(bytes.text, 'é');
  });

  it('copies each chunk, so a reader may reuse its buffer', () => {
    const chunk = Buffer.from('abc');
    const bytes = new BoundedBytes(10);
    bytes.add(chunk);
    chunk.fill('x');
    assert.equal(bytes.text, 'abc');
  });

  it('keeps the first 4 KiB of a larger input in one chunk', () =>
    assert.equal(filled(10_000, 'x'.repeat(10_001)).text, 'x'.repeat(head)));

  it('cuts to 4 KiB an input that exceeds the bound after more than 4 KiB', () => {
    const bytes = filled(10_000, 'a'.repeat(4_000), 'b'.repeat(5_000), 'c'.repeat(1_001));
    assert.equal(bytes.text, 'a'.repeat(4_000) + 'b'.repeat(head - 4_000));
  });

  it('fills the first 4 KiB from several chunks above a small bound', () => {
    const bytes = filled(3, 'abcd', 'efgh', 'i'.repeat(5_000), 'z');
    assert.equal(bytes.text, `abcdefgh${'i'.repeat(head - 8)}`);
    assert.equal(bytes.length, 5_009);
  });

  it('keeps all of an input that grows far beyond the initial buffer', () => {
    const pieces = Array.from({ length: 100 }, (_, at) => String.fromCharCode(97 + (at % 26)).repeat(1_000));
    assert.equal(filled(100_000, ...pieces).text, pieces.join(''));
  });

  it('starts anew after clear, although the last input exceeded the bound', () => {
    const bytes = filled(3, 'abcdef');
    bytes.clear();
    assert.deepEqual([bytes.length, bytes.isWhole, bytes.text], [0, true, '']);
    bytes.add(Buffer.from('xyz'));
    assert.deepEqual([bytes.length, bytes.isWhole, bytes.text], [3, true, 'xyz']);
  });

  it('gives the same result however an input is cut into chunks', () =>
    fc.assert(
      fc.property(fc.nat(20_000), fc.array(fc.nat(9_000), { maxLength: 8 }), (most, sizes) => {
        const text = Array.from({ length: sizes.reduce((a, b) => a + b, 0) }, (_, at) =>
          String.fromCharCode(97 + (at % 23)),
        ).join('');
        const bytes = new BoundedBytes(most);
        let from = 0;
        for (const size of sizes) {
          bytes.add(Buffer.from(text.slice(from, from + size)));
          from += size;
        }
        const isWhole = text.length <= most;
        assert.deepEqual(
          [bytes.length, bytes.isWhole, bytes.text],
          [text.length, isWhole, isWhole ? text : text.slice(0, head)],
        );
      }),
      { numRuns: 200 },
    ));
});
