import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { pack, unpack } from '../../src/edges/pack.ts';
import { anyText } from '../model/any-text.ts';

const codeOf = (code: string) => (error: unknown) => (error as NodeJS.ErrnoException).code === code;

describe('pack', () => {
  it('gives base64 that unpack restores, for any well-formed text', () =>
    fc.assert(
      fc.asyncProperty(anyText({ maxLength: 200 }), async (text) => {
        const packed = await pack(text);
        assert.match(packed, /^[A-Za-z0-9+/]+={0,2}$/);
        assert.equal(unpack(packed, 10_000), Buffer.from(text).toString());
      }),
      { numRuns: 200 },
    ));

  it('gives the same text for the same input, so that an unchanged object is not written again', async () =>
    assert.equal(await pack('{"days":1}'), await pack('{"days":1}')));

  it('shrinks 100,000 equal characters to less than 300', async () =>
    assert.ok((await pack('x'.repeat(100_000))).length < 300));
});

describe('unpack', () => {
  it('accepts a text of exactly the maximum size, and refuses one byte more', async () => {
    assert.equal(unpack(await pack('x'.repeat(100)), 100), 'x'.repeat(100));
    const longer = await pack('x'.repeat(101));
    assert.throws(() => unpack(longer, 100), codeOf('ERR_BUFFER_TOO_LARGE'));
  });

  it('counts bytes, not characters', async () => {
    const packed = await pack('é'.repeat(60));
    assert.throws(() => unpack(packed, 100), codeOf('ERR_BUFFER_TOO_LARGE'));
  });

  it('refuses 10 MB of zeros in 10 kB without decompressing them', () =>
    assert.throws(
      () => unpack(gzipSync(Buffer.alloc(10_000_000)).toString('base64'), 1_000),
      codeOf('ERR_BUFFER_TOO_LARGE'),
    ));

  it('throws for text that is not base64, not gzip, or cut off', async () => {
    for (const wrong of [
      '',
      '!',
      'AAAA',
      Buffer.from('plain').toString('base64'),
      (await pack('x'.repeat(99))).slice(0, 20),
    ])
      assert.throws(() => unpack(wrong, 1_000), /./, wrong);
  });
});
