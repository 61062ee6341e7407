/** Answers of probes in a usage aggregate: which are kept, how they merge, and how they age. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UsageAggregate } from '../../../src/usage/aggregate.ts';
import { neediest, type Probe } from '../../../src/usage/aggregate-entries.ts';
import { day, MiB, monday } from '../made/played.ts';

const probe = (pod: string, neededMiB: number, at = monday, more: Partial<Probe> = {}): Probe => ({
  ...{ pod, at, neededCacheBytes: neededMiB * MiB, coldCacheBytes: 0, errorBytes: MiB, watchedSeconds: 60 },
  ...more,
});
const withProbes = (...probes: readonly Probe[]): UsageAggregate => {
  const aggregate = new UsageAggregate();
  for (const one of probes) aggregate.probed(one);
  return aggregate;
};
const named = ({ probes }: UsageAggregate): readonly string[] =>
  probes.map(({ pod, neededCacheBytes }) => `${pod} ${neededCacheBytes / MiB}`);

describe('answers of probes', () => {
  it('come from each replica once: a later probe of a pod replaces an earlier one', () => {
    assert.deepEqual(named(withProbes(probe('a', 30), probe('a', 10, monday + 1))), ['a 10']);
    assert.deepEqual(named(withProbes(probe('a', 10, monday + 1), probe('a', 30))), ['a 10']);
  });

  it('stay the same list when the same answer comes again, so that a report changes nothing', () => {
    const aggregate = withProbes(probe('a', 30));
    const { probes } = aggregate;
    assert.equal(aggregate.probed(probe('a', 30)), false);
    assert.equal(aggregate.probes, probes);
    assert.equal(aggregate.probed(probe('a', 30, monday + 1)), true);
  });

  it('are no news when others need more, but then do not stay older than they are', () => {
    const aggregate = withProbes(probe('a', 5), probe('b', 4), probe('c', 3));
    const { probes } = aggregate;
    assert.equal(aggregate.probed(probe('d', 1)), false);
    assert.equal(aggregate.probes, probes);
    assert.equal(aggregate.probed(probe('a', 1, monday + 1)), true);
    assert.deepEqual(named(aggregate), ['b 4', 'c 3', 'a 1']);
  });

  it('are those of the three replicas that need most', () =>
    assert.deepEqual(named(withProbes(probe('a', 1), probe('b', 4), probe('c', 2), probe('d', 3))), [
      'b 4',
      'd 3',
      'c 2',
    ]));

  it('that say *at most* displace no measured one, however large they are and in whatever order they come', () => {
    const atMost = (pod: string, neededMiB: number) =>
      probe(pod, neededMiB, monday + 1, { isAtMost: true, revision: 1 });
    const measured = probe('m', 1, monday, { revision: 1 });
    const others = [atMost('a', 90), atMost('b', 80), atMost('c', 70)];
    for (const all of [
      [measured, ...others],
      [...others, measured],
    ])
      assert.deepEqual(named(withProbes(...all)), ['m 1', 'a 90', 'b 80']);
    const sum = withProbes(...others);
    sum.merge(withProbes(measured));
    assert.deepEqual(named(sum), ['m 1', 'a 90', 'b 80']);
  });

  it('that say *at most* leave the measured one of the same pod, and go when a later one is measured', () => {
    const measured = probe('a', 5);
    const atMost = probe('a', 9, monday + 1, { isAtMost: true });
    for (const both of [
      [measured, atMost],
      [atMost, measured],
    ])
      assert.deepEqual(named(withProbes(...both)), ['a 5', 'a 9']);
    assert.deepEqual(named(withProbes(measured, atMost, probe('a', 3, monday + 2))), ['a 3']);
    const aggregate = withProbes(measured, atMost);
    assert.deepEqual([aggregate.probed(atMost), aggregate.probed(measured)], [false, false]);
  });

  it('are kept for the two revisions probed last, the later one first', () => {
    const of = (revision: number, ...given: Parameters<typeof probe>) =>
      probe(given[0], given[1], given[2], { revision });
    assert.deepEqual(
      named(
        withProbes(
          ...[of(1, 'a', 90), of(2, 'b', 50, monday + day), of(3, 'c', 10, monday + 2 * day)],
          of(2, 'd', 70, monday + day),
        ),
      ),
      ['c 10', 'd 70', 'b 50'],
    );
  });

  it('keep their order when a merge repeats it, though the newest of a revision needs least and is left out', () => {
    const of = (revision: number, pod: string, neededMiB: number, at: number) =>
      probe(pod, neededMiB, monday + at, { revision });
    const kept = neediest([
      of(1, 'a', 9, 0),
      of(1, 'b', 8, 0),
      of(1, 'c', 7, 0),
      of(1, 'd', 1, 9),
      of(2, 'e', 5, 5),
    ]);
    assert.deepEqual(
      kept.map(({ pod }) => pod),
      ['e', 'a', 'b', 'c'],
    );
    assert.deepEqual(neediest(kept), kept);
  });

  it('are dropped after 60 days', () => {
    const aggregate = withProbes(probe('a', 1), probe('b', 2, monday + 1));
    aggregate.forget(monday + 60 * day);
    assert.equal(aggregate.probes.length, 2);
    aggregate.forget(monday + 60 * day + 1);
    assert.deepEqual(named(aggregate), ['b 2']);
  });

  it('are never later than a clock that was set back', () => {
    const aggregate = withProbes(probe('a', 1, monday + day));
    aggregate.created(7, monday + day);
    aggregate.observed(monday + day);
    aggregate.forgetLater(monday);
    assert.deepEqual([aggregate.probes[0]?.at, aggregate.revision], [monday, { revision: 7, at: monday }]);
  });

  describe('merge', () => {
    const any = fc.record({
      pod: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      at: fc.integer({ min: monday, max: monday + 3 }),
      neededCacheBytes: fc.integer({ min: 0, max: 3 }),
      coldCacheBytes: fc.integer({ min: 0, max: 1 }),
      errorBytes: fc.constant(1),
      watchedSeconds: fc.constant(1),
      isAtMost: fc.boolean(),
    });
    const revision = fc.constantFrom(1, 1, 2, undefined);
    const plain = ({
      isAtMost,
      ...one
    }: Omit<Probe, 'isAtMost'> & { readonly isAtMost: boolean }): Probe => ({
      ...one,
      ...(isAtMost && { isAtMost }),
    });
    const created = fc.option(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })));
    /** @param unlike the name of each pod, so that no two aggregates know the same one */
    const aggregates = (unlike = '') =>
      fc.tuple(fc.array(any, { maxLength: 6 }), created).map(([probes, one]) => {
        const aggregate = withProbes(...probes.map((each) => plain({ ...each, pod: each.pod + unlike })));
        if (one !== null) aggregate.created(...one);
        return aggregate;
      });
    const merged = (...all: readonly UsageAggregate[]): UsageAggregate => {
      const sum = new UsageAggregate();
      for (const one of all) sum.merge(one);
      return sum;
    };
    const facts = ({ probes, revision }: UsageAggregate) => ({ probes, revision });

    it('to the same in either order, and a second time to no more', () =>
      fc.assert(
        fc.property(aggregates(), aggregates(), (a, b) => {
          assert.deepEqual(facts(merged(b, a)), facts(merged(a, b)));
          assert.deepEqual(facts(merged(a, a)), facts(a));
        }),
      ));

    it('to the same in any order, and a second time to no more, with several revisions', () =>
      fc.assert(
        fc.property(
          fc.array(fc.tuple(any, revision), { minLength: 5, maxLength: 14 }).chain((given) => {
            const probes = given.map(([one, of]) => plain(of === undefined ? one : { ...one, revision: of }));
            return fc.tuple(fc.constant(probes), fc.shuffledSubarray(probes, { minLength: probes.length }));
          }),
          ([probes, shuffled]) => {
            const kept = neediest(probes);
            assert.deepEqual(neediest(shuffled), kept);
            assert.deepEqual(neediest(kept), kept);
            assert.deepEqual(neediest([...kept, ...kept]), kept);
          },
        ),
        { numRuns: 500 },
      ));

    it('to the same in any grouping, where each pod is on one node', () =>
      fc.assert(
        fc.property(aggregates('1'), aggregates('2'), aggregates('3'), (a, b, c) => {
          const all = facts(merged(a, b, c));
          assert.deepEqual(facts(merged(c, merged(b, a))), all);
          assert.deepEqual(facts(merged(merged(a, c), b)), all);
        }),
      ));
  });
});

describe('the revision of a workload', () => {
  it('is that of the pod created last', () => {
    const aggregate = new UsageAggregate();
    assert.equal(aggregate.revision, undefined);
    aggregate.created(1, monday + 5);
    aggregate.created(2, monday);
    assert.deepEqual(aggregate.revision, { revision: 1, at: monday + 5 });
    aggregate.created(2, monday + 6);
    assert.deepEqual(aggregate.revision, { revision: 2, at: monday + 6 });
  });
});
