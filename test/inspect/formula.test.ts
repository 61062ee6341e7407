import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evaluate } from '../../src/inspect/formula.ts';

const figures = new Map([
  ['a', 10],
  ['b c', 3],
  ['Σ d', 4],
]);

describe('evaluate', () => {
  it('evaluates from left to right, and returns the formula in numbers', () =>
    assert.deepEqual(evaluate('a − b c + Σ d − 1', figures), { value: 10, numbers: '10 − 3 + 4 − 1' }));

  it('evaluates a single name or number', () => {
    assert.deepEqual(evaluate('a', figures), { value: 10, numbers: '10' });
    assert.deepEqual(evaluate('0', figures), { value: 0, numbers: '0' });
  });

  it('returns the names of all missing figures', () =>
    assert.deepEqual(evaluate('x − a − y', figures), { missing: ['x', 'y'] }));
});
