import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type MemoryUsage, usageFields } from '../../src/model/usage.ts';

describe('the fields of a report’s figures', () => {
  it('are all there: the types say so', () => {
    const missing: readonly Exclude<keyof MemoryUsage, (typeof usageFields)[number]>[] = [];
    const none: readonly never[] = missing;
    assert.deepEqual(none, []);
  });

  it('are there once', () => assert.equal(new Set(usageFields).size, usageFields.length));

  it('begin with usage and real', () =>
    assert.deepEqual(usageFields.slice(0, 2), ['usageBytes', 'realBytes']));
});
