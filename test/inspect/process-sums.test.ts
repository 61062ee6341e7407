import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sumsOf } from '../../src/inspect/process-sums.ts';
import { bytes } from '../../src/model/bytes.ts';

const one = { pid: 1, vszBytes: bytes(9), rssBytes: bytes(5), sharedBytes: bytes(2), pssBytes: bytes(4) };

describe('processes added up', () => {
  it('are the sums of what each has', () =>
    assert.deepEqual(sumsOf([one, { ...one, pid: 2 }]), {
      ...{ vszBytes: 18, rssBytes: 10, sharedBytes: 4, pssBytes: 8 },
    }));

  it('have no sum of a figure that one of them lacks', () => {
    const { pssBytes: _, ...unread } = one;
    assert.deepEqual(Object.keys(sumsOf([one, unread])), ['vszBytes', 'rssBytes', 'sharedBytes']);
  });

  it('leave out who has no memory', () => assert.equal(sumsOf([one, { pid: 3, none: true }]).rssBytes, 5));

  it('are nothing where there is none', () => assert.equal(sumsOf([]).rssBytes, 0));
});
