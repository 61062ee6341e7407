import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type MemoryUsage, usageFields } from '../../src/model/usage.ts';

describe('usageFields', () => {
  it('contains every field of MemoryUsage', () => {
    const missing: readonly Exclude<keyof MemoryUsage, (typeof usageFields)[number]>[] = [];
    const none: readonly never[] = missing;
    assert.deepEqual(none, []);
  });

  it('contains each field once', () => assert.equal(new Set(usageFields).size, usageFields.length));

  it('begins with usageBytes and realBytes', () =>
    assert.deepEqual(usageFields.slice(0, 2), ['usageBytes', 'realBytes']));
});
