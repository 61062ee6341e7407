/** What the benchmark of the probe computes from its windows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../src/probe/answer.ts';
import { precisionOf, smallestThatHolds } from '../bench/probe/bisect.ts';
import type { Round } from '../bench/probe/measure.ts';
import { missesOf, rowOf } from '../bench/probe/results.ts';
import { spanOf, Timeline } from '../bench/probe/timeline.ts';

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

const round = (needs: number, during: number): Round => ({
  answer: { needsBytes: needs * MiB, errorBytes: MiB, isAtMost: false } as Answer,
  ...{ seconds: 121, during, before: 90, after: 110, activeFileBytes: 0, workingSetBytes: 0 },
});
const measured = {
  ...{ name: 'one', what: '', operationsPerSecond: 100, pagesPerSecond: 100, smallestBytes: 50 * MiB },
  ...{ trials: [], krrBytes: 0 },
};

test('a row has the answer that is farthest off, and the median of the throughput', () => {
  const row = rowOf({ ...measured, rounds: [round(51, 98), round(46, 95), round(53, 80)] });
  assert.equal(row.offBytes, -4 * MiB);
  assert.ok(row.isWithin);
  assert.deepEqual(row.throughput, { median: 0.95, from: 0.8, to: 0.98 });
  assert.deepEqual(missesOf(row), []);
});

test('a wrong answer, a slow probe, lost throughput and a wrong limit are each a miss', () => {
  const row = rowOf({
    ...measured,
    rounds: [{ ...round(56, 80), seconds: 130 }],
    suggested: { beforeBytes: 50 * MiB, afterBytes: 49 * MiB },
  });
  assert.deepEqual(missesOf(row), [
    'one: the answer is off by more than 10 % and 4 MiB',
    'one: the probe took 130 s',
    'one: throughput fell to 80.0 %',
    'one: the suggested limit is 0.98 × the smallest',
  ]);
});

const sample = (second: number) => ({
  ...{ at: second * 1000, operations: 10 * second, pages: 160 * second, refaults: second },
  ...{ usageBytes: 0, activeFileBytes: 0, inactiveFileBytes: 0 },
});

test('a window has the rates between its first sample and its last', () => {
  const { seconds, operationsPerSecond, pagesPerSecond, refaults } = spanOf([2, 3, 4].map(sample));
  assert.deepEqual([seconds, operationsPerSecond, pagesPerSecond, refaults], [2, 10, 160, 2]);
});

test('a window ends without a result when the workload ends', async () => {
  const timeline = new Timeline();
  const watched = timeline.watch(5);
  timeline.push(sample(1));
  timeline.end();
  assert.equal(await watched, undefined);
});
