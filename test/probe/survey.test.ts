/** The answers of probes of many simulated workloads, with and without cold files of which somebody reads a little now and then. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Answer, answerOf } from '../../src/probe/answer.ts';
import {
  atRandom,
  chunksOf,
  MiB,
  randomFrom,
  rereading,
  Simulated,
  together,
  type Workload,
} from './simulated.ts';
import { firstCold, readFiles, searchOn, toleranceOf, usualOptions } from './simulated-probe.ts';

const times = 6;

type Reader = (chunks: number, periodMs: number, random: () => number) => Workload;

const inOrder: Reader = (chunks, periodMs) => rereading(0, chunks, periodMs, false);
const inBursts: Reader = (chunks, periodMs) => rereading(0, chunks, periodMs, true);
const anywhere: Reader = (chunks, periodMs, random) =>
  atRandom(0, chunks, (chunks / periodMs) * 1000, random);

/** Some chunks often, most seldom: the chunk of each rank is read in proportion to 1 / rank. */
const zipf: Reader = (chunks, periodMs, random) => {
  const shares = Array.from({ length: chunks }, (_, index) => 1 / (index + 1));
  const sum = shares.reduce((all, share) => all + share, 0);
  let reached = 0;
  const upTo = shares.map((share) => (reached += share / sum));
  const numbers = atRandom(0, 1, (chunks / periodMs) * 1000, random);
  return function* (from, to) {
    for (const _ of numbers(from, to)) {
      const drawn = random();
      yield Math.max(
        0,
        upTo.findIndex((share) => drawn < share),
      );
    }
  };
};

interface Group {
  readonly reader: Reader;
  readonly seconds: readonly [number, number];
  readonly durationMs: number;
  /** Somebody reads each chunk of the cold files once in 8 to 30 minutes. */
  readonly isTrickling: boolean;
}

interface Found {
  readonly hot: number;
  readonly answer: Answer;
  readonly words: string;
}

function survey({ reader, seconds: [least, most], durationMs, isTrickling }: Group): readonly Found[] {
  const random = randomFrom(17);
  const between = (from: number, to: number): number => from + random() * (to - from);
  return Array.from({ length: times }, (_, index) => {
    const [hot, cold] = [Math.round(between(12, 112)), Math.round(between(16, 144))];
    const [periodMs, coldMs] = [1000 * between(least, most), 1000 * between(480, 1800)];
    const [hotChunks, coldChunks] = [chunksOf(hot), chunksOf(cold)];
    const trickle = atRandom(firstCold, coldChunks, (coldChunks / coldMs) * 1000, randomFrom(index + 77));
    const workload = reader(hotChunks, periodMs, randomFrom(index + 1));
    const lru = index % 2 === 0 ? 'classic' : 'multi-generational';
    const kernel = new Simulated(isTrickling ? together(workload, trickle) : workload, {
      ...{ lru, overshoot: 1.5, random: randomFrom(index + 1), real: () => 8 * MiB, diskMs: 0.05 },
    });
    readFiles(kernel, hot, cold);
    kernel.run(100_000);
    const options = { ...usualOptions, durationMs };
    const { search } = searchOn(kernel, options, (now) => {
      assert.ok(Number.isFinite(answerOf(now, options).needsBytes), 'an answer at any time');
      return false;
    });
    const answer = answerOf(search, options);
    const found = answer.neededCacheBytes / MiB;
    const words = `${lru}: ${found.toFixed(1)} of ${hot} MiB read every ${periodMs} ms, ${cold} MiB cold`;
    return { hot, answer, words };
  });
}

const isLow = ({ hot, answer }: Found): boolean => answer.neededCacheBytes < hot * MiB - toleranceOf(hot);
const isHigh = ({ hot, answer }: Found): boolean => answer.neededCacheBytes > hot * MiB + toleranceOf(hot);

const durations = [30_000, 60_000, 120_000];
const kinds = [false, true];
const groupsOf = (reader: Reader, least: number, most: (durationMs: number) => number): readonly Group[] =>
  durations.flatMap((durationMs) =>
    kinds.map(
      (isTrickling): Group => ({ reader, seconds: [least, most(durationMs)], durationMs, isTrickling }),
    ),
  );

/** @param mostHigh of 36 */
function check(groups: readonly Group[], mostHigh: number): void {
  const all = groups.flatMap(survey);
  assert.deepEqual(
    all.filter(isLow).map(({ words }) => words),
    [],
  );
  const high = all.filter(isHigh).map(({ words }) => words);
  assert.ok(high.length <= mostHigh, `too high: ${high.length}\n${high.join('\n')}`);
}

/** Each large folio has a hot chunk, and colder ones beside it. */
function surveyInFolios(durationMs: number): readonly Found[] {
  const random = randomFrom(5);
  return Array.from({ length: 4 * times }, (_, index) => {
    const [hot, chunksEach] = [Math.round(12 + random() * 100), 2 + Math.floor(random() * 5)];
    const periodMs = 500 + random() * 2500;
    const hotChunks = chunksOf(hot);
    const reader = index % 3 === 0 ? inOrder : anywhere;
    const lru = index % 2 === 0 ? 'classic' : 'multi-generational';
    const kernel = new Simulated(reader(hotChunks, periodMs, randomFrom(index + 1)), {
      ...{ lru, overshoot: 1.5, random: randomFrom(index + 1), real: () => 8 * MiB, diskMs: 0.05 },
    });
    for (let chunk = 0; chunk < hotChunks; chunk++)
      kernel.readTogether([
        chunk,
        ...Array.from({ length: chunksEach - 1 }, (_, at) => firstCold + chunk * 8 + at),
      ]);
    const colder = index % 4 < 2 ? 0 : 64;
    for (let chunk = 0; chunk < chunksOf(colder); chunk++) kernel.read(2 * firstCold + chunk);
    kernel.run(30_000);
    const options = { ...usualOptions, durationMs };
    const answer = answerOf(searchOn(kernel, options).search, options);
    const found = answer.neededCacheBytes / MiB;
    const words = `${lru}: ${answer.isAtMost ? 'at most ' : ''}${found.toFixed(1)} of ${hot} MiB, ${reader.name} every ${periodMs.toFixed(0)} ms, 1 of ${chunksEach} chunks, ${answer.stopped}`;
    return { hot, answer, words };
  });
}

describe('a survey of probes', () => {
  it('finds what is read within seconds, also beside cold files of which a little is read now and then', () => {
    check(
      groupsOf(inOrder, 0.4, () => 3),
      1,
    );
  });

  it('finds what is read at random places within seconds', () => {
    check(
      groupsOf(anywhere, 0.4, (durationMs) => durationMs / 12_000),
      1,
    );
  });

  it('finds what is read in bursts', () => {
    check(
      groupsOf(inBursts, 3, () => 15),
      0,
    );
  });

  it('finds no less than what is read in order once within the duration', () => {
    check(
      groupsOf(inOrder, 5, (durationMs) => (durationMs / 1000) * 0.9),
      3,
    );
  });

  it('finds no less than what is read at random places several times within the duration', () => {
    check(
      groupsOf(anywhere, 5, (durationMs) => durationMs / 6000),
      1,
    );
  });

  it('finds no less than what is hot in large folios that are cold in part', () => {
    const all = durations.flatMap(surveyInFolios);
    assert.deepEqual(
      all.filter(isLow).map(({ words }) => words),
      [],
    );
    // The simulated classic LRU takes hot files too, once most files are active.
    const high = all.slice(-4 * times).filter((found) => isHigh(found) && found.words.startsWith('multi'));
    assert.ok(high.length <= 2, high.map(({ words }) => words).join('\n'));
  });

  it('adds what it cannot tell from cold files to the error', () => {
    const slow = { reader: anywhere, seconds: [60, 90], isTrickling: true } as const;
    for (const { hot, answer, words } of survey({ ...slow, durationMs: 120_000 }))
      assert.ok(answer.neededCacheBytes + answer.errorBytes >= 0.85 * hot * MiB, words);
  });

  it('gives an answer about files of which some parts are read often and most seldom', () => {
    for (const { answer, hot, words } of groupsOf(zipf, 20, () => 40).flatMap(survey))
      assert.ok(answer.neededCacheBytes + answer.errorBytes >= 0.2 * hot * MiB, words);
  });
});
