/** Each field of a workload in a checkpoint: its bounds, its absence, and why an entry is dropped. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { day } from '../usage/made/played.ts';
import { aggregateOf, at, cartWith, changed, dropsWith, KiB } from './recorded.ts';

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
