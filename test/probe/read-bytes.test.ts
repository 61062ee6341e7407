/** Bytes that a cgroup read from disks. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseReadBytes } from '../../src/probe/reading.ts';

const read = (text: string): number | undefined => parseReadBytes(new TextEncoder().encode(text));

describe('parseReadBytes', () => {
  it('takes the device with most', () =>
    assert.equal(
      read(`254:0 rbytes=8192 wbytes=4096 rios=2 wios=1 dbytes=0 dios=0
8:0 rbytes=12288 wbytes=0 rios=3 wios=0 dbytes=0 dios=0 cost.usage=12
`),
      12_288,
    ));

  it('is undefined for an empty file, which a cgroup without reads has', () =>
    assert.equal(read(''), undefined));

  it('leaves out lines of another form, and numbers that are not exact', () =>
    assert.equal(
      read('8:0\n8:16 rbytes=x wbytes=1\nrbytes=5\n8:32 rbytes=99999999999999999999\n7:0 rbytes=7\n'),
      7,
    ));

  it('is undefined or a whole number for any text', () =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^(\d+:\d+ [rw]bytes=\d+\n)*$/)), (text) => {
        const found = read(text);
        assert.ok(found === undefined || Number.isSafeInteger(found));
      }),
    ));
});
