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
import { day, hour, MiB, minute, monday, type PlayedContainer, play } from '../usage/played.ts';
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

describe('a field of a workload', () => {
  it('that is later than the checkpoint is as late as the checkpoint', () => {
    const late = at + 1000;
    const aggregate = cartWith({
      ...{ t: [late, late + 5], w: [late, late] },
      r: [['p', 1, late]],
      k: [['p', 'l', late]],
      l: [['p', 1, at - 5, 1, late, 2]],
    });
    assert.deepEqual([aggregate.since, aggregate.lastAt], [at, at]);
    assert.deepEqual([aggregate.observedFrom, aggregate.observedUntil], [at, at]);
    assert.deepEqual(
      [aggregate.replicas[0]?.at, aggregate.kills[0]?.at, aggregate.leaks[0]?.until],
      [at, at, at],
    );
  });

  it('that is absent is empty, and never zero where zero means something', () => {
    const aggregate = aggregateOf(
      changed((_, one) => {
        for (const name of ['d', 'r', 'k', 'l', 'c', 's', 'n']) delete one[name];
      }),
    );
    assert.deepEqual(
      [aggregate.days.size, aggregate.replicas, aggregate.kills, aggregate.leaks],
      [0, [], [], []],
    );
    assert.deepEqual([aggregate.killCount, aggregate.running, aggregate.setting], [0, 0, undefined]);
  });

  it('with the observed times in the wrong order counts as never observed', () => {
    const aggregate = cartWith({ w: [at, at - 1] });
    assert.equal(aggregate.observedFrom, Number.POSITIVE_INFINITY);
    assert.equal(cartWith({ w: [at, at] }).observedFrom, at);
  });

  it('about a kill may have a count, and the mark of another cause at the end of its ID', () => {
    const kills = [
      ['p', 'a+', at, null, 3],
      ['p', 'a', at, 7],
      ['p', 'b+c', at],
    ];
    assert.deepEqual(cartWith({ k: kills }).kills, [
      { pod: 'p', lifetime: 'a', at, times: 3 },
      { pod: 'p', lifetime: 'a', at, limit: 7 * KiB },
      { pod: 'p', lifetime: 'b+c', at },
    ]);
  });

  it('about a leak without growth is no leak, and no fault', () => {
    const read = changed((_, one) => {
      one['l'] = [['p', 0, at, 1, at, 2]];
    });
    assert.deepEqual([aggregateOf(read).leaks, read.dropped], [[], undefined]);
  });

  it('about a day reaches 100 days back in whole days, with absent codes as absent', () => {
    const aggregate = cartWith({
      d: [
        [100, 0],
        [0, 10, null, 20, null, null, null, null, 2],
      ],
    });
    const today = Math.floor(at / day);
    assert.deepEqual(aggregate.days.keys(), [today - 100, today]);
    assert.deepEqual(aggregate.days.get(today - 100), { peak: KiB });
    assert.deepEqual(Object.keys(aggregate.days.get(today) ?? {}).toSorted(), ['anon', 'peak']);
    for (const [one, why] of [
      [[101, 1], /got 101$/],
      [[0.5, 1], /got 0.5$/],
      [[-1, 1], /expected a number from 0/],
      [[0, 99_999], /bytes at 1, got/],
      [[0], /at 1, got nothing$/],
      [[0, 1, null, null, null, null, null, null, null, 101], /expected at most 100 at 9, got 101$/],
      [7, /expected an object or a list, got 7$/],
    ] as const)
      assert.match(dropsWith({ d: [one] }) ?? '', why);
  });

  it('about a day has whether it was squeezed, how long tasks waited, and the later fields', () => {
    const codes = [null, null, null, null, null, null];
    const aggregate = cartWith({ d: [[0, 0, ...codes, 1, 100, 0, 0]] });
    const found = aggregate.days.get(Math.floor(at / day));
    assert.deepEqual(found, { peak: KiB, squeezed: true, stalled: 100, throttled: KiB, unsorted: KiB });
  });
});

describe('a setting', () => {
  const settingWith = (s: Record<string, unknown>, rules = 2): Setting | undefined =>
    aggregateOf(
      changed((checkpoint, one) => {
        checkpoint['rules'] = rules;
        one['s'] = s;
      }),
    ).setting;

  it('of an unknown type has the type unknown, and of null no sizes', () =>
    assert.deepEqual(settingWith({ type: 'toString', request: null }), { type: 'unknown' }));

  it('keeps a limit of zero and the sizes of the pod', () =>
    assert.deepEqual(settingWith({ type: 'init', limit: 0, pod: { limit: 5 } }), {
      ...{ type: 'init', limit: 0 },
      pod: { limit: 5 },
    }));

  it('keeps the heap of a known runtime, and drops one of an unknown one', () => {
    const heap = { runtime: 'Go', by: 'GOMEMLIMIT', bytes: 5, besideBytes: 1 };
    for (const rules of [1, 2]) assert.deepEqual(settingWith({ type: 'init', heap }, rules)?.heap, heap);
    assert.deepEqual(settingWith({ type: 'init', heap: { runtime: 'Node.js', share: 1 } })?.heap, {
      ...{ runtime: 'Node.js', share: 1 },
    });
    assert.deepEqual(settingWith({ type: 'init', heap: { runtime: 'Node.js' } }, 1)?.heap, {
      runtime: 'unknown',
    });
    assert.deepEqual(settingWith({ type: 'init', heap: { runtime: 'unknown' } })?.heap, {
      runtime: 'unknown',
    });
    assert.equal(settingWith({ type: 'init', heap: { runtime: 'Ruby' } })?.heap, undefined);
  });

  it('with an impossible share, size or text drops its workload', () => {
    for (const s of [
      { heap: { runtime: 'Go', share: 1.1 } },
      { heap: { runtime: 'Go', by: 7 } },
      { heap: 7 },
      { pod: 7 },
      { limit: -1 },
    ])
      assert.match(dropsWith({ s }) ?? '', /^workloads\[0\]: expected /, JSON.stringify(s));
  });
});

describe('an open lifetime', () => {
  const lifeWith = (values: Record<number, unknown>) =>
    changed(({ lives }) => {
      Object.assign(lives[0] ?? [], values);
      lives.length = 1;
    });

  it('without optional values has none of them', () => {
    const { lifetimes } = changed((checkpoint) => {
      checkpoint.lives = [[0, 'p', 1, 2, at]];
    });
    assert.deepEqual(lifetimes, [{ key, pod: 'p', path: 1, inode: 2, since: at }]);
  });

  it('does not begin later than the checkpoint, and neither do its windows', () => {
    const [lifetime] = lifeWith({ 4: at + 9, 6: at + 9, 8: at + 9, 12: at + 9 }).lifetimes;
    const { since, fiveStart, hourStart, dayStart } = lifetime ?? assert.fail();
    assert.deepEqual([since, fiveStart, hourStart, dayStart], [at, at, at, at]);
  });

  it('is dropped with the reason for a wrong index or a wrong leak detector', () => {
    const cases: readonly (readonly [Record<number, unknown>, RegExp])[] = [
      [{ 0: 2 }, /^lives\[0\]: expected the index of a workload, got 2$/],
      [{ 0: 0.5 }, /index of a workload, got 0.5$/],
      [{ 0: 'length' }, /expected a number from 0 to \d+ at 0, got string$/],
      [{ 15: [1234, at, 5] }, /expected the spans of a leak detector/],
      [{ 15: [3600, -1, 5] }, /expected the spans of a leak detector/],
      [{ 15: [3600, 2_300_000_001, 5] }, /expected the spans of a leak detector/],
      [{ 15: [3600, at, ...new Array(25).fill(1)] }, /expected the spans of a leak detector/],
      [{ 15: [3600, at, 5, -6] }, /expected sizes of a leak detector/],
      [{ 15: [3600, at, 2 ** 53] }, /expected sizes of a leak detector/],
      [{ 15: [3600, 'x'] }, /expected a list of numbers at 15/],
    ];
    for (const [values, why] of cases) {
      const read = lifeWith(values);
      assert.deepEqual([read.lifetimes, read.dropped?.count], [[], 1]);
      assert.match(read.dropped?.first ?? '', why);
    }
  });

  it('has the sums of the differences of its leak detector, up to 24', () => {
    const steps = [5, 0, -5, ...new Array(21).fill(1)];
    const [lifetime] = lifeWith({ 15: [7200, at, ...steps] }).lifetimes;
    assert.deepEqual(
      lifetime?.leakDetector?.values.slice(0, 5),
      [5, 5, 0, 1, 2].map((size) => size * KiB),
    );
    assert.equal(lifetime?.leakDetector?.values.length, 24);
    assert.equal(lifeWith({ 15: null }).lifetimes[0]?.leakDetector, undefined);
  });

  it('is dropped with its workload, and each counts', () => {
    const read = changed((_, one) => {
      one['t'] = 7;
    });
    assert.equal(read.dropped?.count, 2);
    assert.match(read.dropped?.first ?? '', /^workloads\[0\]: expected a list at t, got 7$/);
    assert.equal(read.lifetimes.length, 1);
    assert.equal(read.lifetimes[0]?.key?.workload, 'Deployment/web');
  });
});

describe('the line about the first dropped entry', () => {
  it('is escaped, and has at most 240 characters', () => {
    const read = changed(({ workloads: [first] }) => {
      if (first === undefined) return;
      first[0] = '\u001b[2J'.repeat(99);
      first[3]['r'] = [['p', 1, 7]];
    });
    assert.ok((read.dropped?.first?.length ?? 999) <= 240);
    assert.match(read.dropped?.first ?? '', /^\\u001b\[2J.*…: r\[0\]: expected a time at 2, got 7$/);
  });

  it('is the first of several, with their number', () => {
    const read = changed((_, one) => {
      one['r'] = [[7], ['p', 1, at], [8]];
    });
    assert.equal(read.dropped?.count, 2);
    assert.match(read.dropped?.first ?? '', /: r\[0\]: expected a text at 0, got 7$/);
    assert.equal(aggregateOf(read).replicas.length, 1);
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
