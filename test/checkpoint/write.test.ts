/** History → text: what stands where, what is left out, and how sizes and times are rounded. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import type { Checkpoint } from '../../src/checkpoint/checkpoint.ts';
import { decodeCheckpoint } from '../../src/checkpoint/read.ts';
import { encodeCheckpoint } from '../../src/checkpoint/write.ts';
import { earliestTime, latestTime } from '../../src/model/time.ts';
import type { UsageAggregate } from '../../src/usage/aggregate.ts';
import { UsageAggregates } from '../../src/usage/aggregates.ts';
import { identificationRules } from '../../src/usage/earlier.ts';
import type { LifetimeState } from '../../src/usage/lifetime.ts';
import { day, hour, MiB, monday } from '../usage/made/played.ts';

const KiB = 1024;
const key = { namespace: 'shop', workload: 'Deployment/cart', container: 'web' };
const life: LifetimeState = { path: 7, inode: 1, since: monday, key, pod: 'cart-1' };

interface Plain {
  readonly workloads: readonly (readonly [string, string, string, Readonly<Record<string, unknown>>])[];
  readonly lives: readonly (readonly unknown[])[];
  readonly [field: string]: unknown;
}

const checkpointOf = (
  change: (aggregate: UsageAggregate) => void,
  more: Partial<Checkpoint> = {},
): Checkpoint => {
  const aggregates = new UsageAggregates();
  const aggregate = aggregates.of(key);
  aggregate.observed(monday);
  change(aggregate);
  return { node: 'node-1', at: monday, aggregates, lifetimes: [], ...more };
};
const textOf = (change: (aggregate: UsageAggregate) => void, more: Partial<Checkpoint> = {}): string =>
  encodeCheckpoint(checkpointOf(change, more));
const plainOf = (change: (aggregate: UsageAggregate) => void, more: Partial<Checkpoint> = {}): Plain =>
  JSON.parse(textOf(change, more)) as Plain;
const fieldsOf = (change: (aggregate: UsageAggregate) => void): Readonly<Record<string, unknown>> =>
  plainOf(change).workloads[0]?.[3] ?? assert.fail();
const writtenLifetime = (more: Partial<LifetimeState>): readonly unknown[] | undefined =>
  plainOf(() => {}, { lifetimes: [{ ...life, ...more }] }).lives[0];

describe('the text of a checkpoint', () => {
  it('is one line with kind, version, rules, node and time', () => {
    const text = textOf(() => {});
    assert.match(text, /^[^\n]+\n$/);
    const { workloads, lives, ...head } = JSON.parse(text) as Plain;
    assert.deepEqual(head, {
      kind: 'realmem history',
      version: 1,
      rules: identificationRules,
      node: 'node-1',
      at: monday,
    });
    assert.deepEqual([workloads.length, lives], [1, []]);
  });

  it('has capacity and known kills only where they are known', () => {
    const kills = { at: monday, lifetimes: [] };
    const { capacityBytes, kills: written } = plainOf(() => {}, { capacityBytes: 0, kills });
    assert.deepEqual([capacityBytes, written], [0, [monday]]);
    const without = plainOf(() => {});
    assert.ok(!('capacityBytes' in without) && !('kills' in without));
  });

  it('has a time that can be read back, whatever the clock shows', () => {
    for (const [at, written] of [
      [monday + 0.5, monday + 1],
      [Number.NaN, earliestTime],
      [0, earliestTime],
      [Number.POSITIVE_INFINITY, latestTime],
      [latestTime + 1, latestTime],
    ] as const)
      assert.equal(plainOf(() => {}, { at })['at'], written);
  });

  it('is the same again after a read, for each recorded history', () => {
    const directory = new URL('../../fixtures/histories/', import.meta.url);
    for (const name of fs.readdirSync(directory)) {
      const read = decodeCheckpoint(name, fs.readFileSync(new URL(name, directory), 'utf8'));
      const text = encodeCheckpoint(read);
      assert.equal(encodeCheckpoint(decodeCheckpoint(name, text)), text, name);
    }
  });
});

describe('the fields of a workload', () => {
  it('that are empty are left out', () =>
    assert.deepEqual(Object.keys(fieldsOf(() => {})), ['h', 'u', 'd', 'r', 't']));

  it('have the observed times only where they differ from all times, rounded outwards', () => {
    const fields = fieldsOf((aggregate) => {
      aggregate.seen(monday - 9.5);
      aggregate.observed(monday + 0.5);
    });
    assert.deepEqual(
      [fields['t'], fields['w']],
      [
        [monday - 10, monday + 1],
        [monday, monday + 1],
      ],
    );
  });

  it('of a name that no agent observed come back as not observed', () => {
    const aggregates = new UsageAggregates();
    aggregates.of(key).killed({ pod: 'p', lifetime: 'a', at: monday });
    const { aggregates: read } = decodeCheckpoint(
      'it',
      encodeCheckpoint({ node: 'node-1', at: monday, aggregates, lifetimes: [] }),
    );
    const [named] = read;
    assert.equal(named?.aggregate.observedFrom, Number.POSITIVE_INFINITY);
    assert.equal(named?.aggregate.since, monday);
  });

  it('have the days from today to 100 days ago, oldest first, and none of the future', () => {
    const fields = fieldsOf((aggregate) => {
      for (const ago of [-1, 0, 100, 101, 5]) aggregate.days.set(monday / day - ago, { peak: KiB });
    });
    assert.deepEqual(fields['d'], [
      [100, 0],
      [5, 0],
      [0, 0],
    ]);
  });

  it('have each value of a day at its place, without the empty places at the end', () => {
    const dayWith = (more: object): unknown =>
      fieldsOf((aggregate) => aggregate.days.set(monday / day, { peak: 0, ...more }))['d'];
    const none = (count: number): null[] => new Array(count).fill(null);
    assert.deepEqual(dayWith({}), [[0, 0]]);
    assert.deepEqual(dayWith({ workingSet: 0 }), [[0, 0, 0]]);
    assert.deepEqual(dayWith({ atLimit: KiB * 1.005 }), [[0, 0, ...none(5), 1]]);
    assert.deepEqual(dayWith({ squeezed: true }), [[0, 0, ...none(6), 1]]);
    assert.deepEqual(dayWith({ stalled: 12.345 }), [[0, 0, ...none(7), 12.3]]);
    assert.deepEqual(dayWith({ stalled: 101 }), [[0, 0, ...none(7), 100]]);
    assert.deepEqual(dayWith({ throttled: 0 }), [[0, 0, ...none(8), 0]]);
    assert.deepEqual(dayWith({ unsorted: 0 }), [[0, 0, ...none(9), 0]]);
  });

  it('have kills with their limit and count only where there is one', () => {
    const kills = (...all: UsageAggregate['kills']): unknown =>
      fieldsOf((aggregate) => {
        aggregate.kills = all;
      })['k'];
    const at = monday;
    assert.deepEqual(kills({ pod: 'p', lifetime: 'a', at }), [['p', 'a', at]]);
    assert.deepEqual(kills({ pod: 'p', lifetime: 'a', at, limit: KiB + 1 }), [['p', 'a', at, 2]]);
    assert.deepEqual(kills({ pod: 'p', lifetime: 'a', at, times: 3 }), [['p', 'a', at, null, 3]]);
  });

  it('mark the kill without a limit where its lifetime has both causes, and no other', () => {
    const fields = fieldsOf((aggregate) => {
      aggregate.kills = [
        { pod: 'p', lifetime: 'a', at: monday, limit: MiB },
        { pod: 'p', lifetime: 'a', at: monday },
        { pod: 'p', lifetime: 'b', at: monday },
      ];
    });
    assert.deepEqual(
      (fields['k'] as readonly string[][]).map(([, id]) => id),
      ['a', 'a+', 'b'],
    );
  });

  it('have sizes in whole KiB, rounded up, within the range that can be read', () => {
    const peaks = (peak: number): unknown =>
      (
        fieldsOf((aggregate) => {
          aggregate.replicas = [{ pod: 'p', peak, at: monday }];
        })['r'] as readonly unknown[][]
      )[0]?.[1];
    assert.deepEqual([0, 1, KiB, KiB + 1, -5, Number.NaN].map(peaks), [0, 1, 1, 2, 0, 0]);
    assert.ok(Number(peaks(1e300)) * KiB <= Number.MAX_SAFE_INTEGER);
  });

  it('have a setting with sizes that can be read, and without absent ones', () => {
    const setting = (one: UsageAggregate['setting']): unknown =>
      fieldsOf((aggregate) => {
        aggregate.setting = one;
      })['s'];
    assert.deepEqual(setting({ type: 'init' }), { type: 'init' });
    assert.deepEqual(setting({ type: 'init', request: -1, limit: 0, pod: { limit: 5 } }), {
      ...{ type: 'init', request: 0, limit: 0 },
      pod: { limit: 5 },
    });
    assert.deepEqual(setting({ type: 'init', heap: { runtime: 'Go', bytes: 5 as never } }), {
      ...{ type: 'init', heap: { runtime: 'Go', bytes: 5 } },
    });
  });

  it('have the number of kills and of running containers above zero', () => {
    const fields = fieldsOf((aggregate) => {
      aggregate.killCount = 2;
      aggregate.running = 1;
    });
    assert.deepEqual([fields['c'], fields['n']], [2, 1]);
  });
});

describe('an open lifetime', () => {
  it('refers to its workload by number, and is left out without a name or without its workload', () => {
    const { key: _, ...nameless } = life;
    const other = { ...life, key: { ...key, container: 'proxy' } };
    assert.deepEqual(plainOf(() => {}, { lifetimes: [nameless, other, life] }).lives, [
      [0, 'cart-1', 7, 1, monday],
    ]);
  });

  it('has each value at its place, zero included, without the empty places at the end', () => {
    const none = (count: number): null[] => new Array(count).fill(null);
    const start = [0, 'cart-1', 7, 1, monday];
    assert.deepEqual(writtenLifetime({ peak: 0 }), [...start, 0]);
    assert.deepEqual(writtenLifetime({ fiveStart: monday, fivePeak: 1 }), [...start, null, monday, 1]);
    assert.deepEqual(writtenLifetime({ hourStart: monday, hourLeast: 0 }), [
      ...start,
      ...none(3),
      monday,
      null,
      0,
    ]);
    assert.deepEqual(writtenLifetime({ dayStart: monday, refaulted: 1 }), [
      ...start,
      ...none(7),
      monday,
      null,
      1,
    ]);
    assert.deepEqual(writtenLifetime({ dayUnsorted: 1 }), [...start, ...none(12), 1]);
  });

  it('begins in a whole second, rounded down, and without a pod has an empty text', () => {
    assert.equal(writtenLifetime({ since: monday + 0.9 })?.[4], monday);
    const { pod: _, ...without } = life;
    assert.equal(plainOf(() => {}, { lifetimes: [without] }).lives[0]?.[1], '');
  });

  it('has the spans of its leak detector as differences in KiB', () => {
    const leakDetector = { span: hour, start: monday, values: [5 * KiB, 4 * KiB + 1, 0] };
    assert.deepEqual(writtenLifetime({ leakDetector })?.[15], [hour, monday, 5, 0, -5]);
  });
});
