import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseSeries } from '../../src/backtest/series.ts';
import {
  type Checkpoint,
  encodeAmount,
  largestNumber,
  saneAmount,
  saneTime,
} from '../../src/checkpoint/checkpoint.ts';
import { decodeCheckpoint } from '../../src/checkpoint/read.ts';
import { encodeCheckpoint, encodeInStretches } from '../../src/checkpoint/write.ts';
import { LocatedError } from '../../src/model/located-error.ts';
import { earliestTime, latestTime } from '../../src/model/time.ts';
import { advise, evidenceOf } from '../../src/recommend/advise.ts';
import { closeWindows, History } from '../../src/usage/history.ts';
import { amountAt, KiB } from '../../src/usage/packed/numbers.ts';
import { day, hour, keyOf, MiB, minute, monday, type PlayedContainer, play } from '../usage/made/played.ts';
import { packed } from './packed.ts';

const keptBy = (history: History, days: number): Checkpoint => ({
  node: 'node-1',
  at: monday + days * day,
  capacityBytes: 64 * 2 ** 30,
  ...history.kept(),
});

const again = (checkpoint: Checkpoint): Checkpoint => decodeCheckpoint('it', encodeCheckpoint(checkpoint));

/** Removes one value from a list or an object at any depth. In a list, null takes its place. */
function leaveOut(value: unknown, role: number): void {
  if (typeof value !== 'object' || value === null) return;
  const keys = Object.keys(value);
  const key = keys[role % keys.length];
  if (key === undefined) return;
  const inner = (value as Record<string, unknown>)[key];
  const rest = Math.floor(role / keys.length);
  if (typeof inner === 'object' && inner !== null && rest % 4 !== 0) leaveOut(inner, Math.floor(rest / 4));
  else if (Array.isArray(value)) value[Number(key)] = null;
  else delete (value as Record<string, unknown>)[key];
}

/** Containers with every kind of entry. */
const cart: PlayedContainer = {
  pod: 'cart-1',
  real: (at) => 100 + (60 * at) / day,
  activeFile: () => 40,
  refaulted: (at) => at / hour,
  request: 128,
  limit: 512,
  heap: { runtime: 'JVM', by: '-XX:MaxRAMPercentage=75', share: 0.75 },
};
const web: PlayedContainer = {
  ...cart,
  pod: 'web-1',
  workload: 'Deployment/web',
  real: (at) => 200 + 100 * Math.sin(at / 5_000),
  kills: [hour],
  heap: { runtime: 'unknown' },
  ...{ high: 310, highEvents: (at) => at, waited: () => 20 },
};

describe('a checkpoint', () => {
  it('decodes to the history that was encoded', () => {
    const kept = keptBy(play([cart, web], { days: 3.3 }), 3.3);
    const read = again(kept);
    for (const one of [cart, web]) {
      const [before, after] = [kept, read].map((checkpoint) => {
        const aggregate = closeWindows(checkpoint).find(keyOf(one));
        return aggregate && advise(aggregate, kept.at);
      });
      assert.ok(before !== undefined && after !== undefined);
      for (const what of ['request', 'limit'] as const)
        assert.ok(
          Math.abs(Math.log(before[what].target / after[what].target)) < 0.03,
          `${what} of ${one.pod}`,
        );
      assert.equal(after.because.length, before.because.length);
      assert.equal(after.leak?.pod, before.leak?.pod);
    }
    assert.deepEqual(read.lifetimes.length, 2);
  });

  it('encodes to the same text again after decoding', () => {
    const first = again(keptBy(play([cart, web], { days: 2 }), 2));
    const text = encodeCheckpoint(first);
    assert.equal(encodeCheckpoint(decodeCheckpoint('it', text)), text);
  });

  it('is begun again while something changes, and at last made in one piece', async () => {
    const checkpoint = keptBy(play([cart, web], { days: 1, stepSeconds: 20 * minute }), 1);
    for (const [changesUntil, taken] of [
      [0, 1],
      [2, 2],
      [100, 4],
    ] as const) {
      let [asked, takes] = [0, 0];
      const take = (): Checkpoint => {
        takes++;
        return checkpoint;
      };
      const text = await encodeInStretches(take, () => Math.min(asked++, changesUntil));
      assert.deepEqual([text, takes], [encodeCheckpoint(checkpoint), taken]);
    }
  });

  it('lets an agent that restarts each hour keep the same history as one that never restarts', () => {
    const days = 2.5;
    const whole = play([cart, web], { days, stepSeconds: 5 * minute });
    let history = new History();
    for (let from = 0; from < days * day; from += 1.25 * hour) {
      const next = new History();
      next.restore(again(keptBy(history, from / day)));
      history = play([cart, web], { days: 1.25 / 24, stepSeconds: 5 * minute, from }, next);
    }
    for (const one of [cart, web]) {
      const [a, b] = [whole, history].map((some) => closeWindows(some.kept()).find(keyOf(one)));
      assert.ok(a !== undefined && b !== undefined);
      const weightOf = (aggregate: typeof a): number =>
        aggregate.hours.at(monday + days * day).weights.reduce((sum, weight) => sum + weight, 0);
      assert.ok(Math.abs(weightOf(a) - weightOf(b)) < 1, `${weightOf(a)} and ${weightOf(b)} hours`);
      assert.ok(Math.abs(a.largest(monday + days * day) / b.largest(monday + days * day) - 1) < 0.011);
      assert.equal(a.killCount, b.killCount);
      assert.equal(a.leaks.length, b.leaks.length);
    }
  });

  it('of 110 pods fits its budget: 5,000 nodes that write each hour write 100 kB per second', () => {
    const file = new URL('../../fixtures/traces/online-boutique.csv', import.meta.url);
    const series = parseSeries('traces', fs.readFileSync(file, 'utf8'), { unit: 'MiB' });
    const pods = Array.from({ length: 110 }, (_, index): PlayedContainer => {
      const { values } = series[index % series.length] as (typeof series)[number];
      // Each has its own size and occasional spikes.
      const size = 2 + ((index * 37) % 50);
      const real = (at: number): number =>
        ((values[(Math.floor(at / 300) * (1 + (index % 3))) % values.length] ?? 0) / MiB) *
        size *
        (Math.floor(at / hour) % (7 + index) === 0 ? 2.5 : 1);
      const hash = ((index + 1) * 2_654_435_761).toString(36);
      return {
        pod: `workload-${index}-${hash}`,
        workload: `Deployment/workload-${index}`,
        limit: 4_096,
        real,
        activeFile: (at) => 20 + (at % 7),
      };
    });
    // Each hour gets its entries. More passes would only raise peaks that are already there: the text is 5 % longer with three an hour.
    const text = packed(encodeCheckpoint(keptBy(play(pods, { days: 14, stepSeconds: hour }), 14)));
    const budget = (100_000 * 3_600) / 5_000;
    assert.ok(text.length < budget, `${text.length} of ${budget}`);
    assert.ok(text.length > 10_000, 'two weeks of 110 pods take more');
  });
});

describe('the range of a checkpoint', () => {
  it('holds any measured size, at least 0 and up to what can be read back', () => {
    assert.deepEqual(
      [saneAmount(0), saneAmount(5.5), saneAmount(-1), saneAmount(Number.NaN)],
      [0, 5.5, 0, 0],
    );
    for (const large of [largestNumber, 2 ** 64, Number.POSITIVE_INFINITY]) {
      assert.equal(saneAmount(large), largestNumber - KiB);
      assert.ok(Math.ceil(saneAmount(large) / KiB) * KiB <= largestNumber);
    }
  });

  it('holds any time, as the nearest one that can be remembered', () => {
    for (const at of [earliestTime, monday, latestTime]) assert.equal(saneTime(at), at);
    for (const early of [earliestTime - 1, 0, Number.NEGATIVE_INFINITY, Number.NaN])
      assert.equal(saneTime(early), earliestTime);
    for (const late of [latestTime + 1, Number.POSITIVE_INFINITY]) assert.equal(saneTime(late), latestTime);
  });

  it('codes a size as the next step of 0.5 % above it, and up to a KiB as 0', () => {
    assert.deepEqual([0, 1, KiB, KiB + 1, -1, Number.NaN].map(encodeAmount), [0, 0, 0, 1, 0, 0]);
    fc.assert(
      fc.property(fc.double({ min: KiB, max: largestNumber, noNaN: true }), (size) => {
        const found = amountAt(encodeAmount(size));
        assert.ok(
          found <= largestNumber &&
            found >= Math.min(size, amountAt(encodeAmount(largestNumber))) * (1 - 1e-7),
        );
        assert.ok(found <= size * 1.00502, `${found} for ${size}`);
      }),
    );
  });

  it('codes each decoded size as the same code again, up to the largest', () => {
    const largest = encodeAmount(Number.POSITIVE_INFINITY);
    for (let code = 0; code <= largest; code++) assert.equal(encodeAmount(amountAt(code)), code);
    assert.ok(amountAt(largest) <= largestNumber && amountAt(largest + 1) > largestNumber);
  });
});

describe('a wrong checkpoint', () => {
  const textOf = (containers: readonly PlayedContainer[]): string =>
    encodeCheckpoint(keptBy(play(containers, { days: 2.3, stepSeconds: 30 * minute }), 2.3));
  const text = textOf([cart, web]);

  it('gives no NaN when any value is missing', () =>
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), fc.boolean(), (roles, onlyLives) => {
        const checkpoint = JSON.parse(text);
        for (const role of roles) leaveOut(onlyLives ? checkpoint.lives : checkpoint, role);
        mustBeRead(JSON.stringify(checkpoint));
      }),
      { numRuns: 500, examples: [[[0], true]] },
    ));

  it('gives no hour for a lifetime without the start of its hour', () => {
    const checkpoint = JSON.parse(text);
    for (const lifetime of checkpoint.lives) lifetime[8] = null;
    const read = decodeCheckpoint('it', JSON.stringify(checkpoint));
    const history = new History();
    history.restore(read);
    for (const { aggregate } of closeWindows(history.kept())) {
      assert.ok(
        [...aggregate.days].every(([day, { peak }]) => Number.isFinite(day) && Number.isFinite(peak)),
      );
      assert.ok(Number.isFinite(aggregate.since) && Number.isFinite(aggregate.lastAt));
    }
    // The text that is written next can be read again.
    assert.equal(again({ node: 'node-1', at: read.at, ...history.kept() }).dropped, undefined);
  });

  const mustBeRead = (broken: string): void => {
    try {
      const read = decodeCheckpoint('it', broken);
      for (const { aggregate } of closeWindows(read)) {
        const said = JSON.stringify(
          [advise(aggregate, read.at), evidenceOf(aggregate, read.at)],
          (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value),
        );
        assert.doesNotMatch(said, /NaN|Infinity/);
      }
    } catch (error) {
      assert.ok(error instanceof LocatedError, String(error));
    }
  };

  it('decodes or throws a LocatedError for any text', () =>
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(40), fc.string(), (at, length, other) =>
        mustBeRead(text.slice(0, at) + other + text.slice(at + length)),
      ),
      { numRuns: 500 },
    ));

  it('decodes or throws a LocatedError within a minute for any changed number', { timeout: 60_000 }, () => {
    const others = [
      '1e999',
      '1e300',
      '9007199254740991',
      '2299999999',
      '8796093022207',
      '5959',
      '1500',
      '-1',
      '0',
      '0.5',
    ];
    const change = (whole: string, from: number, to: number): void => {
      for (const { 0: figure, index } of whole.slice(from, to).matchAll(/\d+/g))
        for (const other of others)
          mustBeRead(whole.slice(0, from + index) + other + whole.slice(from + index + figure.length));
    };
    const livesOf = (whole: string): number => whole.indexOf('"lives"');
    // The aggregate of a container knows no other one. The lifetimes refer to the aggregates by their number.
    for (const one of [cart, web].map((container) => textOf([container]))) change(one, 0, livesOf(one));
    change(text, livesOf(text), text.length);
  });
});
