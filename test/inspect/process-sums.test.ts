import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sumsOf } from '../../src/inspect/process-sums.ts';
import { bytes } from '../../src/model/bytes.ts';

const one = { pid: 1, vszBytes: bytes(9), rssBytes: bytes(5), sharedBytes: bytes(2), pssBytes: bytes(4) };

describe('sumsOf', () => {
  it('adds up each figure of all processes', () =>
    assert.deepEqual(sumsOf([one, { ...one, pid: 2 }]), {
      ...{ vszBytes: 18, rssBytes: 10, sharedBytes: 4, pssBytes: 8 },
    }));

  it('omits the sum of a figure that one process lacks', () => {
    const { pssBytes: _, ...unread } = one;
    assert.deepEqual(Object.keys(sumsOf([one, unread])), ['vszBytes', 'rssBytes', 'sharedBytes']);
  });

  it('skips processes without memory', () => assert.equal(sumsOf([one, { pid: 3, none: true }]).rssBytes, 5));

  it('sums no processes to 0', () => assert.equal(sumsOf([]).rssBytes, 0));
});
