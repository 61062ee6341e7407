import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../src/model/bytes.ts';
import { knownFigures, type MaybeUsage, type MemoryUsage, usageFields } from '../../src/model/usage.ts';

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

describe('knownFigures', () => {
  const of = (fields: readonly string[], value: number | undefined): MaybeUsage =>
    Object.fromEntries(fields.map((field) => [field, value]));

  it('has every figure in the order of the report, for any order of the input', () =>
    assert.deepEqual(Object.entries(knownFigures(of(usageFields.toReversed(), 1))), [
      ...usageFields.map((field) => [field, 1]),
    ]));

  it('lacks the undefined figures, and keeps 0', () => {
    assert.deepEqual(knownFigures(of(usageFields, undefined)), {});
    assert.deepEqual(knownFigures({ ...of(usageFields, undefined), swapBytes: bytes(0) }), { swapBytes: 0 });
  });
});
