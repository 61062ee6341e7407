/** What the benchmark of the probe computes from its windows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes } from '../../src/model/bytes.ts';
import type { Answer } from '../../src/probe/answer.ts';
import { precisionOf, smallestThatHolds } from '../bench/probe/bisect.ts';
import type { Round } from '../bench/probe/measure.ts';
import { partOf } from '../bench/probe/page.ts';
import { missesOf, rowOf } from '../bench/probe/results.ts';
import { spanOf, Timeline } from '../bench/probe/timeline.ts';
import { matchesGolden } from '../golden.ts';

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

/** A probe of a workload with 20 MiB of real, and with 60 MiB of files. */
const round = (needs: number, during: number, seconds = 120): Round => {
  const answer: Partial<Answer> = {
    ...{
      needsBytes: bytes(needs * MiB),
      errorBytes: bytes(MiB),
      isAtMost: false,
      realBytes: bytes(20 * MiB),
    },
    ...{ neededCacheBytes: bytes((needs - 20) * MiB), coldBytes: bytes((80 - needs) * MiB) },
    ...{ stopped: 'confirmed', watchedSeconds: 60, seconds },
    curve: [20, 80].map((total) => ({
      totalBytes: bytes(total * MiB),
      cacheBytes: bytes((total - 20) * MiB),
      rereadsPerSecond: 0,
    })),
  };
  const memory = { realBytes: 20 * MiB, activeFileBytes: 40 * MiB, inactiveFileBytes: 20 * MiB };
  return {
    answer: answer as Answer,
    ...{ seconds: seconds + 2, during, before: 90, after: 110, memory: [memory, memory] },
  };
};
const measured = {
  ...{ name: 'one', what: '', operationsPerSecond: 100, pagesPerSecond: 100, smallestBytes: 50 * MiB },
  ...{ trials: [], krrBytes: 100 * MiB, lowest: { limitBytes: 46 * MiB, holds: false } },
};

test('a row has the answer that is farthest off, the median of the throughput, and the limits suggested after each', () => {
  const row = rowOf({ ...measured, rounds: [round(51, 98), round(46, 95), round(54, 80)] }, 'classic');
  assert.equal(row.offBytes, -4 * MiB);
  assert.ok(row.isWithin);
  assert.deepEqual(row.throughput, { median: 0.95, from: 0.8, to: 0.98 });
  assert.equal(row.workingSetBytes, 60 * MiB);
  assert.deepEqual(
    row.suggested.map(({ beforeBytes, afterBytes = Number.NaN }) => [beforeBytes / MiB, afterBytes / MiB]),
    [
      [65, 55],
      [65, 50],
      [65, 58],
    ],
  );
  assert.deepEqual(missesOf(row), ['one: the suggested limit is 1.16 × the smallest']);
});

test('a wrong answer, a slow probe, lost throughput and a wrong limit are each a miss', () => {
  const row = rowOf({ ...measured, rounds: [round(60, 80, 130)] }, 'classic');
  assert.deepEqual(missesOf(row), [
    'one: the answer is off by more than 10 % and 4 MiB',
    'one: the probe took 130.0 s',
    'one: throughput fell to 80.0 %',
    'one: the suggested limit is 1.30 × the smallest',
  ]);
});

test('the table says what failed, also of a workload that was measured before, and what is missing, and which rows are of another day or commit', () => {
  const origin = { machine: '2 × CPU', commit: 'abc', at: '2026-11-30T10:00:00Z' };
  const rounds = [round(51, 98), round(49, 95)];
  const text = partOf(
    ['one', 'two', 'three', 'four'],
    {
      plan: { window: 60, rounds: 2, duration: '2m' },
      workloads: [
        { ...measured, rounds, ...origin },
        { ...measured, name: 'two', rounds, ...origin, commit: 'def', at: '2026-12-01T10:00:00Z' },
      ],
      failed: [
        { name: 'four', why: 'expected sh | cat' },
        { name: 'one', why: 'the machine slept' },
      ],
    },
    'classic',
  );
  matchesGolden(new URL('goldens/benchmark.md', import.meta.url), text);
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
