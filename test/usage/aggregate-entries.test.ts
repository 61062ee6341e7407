/** The replicas, kills and leaks that an aggregate keeps: which ones, and in which order. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UsageAggregate } from '../../src/usage/aggregate.ts';
import { newest } from '../../src/usage/aggregate-entries.ts';
import { kill, leak, made } from './made/made.ts';
import { day, MiB, monday } from './made/played.ts';

describe('replicas', () => {
  it('are the three with the highest peaks, highest first, equal ones by name', () => {
    const aggregate = made(
      ...(['b', 'a', 'd', 'c'] as const).map(
        (pod) => (one: UsageAggregate) => one.replica(pod, pod === 'd' ? 9 : 5, monday),
      ),
    );
    assert.deepEqual(
      aggregate.replicas.map(({ pod }) => pod),
      ['d', 'a', 'b'],
    );
  });

  it('have one entry per pod, with its highest peak and its last observation', () => {
    const aggregate = made(
      (one) => one.replica('a', 9, monday),
      (one) => one.replica('a', 5, monday + 5),
      (one) => one.replica('a', 7, monday + 2),
    );
    assert.deepEqual(aggregate.replicas, [{ pod: 'a', peak: 9, at: monday + 5 }]);
  });
});

describe('the list of kills', () => {
  it('has the larger number of kills of a lifetime and cause, whichever comes first', () => {
    const [few, many] = [kill('a', monday, { times: 2 }), kill('a', monday, { times: 5 })];
    for (const both of [
      [few, many],
      [many, few],
    ])
      assert.deepEqual(newest(both), [many]);
  });

  it('keeps the time of the latest kill, and names equal times in order', () => {
    const found = newest([kill('b'), kill('a'), kill('b', monday + 5)]);
    assert.deepEqual(
      found.map(({ lifetime, at }) => [lifetime, at - monday]),
      [
        ['b', 5],
        ['a', 0],
      ],
    );
    assert.deepEqual(
      newest([kill('b'), kill('a')]).map(({ lifetime }) => lifetime),
      ['a', 'b'],
    );
  });

  it('keeps both causes of one lifetime', () =>
    assert.equal(newest([kill('a'), kill('a', monday, { limit: MiB })]).length, 2));
});

describe('a leak', () => {
  it('that continues keeps its start, and takes the new rate and end', () => {
    const aggregate = made(
      (one) => one.leaking(leak('a', 1, monday - 5 * day, monday - day)),
      (one) => one.leaking({ ...leak('a', 3, monday - day, monday), from: 9 * MiB }),
    );
    assert.deepEqual(aggregate.leaks, [leak('a', 3, monday - 5 * day, monday)]);
  });

  it('that begins after the end of the last one starts anew, and one with an earlier start keeps that', () => {
    const last = leak('a', 1, monday - 5 * day, monday - 2 * day);
    for (const next of [leak('a', 3, monday - day), leak('a', 3, monday - 6 * day)])
      assert.deepEqual(
        made(
          (one) => one.leaking(last),
          (one) => one.leaking(next),
        ).leaks,
        [next],
      );
  });

  it('stays in the list with the three fastest pods, equal ones by name', () => {
    const aggregate = made(
      ...[leak('c', 1), leak('b', 1), leak('a', 1), leak('d', 2)].map(
        (each) => (one: UsageAggregate) => one.leaking(each),
      ),
    );
    assert.deepEqual(
      aggregate.leaks.map(({ pod }) => pod),
      ['d', 'a', 'b'],
    );
  });
});
