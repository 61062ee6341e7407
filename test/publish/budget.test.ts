import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Budget } from '../../src/publish/budget.ts';

/** Number of tokens taken at each of these seconds, if all are taken. */
const taken = (budget: Budget, seconds: readonly number[]): readonly number[] =>
  seconds.map((second) => {
    let count = 0;
    while (count < 10_000 && budget.take(second * 1000)) count++;
    return count;
  });

describe('a budget', () => {
  it('refills with time', () =>
    assert.deepEqual(taken(new Budget(() => 2, 0), [0, 1, 2, 4, 4]), [0, 2, 2, 4, 0]));

  it('begins with the given number of tokens', () => {
    assert.deepEqual(taken(new Budget(() => 0.001, 0.99), [0]), [0]);
    assert.deepEqual(taken(new Budget(() => 0.001, 1), [0]), [1]);
  });

  it('holds the tokens of one minute, but at least one', () => {
    assert.deepEqual(taken(new Budget(() => 2, 0), [0, 1e6]), [0, 120]);
    assert.deepEqual(taken(new Budget(() => 0.004, 0), [0, 249, 250, 1e6]), [0, 0, 1, 1]);
  });

  it('refills at the same rate if it is asked often', () => {
    const budget = new Budget(() => 0.01, 0);
    assert.equal(
      taken(
        budget,
        Array.from({ length: 1_001 }, (_, second) => second),
      ).reduce((a, b) => a + b, 0),
      10,
    );
  });

  it('adapts its rate to the size of the cluster', () => {
    let nodes = 5_000;
    const budget = new Budget(() => 20 / nodes, 0);
    assert.deepEqual(taken(budget, [0, 60]), [0, 0]);
    nodes = 2;
    assert.deepEqual(taken(budget, [61]), [10]);
    nodes = 5_000;
    assert.deepEqual(taken(budget, [71, 311]), [0, 1]);
  });

  it('does not refill when the clock is set back, and refills again afterwards', () =>
    assert.deepEqual(taken(new Budget(() => 1, 0), [1000, 1003, 500, 502]), [0, 3, 0, 2]));

  it('never gives more tokens than its rate allows, for any calls', () =>
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 5, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(fc.nat(30), { maxLength: 50 }),
        (rate, first, steps) => {
          const budget = new Budget(() => rate, first);
          let at = 0;
          let count = 0;
          for (const step of steps) {
            at += step;
            count += taken(budget, [at])[0] ?? 0;
            assert.ok(count <= first + rate * at + 1e-6);
          }
        },
      ),
    ));
});
