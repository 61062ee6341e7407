/** Two records of one node or lifetime, which may cover the same past: what counts, and what counts once. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageAggregate } from '../../src/usage/aggregate.ts';
import type { Kill } from '../../src/usage/aggregate-entries.ts';
import type { LifetimeState } from '../../src/usage/lifetime.ts';
import { weightAt } from '../../src/usage/log-histogram.ts';
import { reconcileAggregates, reconcileLifetimes } from '../../src/usage/reconcile.ts';
import { after } from './made/lived.ts';
import { kill, made } from './made/made.ts';
import { hour, MiB, minute, monday } from './made/played.ts';

const five = 5 * minute;
const limit = 100 * MiB;
const near = (found: number, expected: number): void =>
  assert.ok(Math.abs(found - expected) < 1e-6 * Math.max(1, expected), `${found} for ${expected}`);

describe('reconcileAggregates', () => {
  /** An agent that observed these hours. */
  const observer = (from: number, until: number, ...kills: readonly Kill[]): UsageAggregate => {
    const aggregate = new UsageAggregate();
    for (let at = from; at < until; at++) {
      aggregate.hour(50 * MiB, monday + at * hour);
      aggregate.usage.add(50 * MiB, monday + at * hour, 12);
      aggregate.observed(monday + at * hour);
    }
    aggregate.observed(monday + until * hour);
    for (const one of kills) aggregate.killed(one);
    return aggregate;
  };
  const both = (a: UsageAggregate, b: UsageAggregate): UsageAggregate => {
    const one = a.clone();
    reconcileAggregates(one, b);
    return one;
  };

  it('of empty records is empty', () => assert.deepEqual(both(made(), made()), new UsageAggregate()));

  it('of a record with itself is the record', () => {
    const record = observer(0, 20, kill('a', monday + hour, { limit }), kill('b', monday + hour));
    record.running = 2;
    const found = both(record, record.clone());
    near(found.hours.totalAt(monday), record.hours.totalAt(monday));
    assert.deepEqual([found.killCount, found.running, found.kills], [2, 2, record.kills]);
  });

  it('of records of separate times adds both, in either order', () => {
    const [early, late] = [observer(0, 10), observer(12, 20)];
    const expected = early.hours.totalAt(monday) + late.hours.totalAt(monday);
    near(both(early, late).hours.totalAt(monday), expected);
    near(both(late, early).hours.totalAt(monday), expected);
  });

  it('of overlapping records adds only the time that one covers, before or after the other', () => {
    for (const [from, until] of [
      [6, 18],
      [10, 15],
    ] as const) {
      const [a, b, whole] = [observer(0, 12), observer(from, until), observer(0, until)];
      for (const found of [both(a, b), both(b, a)])
        for (const what of ['hours', 'usage'] as const) {
          const [part, all] = [found[what].totalAt(monday), whole[what].totalAt(monday)];
          assert.ok(Math.abs(part / all - 1) < 0.02, `${what}: ${part} of ${all}`);
        }
    }
  });

  it('counts the record with more hours whole, even if the other began earlier', () => {
    const sparse = observer(0, 1);
    sparse.observed(monday + 20 * hour);
    const dense = observer(10, 20);
    for (const found of [both(sparse, dense), both(dense, sparse)])
      assert.ok(Math.abs(found.hours.totalAt(monday) - dense.hours.totalAt(monday) - 0.5) < 0.1);
  });

  it('of records without hours is the same in either order', () => {
    const short = made(
      ...[0, 10].map((at) => (one: UsageAggregate) => one.observed(monday + at * hour)),
      (one) => one.killed(kill('a', monday + 5 * hour)),
    );
    const long = made(
      ...[0, 20].map((at) => (one: UsageAggregate) => one.observed(monday + at * hour)),
      (one) => one.killed(kill('b', monday + 15 * hour)),
    );
    for (const found of [both(short, long), both(long, short)])
      assert.deepEqual([found.killCount, found.kills.length], [1, 2]);
  });

  it('of a record inside another adds nothing', () => {
    const [whole, part] = [observer(0, 18), observer(6, 9)];
    for (const found of [both(whole, part), both(part, whole)])
      near(found.hours.totalAt(monday), whole.hours.totalAt(monday));
  });

  it('counts kills of separate times once, even one that both know, with its hour', () => {
    const shared = kill('a', monday + 9 * hour, { limit });
    const [early, late] = [observer(0, 10, shared), observer(12, 20, shared, kill('b', monday + 15 * hour))];
    const plain = observer(0, 10).hours.totalAt(monday) + observer(12, 20).hours.totalAt(monday);
    for (const found of [both(early, late), both(late, early)]) {
      assert.equal(found.killCount, 2);
      near(found.hours.totalAt(monday) - plain, weightAt(shared.at, 7) / weightAt(monday, 7));
    }
  });

  it('counts a kill outside the time of the larger record, and none inside that it does not know', () => {
    const large = observer(0, 20);
    const small = observer(15, 22, kill('late', monday + 21 * hour, { times: 2 }));
    assert.equal(both(large, small).killCount, 2);
    const inside = observer(15, 22, kill('inside', monday + 16 * hour));
    large.killCount = 5;
    assert.equal(both(large, inside).killCount, 5);
    assert.equal(both(inside, large).killCount, 5);
  });

  it('keeps the running containers of the later observation', () => {
    const [early, late] = [observer(0, 20), observer(15, 22)];
    [early.running, late.running] = [9, 1];
    assert.equal(both(early, late).running, 1);
    assert.equal(both(late, early).running, 1);
  });
});

describe('two records of one lifetime', () => {
  const record = (more: Partial<LifetimeState>): LifetimeState => ({
    path: 7,
    inode: 1,
    since: monday,
    ...more,
  });
  const either = (
    a: LifetimeState,
    b: LifetimeState,
    check: (found: LifetimeState, into: UsageAggregate) => void,
  ) => {
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const into = new UsageAggregate();
      check(reconcileLifetimes(one, other, into), into);
    }
  };

  it('of which one continues the other are the later one, with the larger peak and the first start', () => {
    const early = record({
      fiveStart: monday + five,
      hourStart: monday,
      hourPeak: 99,
      peak: 9,
      hourLeast: 1,
    });
    const late = record({
      fiveStart: monday + hour,
      hourStart: monday + hour,
      hourPeak: 3,
      peak: 5,
      hourLeast: 2,
    });
    either(early, late, (found, into) => {
      assert.deepEqual(found, { ...late, peak: 9 });
      assert.deepEqual(into, new UsageAggregate());
    });
  });

  it('of which one began in the last five minutes of the other count as continued', () => {
    const early = record({ fiveStart: monday, hourStart: monday, hourPeak: 99 });
    const late = record({ fiveStart: monday + five, hourStart: monday, hourPeak: 3 });
    either(early, late, (found) => assert.equal(found.hourPeak, 3));
  });

  it('without a peak on either side have none', () =>
    either(record({}), record({ fiveStart: monday + five }), (found) => assert.ok(!('peak' in found))));

  it('that began without the other continue the same hour with the outermost values of both', () => {
    const early = record({
      ...{ fiveStart: monday, fivePeak: 9, hourStart: monday, hourPeak: 5, hourLeast: 1 },
      ...{ cacheLeast: 3, dayStart: monday, dayCache: 8, unsortedLeast: 4, dayUnsorted: 7 },
    });
    const late = record({
      ...{ since: monday + 2 * five, fiveStart: monday + 2 * five, fivePeak: 1, hourStart: monday },
      ...{ hourPeak: 7, hourLeast: 2, cacheLeast: 5, dayStart: monday, dayCache: 6, unsortedLeast: 2 },
    });
    either(early, late, (found, into) => {
      const { since, fiveStart, fivePeak, hourPeak, hourLeast } = found;
      assert.deepEqual([since, fiveStart, fivePeak], [monday, monday + 2 * five, 1]);
      assert.deepEqual([hourPeak, hourLeast], [9, 1]);
      const { cacheLeast, dayCache, unsortedLeast, dayUnsorted } = found;
      assert.deepEqual([cacheLeast, dayCache, unsortedLeast, dayUnsorted], [3, 6, 2, 7]);
      assert.deepEqual(into, new UsageAggregate(), 'no window closes');
    });
  });

  it('that began without the other continue the same hour with all that was read back in it', () => {
    const early = record({ fiveStart: monday, hourStart: monday, refaulted: 100 });
    const late = record({
      since: monday + five,
      fiveStart: monday + five,
      hourStart: monday,
      refaulted: 160,
    });
    either(early, late, (found) => assert.equal(found.refaulted, 100));
  });

  it('that began without the other in a later hour close the windows of the earlier one', () => {
    const early = record({ fiveStart: monday, fivePeak: 9 * MiB, hourStart: monday, hourPeak: 5 * MiB });
    const late = record({
      since: monday + hour,
      fiveStart: monday + hour,
      hourStart: monday + hour,
      hourPeak: MiB,
    });
    either(early, late, (found, into) => {
      assert.deepEqual([found.since, found.hourPeak], [monday, MiB]);
      near(into.hours.totalAt(monday), 1);
      assert.equal(into.largest(monday), 9 * MiB);
    });
  });

  it('that both have no hour close nothing', () =>
    either(record({}), record({ since: monday + hour }), (found, into) => {
      assert.equal(found.since, monday);
      assert.deepEqual(into, new UsageAggregate());
    }));

  it('join the spans of their leak detectors', () => {
    const early = record({
      fiveStart: monday,
      leakDetector: { span: hour, start: monday - 2 * hour, values: [1, 2] },
    });
    const late = record({
      ...{ since: monday + hour, fiveStart: monday + 2 * hour },
      leakDetector: { span: hour, start: monday + hour, values: [4, 5] },
    });
    either(early, late, ({ leakDetector }) =>
      assert.deepEqual(leakDetector, { span: hour, start: monday - 2 * hour, values: [1, 2, 2, 4, 5] }),
    );
  });

  it('merge into a running lifetime, which continues from both', () => {
    const lifetime = after([[2 * five, { real: 3 * MiB }]]);
    const { state, aggregate } = lifetime;
    const earlier = record({
      ...{ path: state.path, peak: 9 * MiB, fiveStart: monday, fivePeak: 9 * MiB, hourStart: monday },
    });
    lifetime.restore(reconcileLifetimes(state, earlier, aggregate));
    assert.deepEqual([lifetime.peak, lifetime.since], [9 * MiB, monday]);
    after([[hour, { real: MiB }]], lifetime);
    near(lifetime.aggregate.hours.totalAt(monday), 1);
    assert.equal(lifetime.aggregate.largest(monday), 9 * MiB);
  });
});
