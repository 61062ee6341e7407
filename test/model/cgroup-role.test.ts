import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSized, isWorkload, type OtherType } from '../../src/model/cgroup-role.ts';

const types: readonly OtherType[] = ['service', 'container', 'slice', 'vm', 'task', 'job'];

describe('isWorkload', () => {
  it('is true for what a user started, and false for services and slices of the system', () =>
    assert.deepEqual(types.filter(isWorkload), ['container', 'vm', 'task', 'job']));
});

describe('isSized', () => {
  it('is true only for services and containers, which keep their names over restarts', () =>
    assert.deepEqual(types.filter(isSized), ['service', 'container']));
});
