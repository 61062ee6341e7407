import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseSeries } from '../../src/backtest/series.ts';
import type { Checkpoint } from '../../src/checkpoint/checkpoint.ts';
import { decodeCheckpoint } from '../../src/checkpoint/read.ts';
import { encodeCheckpoint } from '../../src/checkpoint/write.ts';
import { pack } from '../../src/edges/pack.ts';
import { LocatedError } from '../../src/model/located-error.ts';
import { advise, evidenceOf } from '../../src/recommend/advise.ts';
import { closeWindows, History } from '../../src/usage/history.ts';
import { day, hour, keyOf, MiB, minute, monday, type PlayedContainer, play } from '../usage/played.ts';

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
    assert.deepEqual(read.lives.length, 2);
  });

  it('encodes to the same text again after decoding', () => {
    const first = again(keptBy(play([cart, web], { days: 2 }), 2));
    const text = encodeCheckpoint(first);
    assert.equal(encodeCheckpoint(decodeCheckpoint('it', text)), text);
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
    const packed = pack(encodeCheckpoint(keptBy(play(pods, { days: 14, stepSeconds: 5 * minute }), 14)));
    const budget = (100_000 * 3_600) / 5_000;
    assert.ok(packed.length < budget, `${packed.length} of ${budget}`);
    assert.ok(packed.length > 10_000, 'two weeks of 110 pods take more');
  });
});

it('reads a checkpoint of 0.1.0 completely, and recommends the same as 0.1.0', () => {
  const file = new URL('../../fixtures/histories/0.1.0.history.json', import.meta.url);
  const read = decodeCheckpoint('0.1.0', fs.readFileSync(file, 'utf8'));
  assert.equal(read.dropped, undefined);
  assert.equal(read.lives.length, 2);
  const limits = [...closeWindows(read)].map(({ key, aggregate }) => [
    key.workload,
    Math.round((advise(aggregate, read.at)?.limit.target ?? 0) / MiB),
  ]);
  assert.deepEqual(limits, [
    ['Deployment/cart', 512],
    ['Deployment/web', 552],
  ]);
});

describe('a wrong checkpoint', () => {
  const text = encodeCheckpoint(keptBy(play([cart, web], { days: 2.3, stepSeconds: 30 * minute }), 2.3));

  it('is refused with an error that says what is wrong', () => {
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['', /it: expected a history of realmem, got nothing/],
      [text.slice(0, -20), /it: expected a history of realmem, got \d+ characters that are not JSON/],
      ['{"kind":"Pod"}', /expected the kind "realmem history", got Pod/],
      [text.replace('"version":1', '"version":2'), /expected version 1, which this agent writes, got 2/],
      [text.replace('"at":', '"then":'), /expected a number from 0 to \d+ at at, got nothing/],
    ];
    for (const [content, says] of wrong)
      assert.throws(
        () => decodeCheckpoint('it', content),
        (error) => error instanceof LocatedError && says.test(error.message),
        content.slice(0, 60),
      );
  });

  it('loses only its wrong entry, which is named', () => {
    const whole = decodeCheckpoint('it', text);
    const wrong: readonly (readonly [string, string, RegExp])[] = [
      [
        '"h":[',
        '"h":["x",',
        /^shop\/Deployment\/cart\/web|^workloads\[0\]: expected a list of numbers at h, got a list$/,
      ],
      ['"h":[', '"h":[99999,', /^workloads\[0\]: expected at most 1150 buckets/],
      ['"t":[', '"t":[5,', /^workloads\[0\]: expected a time at 0, got 5$/],
      [
        '"d":[[',
        '"d":[[777],[',
        /^shop\/Deployment\/cart\/web: d\[0\]: expected a day of at most 100 days ago, got 777$/,
      ],
      ['"r":[[', '"r":[["p",1,7],[', /^shop\/Deployment\/cart\/web: r\[0\]: expected a time at 2, got 7$/],
      ['"lives":[[', '"lives":[[77],[', /^lives\[0\]: expected the index of a workload, got 77$/],
    ];
    for (const [before, after, why] of wrong) {
      const read = decodeCheckpoint('it', text.replace(before, after));
      assert.match(read.dropped?.first ?? '', why);
      const names = [...read.aggregates].map(({ key }) => key.workload);
      assert.ok(names.includes('Deployment/web'), 'the other workload stays');
      assert.equal(
        names.length,
        why.source.includes('workloads') && !why.source.includes('cart') ? 1 : names.length,
      );
    }
    assert.equal(whole.dropped, undefined);
  });

  it('loses an entry with more hours than a node can run', () => {
    const checkpoint = JSON.parse(text);
    // 10^9 container-hours.
    checkpoint.workloads[0][3].h = [200, 1 + Math.round(Math.log(1e9 * 16) / 0.02)];
    const read = decodeCheckpoint('it', JSON.stringify(checkpoint));
    assert.match(read.dropped?.first ?? '', /^workloads\[0\]: expected a total weight of at most \d+/);
    assert.deepEqual(
      [...read.aggregates].map(({ key }) => key.workload),
      ['Deployment/web'],
    );
  });

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
    for (const { 0: figure, index } of text.matchAll(/\d+/g))
      for (const other of others)
        mustBeRead(text.slice(0, index) + other + text.slice(index + figure.length));
  });

  it('is refused with more workloads than an agent keeps', () => {
    const { workloads, ...rest } = JSON.parse(text) as { readonly workloads: readonly unknown[] };
    const many = JSON.stringify({ ...rest, workloads: new Array(5_000).fill(workloads[0]) });
    assert.throws(() => decodeCheckpoint('it', many), /expected at most 4000 workloads, got 5000/);
  });
});
