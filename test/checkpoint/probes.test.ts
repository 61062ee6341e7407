/** Answers of probes in a checkpoint. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeCheckpoint } from '../../src/checkpoint/read.ts';
import { encodeCheckpoint } from '../../src/checkpoint/write.ts';
import { UsageAggregate } from '../../src/usage/aggregate.ts';
import type { Probe } from '../../src/usage/aggregate-entries.ts';
import { UsageAggregates } from '../../src/usage/aggregates.ts';
import { day, MiB, monday } from '../usage/made/played.ts';
import { aggregateOf, at, cartWith, changed, dropsWith, key } from './recorded.ts';

const probe: Probe = {
  ...{ pod: 'cart-1', at: monday - day, neededCacheBytes: 32 * MiB, coldCacheBytes: 64 * MiB },
  ...{ errorBytes: MiB, watchedSeconds: 60 },
};
const aggregateWith = (...probes: readonly Probe[]): UsageAggregate => {
  const aggregate = new UsageAggregate();
  aggregate.observed(monday);
  for (const one of probes) aggregate.probed(one);
  return aggregate;
};
const textOf = (aggregate: UsageAggregate): string => {
  const aggregates = new UsageAggregates();
  aggregates.of(key).merge(aggregate);
  return encodeCheckpoint({ node: 'node-1', at: monday, aggregates, lifetimes: [] });
};
const readBack = (aggregate: UsageAggregate): UsageAggregate =>
  aggregateOf(decodeCheckpoint('it', textOf(aggregate)));

describe('answers of probes in a checkpoint', () => {
  it('come back as they were, with sizes rounded up to a KiB', () => {
    const size = fc.integer({ min: 0, max: 2 ** 20 }).map((KiB) => KiB * 1024);
    const any = fc.record({
      pod: fc.constantFrom('a', 'b', 'c', 'd'),
      at: fc.integer({ min: monday - 50 * day, max: monday }),
      ...{ neededCacheBytes: size, coldCacheBytes: size, errorBytes: size },
      watchedSeconds: fc.integer({ min: 0, max: 86_400 }),
      isAtMost: fc.constantFrom(true as const, undefined),
      revision: fc.constantFrom(0, 7, 2 ** 32 - 1, undefined),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 6 }), (probes) => {
        const plain = JSON.parse(JSON.stringify(probes)) as Probe[];
        const aggregate = aggregateWith(...plain);
        aggregate.created(7, monday - day);
        const { probes: read, revision } = readBack(aggregate);
        assert.deepEqual([read, revision], [aggregate.probes, aggregate.revision]);
      }),
    );
    assert.equal(readBack(aggregateWith({ ...probe, errorBytes: 1 })).probes[0]?.errorBytes, 1024);
  });

  it('take some 50 bytes each, and nothing where there are none', () => {
    const none = textOf(aggregateWith()).length;
    assert.doesNotMatch(textOf(aggregateWith()), /"[pv]":/);
    assert.ok(textOf(aggregateWith(probe)).length - none < 60);
  });

  it('are absent in a checkpoint of 0.1.0, which is read as before', () => {
    const { aggregates, dropped } = changed(() => {});
    assert.equal(dropped, undefined);
    for (const { aggregate } of aggregates)
      assert.deepEqual([aggregate.probes, aggregate.revision], [[], undefined]);
  });

  it('are dropped one by one where they cannot be read, and the rest of the history stays', () => {
    const good = ['p', at, 1, 1, 1, 1];
    const read = cartWith({ p: [['p', at, -1, 1, 1, 1], good, ['p']], v: [['x', at]] });
    assert.equal(read.probes.length, 1);
    assert.equal(read.revision, undefined);
    assert.ok(read.days.size > 0);
    for (const [wrong, why] of [
      [['p', at, 1, 1, 1, 1e9], /at most 172800 at 5/],
      [['p', at, 1, 1, 1, 1, 0, 2 ** 32], /at most 4294967295 at 7/],
      [['p', 5, 1, 1, 1, 1], /expected a time at 1/],
      [[7, at, 1, 1, 1, 1], /expected a text at 0/],
    ] as const)
      assert.match(dropsWith({ p: [wrong] }) ?? '', why);
  });

  it('are dropped with more page cache and error than the node has memory', () => {
    const GiB = 2 ** 20;
    const read = (sizes: readonly number[], capacityBytes?: number) =>
      changed((checkpoint, cart) => {
        cart['p'] = [['p', at, ...sizes, 1]];
        checkpoint['capacityBytes'] = capacityBytes;
      });
    const memory = 4 * 2 ** 30;
    assert.equal(aggregateOf(read([GiB, GiB, 2 * GiB + 3], memory)).probes.length, 1);
    for (const sizes of [
      [GiB, GiB, 2 * GiB + 4],
      [0, 0, 5 * GiB],
    ]) {
      const { dropped, ...more } = read(sizes, memory);
      assert.deepEqual(aggregateOf(more).probes, []);
      assert.match(dropped?.first ?? '', /expected at most the 4294967296 bytes of the node at 2 to 4, got /);
    }
    assert.equal(aggregateOf(read([0, 0, 2 ** 40])).probes.length, 1, 'a petabyte where that is unknown');
    assert.deepEqual(aggregateOf(read([0, 0, 2 ** 41])).probes, []);
  });

  it('are never later than the checkpoint', () =>
    assert.equal(cartWith({ p: [['p', at + 500, 1, 1, 1, 1]] }).probes[0]?.at, at));
});
