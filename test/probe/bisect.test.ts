/** The search for the smallest limit, which the benchmark of the probe uses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { precisionOf, smallestThatHolds } from '../bench/probe/bisect.ts';

const MiB = 2 ** 20;

async function found(smallest: number, guess: number): Promise<{ at: number; trials: number }> {
  let trials = 0;
  const bracket = { low: 8 * MiB, guess: guess * MiB, high: 200 * MiB };
  const at = await smallestThatHolds(bracket, async (limit) => {
    trials++;
    return limit >= smallest * MiB;
  });
  return { at: at / MiB, trials };
}

test('the smallest limit is found from every guess, to the precision and never below', async () => {
  for (const smallest of [9, 24.5, 60, 130, 199])
    for (const guess of [1, 9, 24.5, 61, 150, 300]) {
      const { at } = await found(smallest, guess);
      assert.ok(at >= smallest, `${at} for ${smallest}`);
      assert.ok(at - smallest <= precisionOf(at * MiB) / MiB, `${at} for ${smallest}`);
    }
});

test('a good guess costs five trials at most', async () => {
  for (const guess of [58, 60, 62]) assert.ok((await found(60, guess)).trials <= 5);
});

test('the most that the workload used is the answer when no smaller limit holds', async () => {
  assert.equal((await found(200, 60)).at, 200);
});
