/** Numbers of names, and lists by these. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Numbers, putAt } from '../../src/model/numbered.ts';

describe('numbers of names', () => {
  it('are the same for the same name, and count from 0', () => {
    const numbers = new Numbers();
    assert.deepEqual(
      ['memory.stat', 'memory.max', 'memory.stat'].map((name) => numbers.of(name)),
      [0, 1, 0],
    );
  });
});

describe('putAt', () => {
  it('fills the gap before a value, and replaces what is there', () => {
    const list = [1];
    putAt(list, 3, 4, -1);
    putAt(list, 0, 2, -1);
    assert.deepEqual(list, [2, -1, -1, 4]);
  });
});
