/** The aggregate of one name: its bounds, its ties, how two add up, and what a wrong clock does to it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { neededBeyond, oldestKept, UsageAggregate } from '../../src/usage/aggregate.ts';
import type { Replica } from '../../src/usage/aggregate-entries.ts';
import { weightAt } from '../../src/usage/log-histogram.ts';
import { kill, leak, made } from './made/made.ts';
import { day, hour, MiB, minute, monday } from './made/played.ts';

const today = monday / day;
const limit = 100 * MiB;
const hoursAt = ({ hours }: UsageAggregate, at = monday): number => Math.round(100 * hours.totalAt(at)) / 100;
const near = (found: number, expected: number): void =>
  assert.ok(Math.abs(found - expected) < 1e-6 * Math.max(1, expected), `${found} for ${expected}`);

describe('oldestKept', () => {
  it('is midnight 14 days before the day of the time', () => {
    assert.equal(oldestKept(monday), monday - 14 * day);
    assert.equal(oldestKept(monday + day - 1), monday - 14 * day);
    assert.equal(oldestKept(monday + day), monday - 13 * day);
  });
});

describe('a new aggregate', () => {
  it('has neither peak, day, kill nor time', () => {
    const aggregate = new UsageAggregate();
    assert.deepEqual(
      [aggregate.largest(monday), aggregate.peaks(monday), aggregate.today(monday)],
      [0, [], undefined],
    );
    assert.deepEqual(
      [aggregate.since, aggregate.lastAt],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    );
    assert.deepEqual([aggregate.killCount, aggregate.running, aggregate.setting], [0, 0, undefined]);
  });

  it('stays empty when it merges or forgets with another empty one', () => {
    const aggregate = new UsageAggregate();
    aggregate.merge(new UsageAggregate());
    aggregate.forget(monday);
    aggregate.forgetLater(monday);
    assert.deepEqual(aggregate, new UsageAggregate());
  });
});

describe('a peak', () => {
  it('of an hour counts in the hours and in its day, and an open one in its day alone', () => {
    const aggregate = made(
      (one) => one.hour(5 * MiB, monday),
      (one) => one.peak(7 * MiB, monday + hour),
    );
    assert.equal(hoursAt(aggregate), 1);
    assert.equal(aggregate.largest(monday), 7 * MiB);
    assert.deepEqual([aggregate.since, aggregate.lastAt], [monday, monday + hour]);
  });

  it('belongs to the day in UTC, up to its last second', () => {
    const aggregate = made(
      (one) => one.peak(5, monday + day - 1),
      (one) => one.peak(6, monday + day),
    );
    assert.deepEqual(
      aggregate.lastDayEntries(monday + day).map(([number, { peak }]) => [number - today, peak]),
      [
        [0, 5],
        [1, 6],
      ],
    );
    assert.equal(aggregate.today(monday)?.peak, 5);
    assert.equal(aggregate.today(monday + 2 * day), undefined);
  });

  it('counts for 14 days with today, largest first, and not on the 15th', () => {
    const aggregate = made(
      ...[3, 9, 5].map((peak, ago) => (one: UsageAggregate) => one.peak(peak, monday - ago * day)),
    );
    assert.deepEqual(aggregate.peaks(monday), [9, 5, 3]);
    assert.equal(aggregate.largest(monday, 1), 3);
    assert.equal(aggregate.largest(monday + 12 * day), 9);
    assert.equal(aggregate.largest(monday + 13 * day), 3);
    assert.equal(aggregate.largest(monday + 14 * day), 0);
  });

  it('of zero is a peak, and a note about a day has a peak of zero', () => {
    assert.deepEqual(made((one) => one.peak(0, monday)).peaks(monday), [0]);
    const noted = made((one) => one.note(monday, { squeezed: true }));
    assert.deepEqual(noted.today(monday), { peak: 0, squeezed: true });
    assert.equal(noted.lastAt, Number.NEGATIVE_INFINITY, 'a note is no observation');
  });

  it('is not part of what an agent observed, but an observation is seen', () => {
    const aggregate = made(
      (one) => one.peak(1, monday),
      (one) => one.observed(monday + 5),
      (one) => one.observed(monday + 2),
    );
    assert.deepEqual([aggregate.observedFrom, aggregate.observedUntil], [monday + 2, monday + 5]);
    assert.deepEqual([aggregate.since, aggregate.lastAt], [monday, monday + 5]);
  });
});

describe('a kill', () => {
  it('at a limit counts as an hour that needed 15 % more than the limit', () => {
    const aggregate = made((one) => one.killed(kill('a', monday, { limit })));
    assert.deepEqual([aggregate.killCount, aggregate.kills.length, hoursAt(aggregate)], [1, 1, 1]);
    assert.equal(aggregate.largest(monday), limit * neededBeyond);
    assert.equal(aggregate.lastAt, monday);
  });

  it('for the node counts, and adds neither hour nor day', () => {
    const aggregate = made((one) => one.killed(kill('a')));
    assert.deepEqual([aggregate.killCount, hoursAt(aggregate), aggregate.largest(monday)], [1, 0, 0]);
    assert.equal(aggregate.lastAt, monday);
    assert.deepEqual(aggregate.kills, [kill('a')], 'one kill has no `times`');
  });

  it('of a known lifetime and cause adds up in one entry, with the later time', () => {
    const aggregate = made(
      (one) => one.killed(kill('a', monday + 5, { times: 2 })),
      (one) => one.killed(kill('a', monday)),
    );
    assert.deepEqual([aggregate.killCount, aggregate.kills], [3, [kill('a', monday + 5, { times: 3 })]]);
  });

  it('of a known lifetime with another cause has an entry of its own', () => {
    const aggregate = made(
      (one) => one.killed(kill('a')),
      (one) => one.killed(kill('a', monday + 5, { limit })),
    );
    assert.equal(aggregate.killCount, 2);
    assert.deepEqual(
      aggregate.kills.map((one) => one.limit),
      [limit, undefined],
    );
  });

  it('at a limit weighs once per hour and lifetime, again in the next hour, and again in another lifetime', () => {
    const at =
      (seconds: number, lifetime = 'a') =>
      (one: UsageAggregate) =>
        one.killed(kill(lifetime, monday + seconds, { limit }));
    assert.equal(hoursAt(made(at(0), at(hour - 1))), 1);
    near(made(at(0), at(hour)).hours.totalAt(monday), 1 + weightAt(monday + hour, 7) / weightAt(monday, 7));
    assert.equal(hoursAt(made(at(0), at(1, 'b'))), 2);
  });

  it('stays in the list for the newest eight at a limit and the newest eight others, newest first', () => {
    const aggregate = new UsageAggregate();
    for (let n = 0; n < 10; n++) {
      aggregate.killed(kill(`limit-${n}`, monday + n, { limit }));
      aggregate.killed(kill(`node-${n}`, monday + n));
    }
    assert.equal(aggregate.killCount, 20);
    assert.equal(aggregate.kills.length, 16);
    assert.deepEqual(
      aggregate.kills.slice(0, 3).map(({ lifetime }) => lifetime),
      ['limit-9', 'node-9', 'limit-8'],
    );
    assert.ok(aggregate.kills.every(({ at }) => at >= monday + 2));
  });
});

describe('a merge', () => {
  it('takes the setting of the later observation, keeps its own on a tie, and never loses one', () => {
    const set = (request: number, at: number): UsageAggregate =>
      made(
        (one) => (one.setting = { type: 'container', request }),
        (one) => one.seen(at),
      );
    const merged = (a: UsageAggregate, b: UsageAggregate): number | undefined => {
      a.merge(b);
      return a.setting?.request;
    };
    assert.equal(merged(set(1, monday), set(2, monday + 1)), 2);
    assert.equal(merged(set(1, monday + 1), set(2, monday)), 1);
    assert.equal(merged(set(1, monday), set(2, monday)), 1);
    assert.equal(
      merged(
        made((one) => one.seen(monday + 9)),
        set(2, monday),
      ),
      2,
    );
    assert.equal(
      merged(
        set(1, monday),
        made((one) => one.seen(monday + 9)),
      ),
      1,
    );
  });

  it('counts a kill that both know once, with its hour', () => {
    const record = () =>
      made(
        (one) => one.killed(kill('a', monday, { limit, times: 2 })),
        (one) => one.killed(kill('b')),
      );
    const one = record();
    one.merge(record());
    assert.deepEqual([one.killCount, one.kills.length, hoursAt(one)], [3, 2, 1]);
  });

  it('keeps the larger number of kills where both know a lifetime', () => {
    const record = (times: number) => made((one) => one.killed(kill('a', monday, { times })));
    for (const [a, b] of [
      [1, 3],
      [3, 1],
    ] as const) {
      const one = record(a);
      one.merge(record(b));
      assert.deepEqual([one.killCount, one.kills[0]?.times], [3, 3]);
      // Once more: the list shows how many are known.
      one.merge(record(b));
      assert.equal(one.killCount, 3);
    }
  });

  it('adds running containers, and takes the first and the last times', () => {
    const [a, b] = [new UsageAggregate(), new UsageAggregate()];
    [a.running, b.running] = [2, 3];
    a.observed(monday);
    b.observed(monday + hour);
    a.merge(b);
    assert.equal(a.running, 5);
    assert.deepEqual(
      [a.since, a.lastAt, a.observedFrom, a.observedUntil],
      [monday, monday + hour, monday, monday + hour],
    );
  });

  it('keeps the latest leak of a pod, even a slower one', () => {
    const a = made((one) => one.leaking(leak('a', 9, monday - 5 * day, monday - day)));
    a.merge(made((one) => one.leaking(leak('a', 2))));
    assert.deepEqual(a.leaks, [leak('a', 2)]);
  });

  it('leaves the other alone, and a clone is independent', () => {
    const one = made(
      (aggregate) => aggregate.hour(MiB, monday),
      (aggregate) => aggregate.killed(kill('a')),
    );
    const copy = one.clone();
    copy.hour(9 * MiB, monday);
    copy.killed(kill('b'));
    assert.deepEqual([one.largest(monday), one.killCount, hoursAt(one)], [MiB, 1, 1]);
    assert.deepEqual([copy.largest(monday), copy.killCount, hoursAt(copy)], [9 * MiB, 2, 2]);
  });
});

describe('forget', () => {
  const replica = (pod: string, at: number): Replica => ({ pod, peak: 1, at });

  it('drops days and kills before midnight 14 days ago, and keeps those from then on', () => {
    const aggregate = made(
      (one) => one.peak(1, monday - 14 * day - 1),
      (one) => one.peak(2, monday - 14 * day),
      (one) => one.killed(kill('old', monday - 14 * day - 1)),
      (one) => one.killed(kill('kept', monday - 14 * day)),
    );
    aggregate.forget(monday + hour);
    assert.deepEqual(aggregate.days.keys(), [today - 14]);
    assert.deepEqual(aggregate.kills, [kill('kept', monday - 14 * day)]);
    assert.equal(aggregate.killCount, 2, 'the count of all kills stays');
  });

  it('drops leaks that ended more than two days ago, and replicas not seen for more than a day', () => {
    const aggregate = new UsageAggregate();
    aggregate.leaks = [
      leak('old', 1, monday - 9 * day, monday - 2 * day - 1),
      leak('kept', 1, monday - 9 * day, monday - 2 * day),
    ];
    aggregate.replicas = [replica('old', monday - day - 1), replica('kept', monday - day)];
    aggregate.forget(monday);
    assert.deepEqual(
      [...aggregate.leaks, ...aggregate.replicas].map(({ pod }) => pod),
      ['kept', 'kept'],
    );
  });
});

describe('forgetLater', () => {
  const ahead = (seconds: number): UsageAggregate =>
    made(
      (one) => one.hour(5 * MiB, monday),
      (one) => one.hour(9 * MiB, monday + seconds),
      (one) => one.observed(monday + seconds),
      (one) => one.killed(kill('a', monday + seconds)),
      (one) => one.replica('a', 9 * MiB, monday + seconds),
      (one) => one.leaking(leak('a', 1, monday, monday + seconds)),
    );

  it('changes nothing when no date is later', () => {
    const aggregate = ahead(hour);
    const before = aggregate.clone();
    aggregate.forgetLater(monday + 2 * hour);
    assert.deepEqual(aggregate.kills, before.kills);
    assert.equal(aggregate.leaks.length, 1);
    assert.equal(aggregate.lastAt, monday + hour);
  });

  it('moves later days, kills, replicas and times to now, and drops leaks of the future', () => {
    const aggregate = ahead(3 * day);
    aggregate.forgetLater(monday + hour);
    assert.deepEqual([...aggregate.days], [[today, { peak: 9 * MiB }]]);
    assert.deepEqual(aggregate.kills, [kill('a', monday + hour)]);
    assert.equal(aggregate.replicas[0]?.at, monday + hour);
    assert.deepEqual(aggregate.leaks, []);
    assert.deepEqual(
      [aggregate.since, aggregate.lastAt, aggregate.observedFrom, aggregate.observedUntil],
      [monday, monday + hour, monday + hour, monday + hour],
    );
  });

  it('keeps the histograms up to a half-life ahead, and rebuilds them from the days beyond', () => {
    const kept = ahead(7 * day);
    kept.forgetLater(monday);
    near(kept.hours.totalAt(monday), 1 + 2);
    const rebuilt = ahead(7 * day + 1);
    rebuilt.forgetLater(monday);
    near(rebuilt.hours.totalAt(monday), 24);
    near(rebuilt.usage.totalAt(monday), 12 * 24);
    assert.ok(
      (rebuilt.hours.percentile(0.01) ?? 0) >= 9 * MiB,
      'the peak of the day counts for all its hours',
    );
  });

  it('rebuilds the hours of a past day at its noon', () => {
    const aggregate = made(
      (one) => one.hour(MiB, monday - day),
      (one) => one.seen(monday + 30 * day),
    );
    aggregate.forgetLater(monday);
    near(aggregate.hours.totalAt(monday - day / 2), 24);
  });
});

describe('the aggregates of several nodes', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('hour'), peak: fc.nat(2_000), at: fc.nat(300) }),
    fc.record({ kind: fc.constant('kill'), peak: fc.nat(2_000), at: fc.nat(300) }),
    fc.record({ kind: fc.constant('replica'), peak: fc.nat(9), at: fc.nat(300) }),
  );
  const nodeOf = (
    name: string,
    steps: readonly { kind: string; peak: number; at: number }[],
  ): UsageAggregate => {
    const aggregate = new UsageAggregate();
    for (const [index, { kind, peak, at }] of steps.entries()) {
      const time = monday + at * 10 * minute;
      if (kind === 'hour') aggregate.hour(peak * MiB, time);
      // Lifetimes belong to one node.
      else if (kind === 'kill')
        aggregate.killed(kill(`${name}-${index}`, time, peak % 2 === 0 ? { limit: peak * MiB } : {}));
      else aggregate.replica(`${name}-${peak}`, peak, time);
    }
    return aggregate;
  };
  const plain = (one: UsageAggregate) => ({
    ...{ killCount: one.killCount, kills: one.kills, replicas: one.replicas },
    ...{ since: one.since, lastAt: one.lastAt },
    days: [...one.days].toSorted(([a], [b]) => a - b),
  });

  it('add up to the same in any order and grouping', () => {
    const steps = fc.array(step, { maxLength: 12 });
    fc.assert(
      fc.property(steps, steps, steps, (...all) => {
        const [a, b, c] = all.map((one, index) => nodeOf(`n${index}`, one)) as [
          UsageAggregate,
          UsageAggregate,
          UsageAggregate,
        ];
        const [left, right, bc] = [a.clone(), c.clone(), b.clone()];
        left.merge(b);
        left.merge(c);
        bc.merge(a);
        right.merge(bc);
        assert.deepEqual(plain(left), plain(right));
        near(left.hours.totalAt(monday), right.hours.totalAt(monday));
        near(
          left.hours.totalAt(monday),
          [a, b, c].reduce((sum, one) => sum + one.hours.totalAt(monday), 0),
        );
      }),
    );
  });
});
