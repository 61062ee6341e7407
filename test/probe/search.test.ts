/** The search for the needed page cache, against a simulated kernel. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Answer, answerOf } from '../../src/probe/answer.ts';
import type { SearchOptions } from '../../src/probe/options.ts';
import type { Reading } from '../../src/probe/reading.ts';
import { type Next, Search } from '../../src/probe/search.ts';
import {
  atRandom,
  chunksOf,
  MiB,
  randomFrom,
  rereading,
  Simulated,
  type SimulatedLru,
  type SimulatedOptions,
  streaming,
  together,
  type Workload,
} from './simulated.ts';
import { usualOptions as options, readFiles, searchOn, toleranceOf } from './simulated-probe.ts';

const firstNew = 1_000_000;
const real = 8 * MiB;
const longestWarmUpMs = 100_000;
/** Milliseconds: longer than every probe. */
const never = 1e9;

interface Case extends Partial<SimulatedOptions> {
  /** MiB that are read again and again, and that are not. */
  readonly hot: number;
  readonly cold: number;
  readonly periodMs?: number;
  readonly inBursts?: boolean;
  /** Workloads beside. */
  readonly more?: readonly Workload[];
  readonly allowed?: Partial<SearchOptions>;
  /** The cold files were read last, and often. So the kernel takes them after the hot ones. */
  readonly isColdYoung?: boolean;
}

interface Probed {
  readonly answer: Answer;
  readonly search: Search;
  readonly asked: readonly Next[];
}

/** @param isOver ends the probe before its time */
function probe(
  { hot, cold, periodMs = 1000, inBursts = false, more = [], allowed, isColdYoung = false, ...rest }: Case,
  isOver: (search: Search, next: Next) => boolean = () => false,
): Probed {
  const hotChunks = chunksOf(hot);
  const workload = together(rereading(0, hotChunks, periodMs, inBursts), ...more);
  const kernel = new Simulated(workload, {
    ...{ lru: 'classic', overshoot: 2, random: randomFrom(1), real: () => real, diskMs: 0.1 },
    ...{ keepsPlaces: isColdYoung, ...rest },
  });
  readFiles(kernel, hot, cold);
  if (isColdYoung) for (const _ of '12') readFiles(kernel, 0, cold);
  kernel.run(Math.min(2 * periodMs, longestWarmUpMs));
  const used = { ...options, ...allowed };
  const { search, asked } = searchOn(kernel, used, isOver);
  return { search, asked, answer: answerOf(search, used) };
}

const isNear = (found: number, mebibytes: number): boolean =>
  Math.abs(found - mebibytes * MiB) <= toleranceOf(mebibytes);

const lrus: readonly SimulatedLru[] = ['classic', 'multi-generational'];

describe('the search', () => {
  it('finds the hot part of any file cache under both LRUs, whatever its size, its pace and the overshoot of reclaim', () => {
    fc.assert(
      fc.property(
        fc.record({
          hot: fc.integer({ min: 0, max: 200 }),
          cold: fc.integer({ min: 0, max: 400 }),
          lru: fc.constantFrom(...lrus),
          overshoot: fc.double({ min: 1, max: 2, noNaN: true }),
          periodMs: fc.integer({ min: 400, max: 5000 }),
          diskMs: fc.constantFrom(0, 0.02),
        }),
        (given) => {
          const { answer } = probe(given);
          const { neededCacheBytes, coldBytes, isAtMost } = answer;
          assert.ok(isNear(neededCacheBytes, given.hot), `needed ${neededCacheBytes / MiB}`);
          assert.ok(isNear(coldBytes, given.cold), `cold ${coldBytes / MiB}`);
          assert.equal(isAtMost, false);
        },
      ),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it('finds what is read in bursts, as long as a burst comes within the second half of the time', () => {
    fc.assert(
      fc.property(
        fc.record({
          hot: fc.integer({ min: 8, max: 96 }),
          cold: fc.integer({ min: 8, max: 200 }),
          lru: fc.constantFrom(...lrus),
          periodMs: fc.integer({ min: 6000, max: 45_000 }),
        }),
        (given) => {
          const { answer } = probe({ ...given, inBursts: true, diskMs: 0.02 });
          assert.ok(isNear(answer.neededCacheBytes, given.hot), `needed ${answer.neededCacheBytes / MiB}`);
        },
      ),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it('finds the hot part beside files that are read once', () => {
    for (const perSecond of [1, 4, 16]) {
      const { answer } = probe({ hot: 32, cold: 64, more: [streaming(firstNew, chunksOf(perSecond))] });
      assert.ok(isNear(answer.neededCacheBytes, 32), `${perSecond} MiB/s: ${answer.neededCacheBytes / MiB}`);
    }
  });

  it('counts a file as needed that is read at random, so slowly that a step comes back only in part within its watch', () => {
    const count = chunksOf(64);
    const { answer } = probe({
      ...{ hot: 64, cold: 0, periodMs: never },
      more: [atRandom(0, count, count / 10, randomFrom(2))],
    });
    assert.ok(isNear(answer.neededCacheBytes, 64), `${answer.neededCacheBytes / MiB}`);
    assert.equal(answer.stopped, 'confirmed');
  });

  it('confirms the needed cache with two small steps, and takes nothing in the second half of the time', () => {
    const { answer, search } = probe({ hot: 32, cold: 64 });
    assert.equal(answer.stopped, 'confirmed');
    const needed = search.steps.slice(search.steps.findLastIndex(({ isNeeded }) => !isNeeded) + 1);
    const [, first = 0, second = 0] = needed.map(({ before, after }) => before.cacheBytes - after.cacheBytes);
    assert.ok(first <= 2 * 2 * MiB + MiB && second <= 2 * 4 * MiB + MiB, `${first} ${second}`);
    assert.ok(search.steps.every(({ before }) => before.at - search.first.at <= 60_000 + 1000));
  });

  it('takes all of the needed cache once, step by step, because cold pages can be among it', () => {
    const { search } = probe({ hot: 32, cold: 64 });
    const needed = search.steps.slice(search.steps.findLastIndex(({ isNeeded }) => !isNeeded) + 1);
    const took = needed.reduce((sum, { before, after }) => sum + before.cacheBytes - after.cacheBytes, 0);
    assert.ok(took >= 31 * MiB && took < 48 * MiB, `${took / MiB} MiB`);
  });

  it('finds cold pages that the kernel takes after the needed ones', () => {
    const { search, answer } = probe({ hot: 64, cold: 64, overshoot: 1, isColdYoung: true });
    assert.ok(search.steps.findIndex(({ isNeeded }) => isNeeded) < 2, 'hot pages go first');
    assert.ok(
      Math.abs(answer.neededCacheBytes - 64 * MiB) <= toleranceOf(64),
      `${answer.neededCacheBytes / MiB} MiB`,
    );
  });

  it('says that a workload may need less when nothing has come back until the last step', () => {
    const { answer } = probe({ hot: 16, cold: 20_000 });
    assert.deepEqual([answer.isAtMost, answer.stopped], [true, 'time']);
    assert.ok(answer.neededCacheBytes > 16 * MiB);
  });

  it('takes no more than --depth', () => {
    const { answer } = probe({ hot: 32, cold: 64, overshoot: 1, allowed: { depthBytes: 20 * MiB } });
    assert.deepEqual([answer.stopped, answer.isAtMost], ['depth', true]);
    assert.ok(answer.coldBytes <= 20 * MiB);
  });

  it('takes nothing more after its tasks have waited for longer than --max-stall', () => {
    const { answer, search } = probe({ hot: 96, cold: 0, diskMs: 5 });
    assert.equal(answer.stopped, 'stall');
    assert.equal(search.steps.length, 1);
    assert.ok(isNear(answer.neededCacheBytes, 96));
  });

  it('takes nothing more after more pages were read again than --max-refaults allows', () => {
    const tooMuch = { hot: 96, cold: 0, periodMs: 200, overshoot: 12, allowed: { maxRereads: 500 } };
    const { answer, search } = probe(tooMuch);
    assert.equal(answer.stopped, 'rereads');
    assert.equal(search.steps.length, 1);
  });

  it('takes so little at once that the workload can read it back within --max-refaults', () => {
    const { answer, search } = probe({ hot: 96, cold: 0, periodMs: 200, allowed: { maxRereads: 500 } });
    assert.equal(answer.stopped, 'confirmed');
    // Within a chunk, as the kernel takes whole ones.
    for (const { after, end } of search.steps) assert.ok(end.rereads - after.rereads <= 3 * 500 + 16);
  });

  it('takes nothing from a workload that already rereads more than --max-refaults', () => {
    const idle = new Simulated(() => [], simulatedDefaults).reading();
    const reading = (at: number): Reading => ({ ...idle, at, rereads: at * 20 });
    const search = new Search(options, reading(0));
    let next = search.next(reading(0));
    for (let at = 0; next.kind === 'wait'; next = search.next(reading(at))) at += next.ms;
    assert.deepEqual([next.kind, search.stopped, search.steps.length], ['end', 'short', 0]);
  });

  it('ends at once when real memory comes near the limit', () => {
    const grows = (at: number): number => (at < 20_000 ? real : 100 * MiB);
    const { answer } = probe({ hot: 32, cold: 64, real: grows, allowed: { mostRealBytes: 90 * MiB } });
    assert.equal(answer.stopped, 'nearLimit');
    assert.ok(answer.seconds < 25);
  });

  it('counts real memory that two readings in a row have, and no page that waits for its list for a moment', () => {
    const during = (ms: number) => (at: number) => (at >= 40_000 && at < 40_000 + ms ? 2 : 1) * real;
    const realOf = (ms: number): number => probe({ hot: 16, cold: 32, real: during(ms) }).answer.realBytes;
    assert.deepEqual([realOf(900), realOf(5000)], [real, 2 * real]);
  });

  it('counts a step as needed that an interruption leaves unjudged', () => {
    const { answer, search } = probe(
      { hot: 32, cold: 64 },
      ({ steps }, { kind }) => steps.length === 3 && kind === 'take',
    );
    const cacheBefore = search.steps.at(-1)?.end.cacheBytes;
    assert.deepEqual(
      [answer.stopped, answer.isAtMost, answer.neededCacheBytes],
      ['interrupted', true, cacheBefore],
    );
  });

  it('asks for no step beyond the cache above its floor, and for no wait beyond its time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 64 }),
        fc.integer({ min: 0, max: 64 }),
        fc.integer({ min: 10_000, max: 600_000 }),
        (hot, cold, durationMs) => {
          const { search, asked, answer } = probe({ hot, cold, allowed: { durationMs } });
          const taken = asked.flatMap((next) => (next.kind === 'take' ? next.bytes : []));
          assert.ok(taken.every((size) => size > 0 && size <= (hot + cold) * MiB));
          const ms = Math.round(answer.seconds * 1000);
          assert.ok(ms >= durationMs && ms < durationMs + 1000, `took ${ms} ms`);
          assert.ok(search.stopped !== undefined);
        },
      ),
      { numRuns: 20, endOnFailure: true },
    );
  });
});

const simulatedDefaults: SimulatedOptions = {
  ...{ lru: 'classic', overshoot: 1, random: randomFrom(1), real: () => real, diskMs: 0 },
};
