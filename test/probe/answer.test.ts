/** What an answer makes of the readings that a search left. search.test.ts has the search itself. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../src/model/bytes.ts';
import { answerOf } from '../../src/probe/answer.ts';
import type { SearchOptions } from '../../src/probe/options.ts';
import type { Reading } from '../../src/probe/reading.ts';
import type { Search, Step, StopReason } from '../../src/probe/search.ts';
import { MiB, pageBytes } from './simulated.ts';
import { usualOptions as options } from './simulated-probe.ts';

const pagesIn = (mebibytes: number): number => (mebibytes * MiB) / pageBytes;

/** @param seconds of the clock @param cache in MiB @param rereads in MiB since the start */
const reading = (seconds: number, cache: number, rereads = 0, more: Partial<Reading> = {}): Reading => ({
  ...{ at: 1000 * seconds, cacheBytes: bytes(cache * MiB), rereads: pagesIn(rereads) },
  ...{ usageBytes: bytes((cache + 8) * MiB), realBytes: bytes(8 * MiB) },
  ...more,
});

const step = (before: Reading, after: Reading, end: Reading, isNeeded = false): Step => ({
  ...{ before, after, end, isNeeded },
});

interface Left {
  readonly readings: readonly [first: Reading, last: Reading];
  readonly steps?: readonly Step[];
  readonly stopped?: StopReason;
  readonly unjudged?: Reading;
  /** Pages. */
  readonly toCome?: number;
  /** Pages of cold files that were reread, and how many of these may be needed. */
  readonly trickle?: readonly [pages: number, doubtful: number];
}

function answer(left: Left, more: Partial<SearchOptions> = {}) {
  const {
    readings: [first, last],
    steps = [],
    stopped,
    unjudged,
    toCome = 0,
    trickle: [trickle, doubtful] = [0, 0],
  } = left;
  const returned = (from: Reading, to: Reading): number => to.rereads - from.rereads;
  const search = {
    ...{ first, last, steps, stopped, unjudged, toCome, lastTaken: steps.at(-1)?.after, returned },
    ...{ confirmations: 2, heldBytes: 8 * MiB, baseRereadsPerSecond: 3 },
    returnedSince: (from: Reading) => returned(from, last) - trickle,
    doubtfulSince: () => doubtful,
  } as unknown as Search;
  return answerOf(search, { ...options, ...more });
}

/** 96 MiB of cache: the first step takes 64 MiB of cold files, the second one 8 MiB, of which so many MiB come back. */
function probed(back: number, last: Partial<Reading> = {}) {
  const first = reading(0, 96);
  const cold = step(first, reading(10, 32), reading(20, 32));
  const end = reading(60, 24 + back, back, last);
  return { readings: [first, end], steps: [cold, step(cold.end, reading(20, 24), end, true)] } as const;
}

describe('the needed cache of an answer', () => {
  it('is the cache after the last step and what came back since', () => {
    const { neededCacheBytes, needsBytes, coldBytes, watchedSeconds, seconds } = answer(probed(8));
    assert.deepEqual([neededCacheBytes, needsBytes, coldBytes], [32 * MiB, 40 * MiB, 64 * MiB]);
    assert.deepEqual([watchedSeconds, seconds], [40, 60]);
  });

  it('has no files that were deleted after they came back', () => {
    assert.equal(answer(probed(8, { cacheBytes: bytes(28 * MiB) })).neededCacheBytes, 28 * MiB);
    assert.equal(answer(probed(8, { cacheBytes: bytes(10 * MiB) })).neededCacheBytes, 24 * MiB);
  });

  it('has no pages of cold files that are read here and there', () =>
    assert.equal(answer({ ...probed(8), trickle: [pagesIn(3), 0] }).neededCacheBytes, 29 * MiB));

  it('has what its reader will still read', () =>
    assert.equal(answer({ ...probed(4), toCome: pagesIn(4) }).neededCacheBytes, 32 * MiB));

  it('is the cache before a step that is not judged yet', () => {
    const { neededCacheBytes, isAtMost } = answer({ ...probed(0), unjudged: reading(20, 32) });
    assert.deepEqual([neededCacheBytes, isAtMost], [32 * MiB, true]);
  });

  it('is all of the cache without a step, and then nothing is cold', () => {
    const { neededCacheBytes, coldBytes, isAtMost } = answer({ readings: [reading(0, 96), reading(5, 96)] });
    assert.deepEqual([neededCacheBytes, coldBytes, isAtMost], [96 * MiB, 0, true]);
  });

  it('counts slab as it is at the end', () => {
    const kernelBytes = bytes(2 * MiB);
    assert.equal(answer(probed(8, { kernelBytes })).realBytes, 10 * MiB);
  });
});

describe('an answer is an upper bound', () => {
  for (const [stopped, back, isAtMost] of [
    ['confirmed', 0, false],
    ['empty', 0, false],
    ['depth', 0, true],
    ['time', 3, true],
    ['time', 8, false],
    ['interrupted', 8, false],
  ] as const)
    it(`${isAtMost ? 'if' : 'unless'} it stopped at "${stopped}" and ${back} of 8 MiB came back`, () =>
      assert.equal(answer({ ...probed(back), stopped }).isAtMost, isAtMost));
});

describe('the error of an answer', () => {
  for (const [what, left, mebibytes] of [
    ['is the lag of the counters where all of the needed step came back', probed(8), 0.5],
    ['is what of the needed step did not come back', probed(5), 3],
    ['is what will still be read', { ...probed(8), toCome: pagesIn(6) }, 6],
  ] as const satisfies readonly (readonly [string, Left, number])[])
    it(what, () => assert.equal(answer(left).errorBytes, mebibytes * MiB));

  for (const [floor, lag, mebibytes] of [
    [2, 0.5, 2],
    [0.5, 6, 6],
    [0.25, 0.25, 0.5],
  ] as const)
    it(`is ${mebibytes}Mi where no cache is left, with a floor of ${floor}Mi and a lag of ${lag}Mi`, () => {
      const allowed = { floorBytes: floor * MiB, lagBytes: lag * MiB };
      assert.equal(answer({ ...probed(8), stopped: 'empty' }, allowed).errorBytes, mebibytes * MiB);
      assert.equal(answer({ ...probed(8), stopped: 'depth' }, allowed).errorBytes, lag * MiB);
    });

  it('is that of the needed step of which most came back', () => {
    const { readings, steps } = probed(5);
    const earlier = step(reading(0, 96), reading(5, 60), reading(10, 60), true);
    assert.equal(answer({ readings, steps: [earlier, ...steps] }).errorBytes, 3 * MiB);
  });
});

describe('what an answer says of the probe', () => {
  const between = (first: Partial<Reading>, last: Partial<Reading>, seconds = 60) =>
    answer({ readings: [reading(0, 96, 0, first), reading(seconds, 96, 0, last)] });

  it('is the difference of the counters', () => {
    const first = { majorFaults: 5, readBytes: 1000, stalledMs: 100 };
    const { majorFaults, readBytes, stalledShare } = between(first, {
      ...{ majorFaults: 9, readBytes: 5096, stalledMs: 700 },
    });
    assert.deepEqual([majorFaults, readBytes, stalledShare], [4, 4096, 0.01]);
  });

  it('lacks what one of the two readings lacks', () => {
    const all = { majorFaults: 5, readBytes: 1000, stalledMs: 100 };
    for (const found of [between({}, all), between(all, {})])
      assert.deepEqual(
        ['majorFaults', 'readBytes', 'stalledShare'].filter((key) => key in found),
        [],
      );
  });

  it('has no share of a time of 0 s, and 0 bytes where the counter of a disk fell', () => {
    assert.equal('stalledShare' in between({ stalledMs: 5 }, { stalledMs: 5 }, 0), false);
    assert.equal(between({ readBytes: 5000 }, { readBytes: 1000 }).readBytes, 0);
  });
});

describe('the curve of an answer', () => {
  it('has a point for the start and for each step, ascending, with rereads per second', () =>
    assert.deepEqual(
      answer(probed(8)).curve.map(({ totalBytes, cacheBytes, rereadsPerSecond }) => [
        ...[totalBytes / MiB, cacheBytes / MiB, rereadsPerSecond],
      ]),
      [
        [32, 24, pagesIn(8) / 40],
        [40, 32, 0],
        [104, 96, 3],
      ],
    ));

  it('has the rate over one second at least for a shorter watch', () => {
    const first = reading(0, 96);
    const short = step(first, reading(5, 88), reading(5.1, 89, 1));
    const [point] = answer({ readings: [first, short.end], steps: [short] }).curve;
    assert.equal(point?.rereadsPerSecond, pagesIn(1));
  });
});
