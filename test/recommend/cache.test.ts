import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { keepCache } from '../../src/recommend/cache.ts';
import type { Proposal } from '../../src/recommend/proposal.ts';
import { aggregateWith, before, inMiB, MiB, midnight, now, reasonIn } from './rule.ts';

type Days = NonNullable<Parameters<typeof aggregateWith>[0]['days']>;
const after = (days: Days, at = now): Proposal => keepCache(before, aggregateWith({ days }), at);
/** MiB that request and limit gained. */
const gained = ({ request, limit }: Proposal): readonly number[] => [
  Math.round((request.target - before.request.target) / MiB),
  Math.round((limit.target - before.limit.target) / MiB),
];

describe('keepCache', () => {
  it('changes nothing without days, without cache, and for cache below 1 MiB', () => {
    for (const days of [
      {},
      { 0: { peak: 100, refaulted: 50, squeezed: true as const } },
      { 0: { cache: 0, unsorted: 0 } },
      { 0: { cache: 1 - 1e-6, unsorted: 1 - 1e-6, refaulted: 9 } },
    ])
      assert.equal(after(days), before);
  });

  describe('with active cache', () => {
    it('keeps it in the limit only while its need is unknown, from 1 MiB on', () => {
      const kept = after({ 0: { cache: 50 } });
      assert.deepEqual(inMiB(kept.limit), [250, 200, 350]);
      assert.deepEqual(kept.request, before.request);
      assert.equal(
        reasonIn(kept),
        '50Mi of its page cache was active all the time. The kernel never had to drop any, so the need is unknown: the limit keeps it (+ 50Mi), the request does not. realmem probe measures the need.',
      );
      assert.deepEqual(gained(after({ 0: { cache: 1 } })), [0, 1]);
    });

    it('keeps it in request and limit when it read 5 % of it back, and not when it read less', () => {
      const kept = after({ 0: { cache: 100, refaulted: 5 } });
      assert.deepEqual(inMiB(kept.request), [200, 180, 220]);
      assert.deepEqual(inMiB(kept.limit), [300, 250, 400]);
      assert.equal(
        reasonIn(kept),
        '100Mi of its page cache was active all the time. It read 5Mi back within an hour after the kernel had dropped it: request and limit keep the cache (+ 100Mi).',
      );
      assert.deepEqual(gained(after({ 0: { cache: 100, refaulted: 4.99 } })), [0, 100]);
    });

    it('keeps none when usage reached the limit and nothing was read back', () => {
      const none = after({ 0: { cache: 100 }, 1: { cache: 100, squeezed: true } });
      assert.deepEqual([none.request, none.limit], [before.request, before.limit]);
      assert.match(reasonIn(none), /nothing read it back: request and limit keep none\.$/);
    });

    it('keeps it in both when usage reached the limit and it was read back', () =>
      assert.deepEqual(gained(after({ 0: { cache: 100, squeezed: true, refaulted: 60 } })), [100, 100]));

    it('counts the least of the days with a value, and skips days without one', () => {
      assert.deepEqual(gained(after({ 0: { cache: 80 }, 1: { cache: 30 }, 2: { peak: 5 } })), [0, 30]);
      assert.equal(after({ 0: { cache: 80 }, 1: { cache: 0 } }), before, '0 is a value');
    });

    it('counts today and the 6 days before, and not the 7th', () => {
      const days = {
        0: { cache: 80 },
        6: { cache: 30 },
        7: { cache: 10, squeezed: true as const, refaulted: 70 },
      };
      assert.deepEqual(gained(after(days)), [0, 30]);
      assert.deepEqual(gained(after(days, midnight + 86_400)), [0, 80]);
    });
  });

  describe('with cache under the multi-generational LRU', () => {
    it('keeps it in the limit only when its need is unknown', () => {
      const kept = after({ 0: { unsorted: 96 } });
      assert.deepEqual(inMiB(kept.limit), [296, 246, 396]);
      assert.deepEqual(kept.request, before.request);
      assert.equal(
        reasonIn(kept),
        '96Mi of page cache stayed all the time, on a node whose active_file does not show what is read again (multi-generational LRU). The need is unknown: the limit keeps it (+ 96Mi), the request does not. realmem probe measures the need.',
      );
    });

    it('keeps it in the limit when usage reached the limit too', () =>
      assert.deepEqual(gained(after({ 0: { unsorted: 96, squeezed: true } })), [0, 96]));

    it('keeps the part that was read back in the request, and all of the cache at most', () => {
      const kept = after({ 0: { unsorted: 100, refaulted: 20 } });
      assert.deepEqual(inMiB(kept.request), [120, 100, 140]);
      assert.deepEqual(inMiB(kept.limit), [300, 250, 400]);
      assert.match(
        reasonIn(kept),
        /It read 20Mi back .*: the request keeps 20Mi for that, and the limit keeps all \(\+ 100Mi\)\.$/,
      );
      assert.deepEqual(gained(after({ 0: { unsorted: 100, refaulted: 700 } })), [100, 100]);
    });

    it('keeps nothing in the request when it read back less than 5 % or less than 1 MiB', () => {
      assert.deepEqual(gained(after({ 0: { unsorted: 100, refaulted: 5 } })), [5, 100]);
      assert.deepEqual(gained(after({ 0: { unsorted: 100, refaulted: 4.99 } })), [0, 100]);
      assert.deepEqual(gained(after({ 0: { unsorted: 10, refaulted: 1 } })), [1, 10]);
      assert.deepEqual(gained(after({ 0: { unsorted: 10, refaulted: 1 - 1e-6 } })), [0, 10]);
    });
  });

  describe('with both, from nodes with either LRU', () => {
    it('keeps the larger amount once, with a reason for the part beyond the active cache', () => {
      const kept = after({ 0: { cache: 30, unsorted: 100 } });
      assert.deepEqual(gained(kept), [0, 100]);
      assert.equal(kept.because.length, 3);
      assert.match(kept.because[2] ?? '', /100Mi of page cache stayed .*\(\+ 70Mi\)/);
    });

    it('gives no second reason when less than 1 MiB is left', () => {
      const kept = after({ 0: { cache: 100, unsorted: 100.9 } });
      assert.deepEqual(gained(kept), [0, 100]);
      assert.match(reasonIn(kept), /was active all the time/);
    });

    it('adds to the request only what the active cache does not already cover', () => {
      const partly = after({ 0: { cache: 30, unsorted: 100, refaulted: 50 } });
      assert.deepEqual(gained(partly), [50, 100]);
      const covered = after({ 0: { cache: 30, unsorted: 100, refaulted: 20 } });
      assert.deepEqual(gained(covered), [30, 100]);
    });
  });

  it('never lowers a value, and never adds more than the larger cache', () => {
    const size = fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined });
    const oneDay = fc.record({
      cache: size,
      unsorted: size,
      refaulted: size,
      squeezed: fc.constantFrom(true as const, undefined),
    });
    fc.assert(
      fc.property(fc.array(oneDay, { maxLength: 9 }), (days) => {
        const known = days.map((one) => JSON.parse(JSON.stringify(one)) as Days[number]);
        const [request = 0, limit = 0] = gained(after({ ...known }));
        const most = Math.max(0, ...days.flatMap(({ cache = 0, unsorted = 0 }) => [cache, unsorted]));
        assert.ok(request >= 0 && limit >= request && limit <= most, `${request}, ${limit}`);
      }),
    );
  });
});
