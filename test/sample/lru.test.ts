import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { lruOfRelease, parseLruGen } from '../../src/sample/lru.ts';

const lruIn = (text: string) => parseLruGen('enabled', new TextEncoder().encode(text));

describe('parseLruGen', () => {
  for (const [text, lru] of [
    ['0x0007\n', 'multi-generational'],
    ['0x0001\n', 'multi-generational'],
    ['0x0003', 'multi-generational'],
    ['0x0000\n', 'classic'],
    ['0x0006\n', 'classic'],
  ] as const)
    it(`reads ${JSON.stringify(text)} as the ${lru} LRU, by its lowest bit`, () =>
      assert.equal(lruIn(text), lru));

  for (const text of ['', 'y\n', '7\n', '0x\n', '0xg\n', '0x0007 0x0001\n', '0x123456789\n'])
    it(`rejects ${JSON.stringify(text)} with file and line`, () =>
      assert.throws(() => lruIn(text), /enabled:1: expected a mask such as 0x0007/));

  it('gives an LRU or a located error for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        let lru: unknown;
        try {
          lru = lruIn(text);
        } catch {
          lru = 'refused';
        }
        assert.equal(lru !== 'refused', /^0x[0-9a-f]{1,8}\n*$/i.test(text));
      }),
    );
  });
});

describe('lruOfRelease', () => {
  for (const [release, lru] of [
    ['4.19.0-27-amd64', 'classic'],
    ['5.15.0-1062-gke', 'classic'],
    ['6.0.19', 'classic'],
    ['6.1.0-56-cloud-amd64', 'unknown'],
    ['6.10.1', 'unknown'],
    ['7.0.0', 'unknown'],
    // Vendors that backported the multi-generational LRU.
    ['5.15.133+', 'unknown'],
    ['5.14.0-427.el9.x86_64', 'unknown'],
    ['5.10.149-android13-4', 'unknown'],
    ['', 'unknown'],
    ['linux', 'unknown'],
    [undefined, 'unknown'],
  ] as const)
    it(`returns ${lru} for ${release}`, () => assert.equal(lruOfRelease(release), lru));
});
