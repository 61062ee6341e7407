/** Text → history: which texts are refused, which entries are dropped and named, and what each field becomes. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeCheckpoint, NewerHistory } from '../../src/checkpoint/read.ts';
import { encodeCheckpoint } from '../../src/checkpoint/write.ts';
import { LocatedError } from '../../src/model/located-error.ts';
import { advise } from '../../src/recommend/advise.ts';
import { closeWindows } from '../../src/usage/history.ts';
import { day, hour, MiB, minute, monday, type PlayedContainer, play } from '../usage/made/played.ts';
import { aggregateOf, at, cartWith, changed, KiB } from './recorded.ts';

const cart: PlayedContainer = { pod: 'cart-1', real: (at) => 100 + (60 * at) / day, activeFile: () => 40 };
const web: PlayedContainer = { ...cart, pod: 'web-1', workload: 'Deployment/web', limit: 512, kills: [hour] };
const text = encodeCheckpoint({
  ...{ node: 'node-1', at: monday + 2.3 * day },
  ...play([cart, web], { days: 2.3, stepSeconds: 30 * minute }).kept(),
});

it('reads a checkpoint of 0.1.0 completely, and recommends the same as 0.1.0', () => {
  const file = new URL('../../fixtures/histories/0.1.0.history.json', import.meta.url);
  const read = decodeCheckpoint('0.1.0', fs.readFileSync(file, 'utf8'));
  assert.equal(read.dropped, undefined);
  assert.equal(read.lifetimes.length, 2);
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

  it('is refused with more workloads than an agent keeps', () => {
    const { workloads, ...rest } = JSON.parse(text) as { readonly workloads: readonly unknown[] };
    const many = JSON.stringify({ ...rest, workloads: new Array(5_000).fill(workloads[0]) });
    assert.throws(() => decodeCheckpoint('it', many), /expected at most 4000 workloads, got 5000/);
  });
});

describe('a text that is no checkpoint', () => {
  it('is refused with a LocatedError for any value of JSON', () =>
    fc.assert(
      fc.property(fc.json(), (json) => assert.throws(() => decodeCheckpoint('it', json), LocatedError)),
    ));

  it('is refused in words for values without fields, and for a kind or version that is an object', () => {
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['null', /^it: expected a history of realmem, got null$/],
      ['7', /got 7$/],
      ['"x"', /got "x"$/],
      ['[]', /expected the kind "realmem history", got undefined$/],
      ['{"kind":{"toString":1}}', /got an object or a list$/],
      [
        '{"kind":"realmem history","version":{"toString":1}}',
        /expected version 1, .* got an object or a list$/,
      ],
      ['{"kind":"realmem history"}', /expected version 1, .* got undefined$/],
      ['{"kind":"realmem history","version":0}', /got 0$/],
      ['{"kind":"realmem history","version":"2"}', /got 2$/],
    ];
    for (const [content, says] of wrong)
      assert.throws(
        () => decodeCheckpoint('it', content),
        (error) =>
          error instanceof LocatedError && !(error instanceof NewerHistory) && says.test(error.message),
        content,
      );
  });

  it('is a newer history for a higher version alone', () =>
    assert.throws(() => decodeCheckpoint('it', text.replace('"version":1', '"version":1.5')), NewerHistory));
});

describe('the recorded checkpoint of 0.1.0', () => {
  it('has the times, kills, leaks and replicas of its text', () => {
    const aggregate = cartWith({});
    assert.deepEqual([aggregate.since, aggregate.lastAt], [1_728_259_200, 1_728_457_800]);
    assert.deepEqual([aggregate.observedFrom, aggregate.observedUntil], [1_728_259_200, 1_728_457_800]);
    assert.deepEqual(aggregate.kills, [
      { pod: 'cart-1', lifetime: 'cart-1-web-0', at: 1_728_262_800, limit: 524_288 * KiB },
    ]);
    assert.deepEqual(aggregate.leaks, [
      {
        ...{ pod: 'cart-1', perDay: 61_440 * KiB, since: 1_728_266_400, from: 107_520 * KiB },
        ...{ until: 1_728_446_400, to: 225_280 * KiB },
      },
    ]);
    assert.deepEqual(aggregate.replicas, [{ pod: 'cart-1', peak: 243_627 * KiB, at: 1_728_457_800 }]);
    assert.deepEqual([aggregate.killCount, aggregate.running], [1, 1]);
  });

  it('has a heap of unknown cap, because 0.1.0 read the flags in the wrong order', () => {
    const { setting } = cartWith({});
    assert.deepEqual(setting, {
      ...{ type: 'container', request: 134_217_728, limit: 536_870_912 },
      heap: { runtime: 'unknown' },
    });
    const later = changed((checkpoint) => {
      checkpoint['rules'] = 2;
    });
    assert.deepEqual(aggregateOf(later).setting?.heap, {
      ...{ runtime: 'JVM', by: '-XX:MaxRAMPercentage=75', share: 0.75 },
    });
  });

  it('has the capacity of the node, and none where the text has none', () => {
    assert.equal(changed(() => {}).capacityBytes, 8 * 2 ** 30);
    assert.equal('capacityBytes' in changed((checkpoint) => void delete checkpoint['capacityBytes']), false);
  });

  it('names workloads as agents of today do, and adds up two roll-outs of one', () => {
    const read = changed(({ workloads }) => {
      for (const [index, workload] of workloads.entries())
        workload[1] = index === 0 ? 'ReplicaSet/web-5d4f8c7b9d' : 'ReplicaSet/web-7f6b5d4c8f';
    });
    const names = [...read.aggregates].map((one) => one.key.workload);
    assert.deepEqual(names, ['Rollout/web']);
    assert.deepEqual(
      read.lifetimes.map((one) => one.key?.workload),
      ['Rollout/web', 'Rollout/web'],
    );
    const today = changed((checkpoint) => {
      checkpoint['rules'] = 2;
      for (const workload of checkpoint.workloads.slice(0, 1)) workload[1] = 'ReplicaSet/web-5d4f8c7b9d';
    });
    assert.equal([...today.aggregates][0]?.key.workload, 'ReplicaSet/web-5d4f8c7b9d');
  });
});

describe('a checkpoint as a whole', () => {
  it('is refused for a wrong node, time, capacity or list', () => {
    for (const [field, value] of [
      ['node', 7],
      ['at', 5],
      ['at', 2_300_000_001],
      ['capacityBytes', -1],
      ['workloads', {}],
      ['lives', null],
    ] as const)
      assert.throws(
        () =>
          changed((checkpoint) => {
            Object.assign(checkpoint, { [field]: value });
          }),
        /^LocatedError: it: expected a history of version 1, got a wrong one \(expected /,
        field,
      );
  });

  it('loses only its known kills when they cannot be read', () => {
    const read = changed((checkpoint) => {
      checkpoint['kills'] = 'x';
    });
    assert.deepEqual([read.kills, read.dropped, read.lifetimes.length], [undefined, undefined, 2]);
    assert.deepEqual(
      changed((checkpoint) => {
        checkpoint['kills'] = [at];
      }).kills,
      { at, lifetimes: [] },
    );
  });
});
