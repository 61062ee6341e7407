/** A container that reads 32 MiB again and again inside 96 MiB of page cache, under either LRU. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeCheckpoint } from '../../../src/checkpoint/read.ts';
import { encodeCheckpoint } from '../../../src/checkpoint/write.ts';
import type { Lru } from '../../../src/model/cgroup.ts';
import type { Recommendation } from '../../../src/model/recommendation.ts';
import { advise } from '../../../src/recommend/advise.ts';
import { closeWindows, type History } from '../../../src/usage/history.ts';
import type { Day } from '../../../src/usage/packed/days.ts';
import {
  day,
  hour,
  keyOf,
  MiB,
  minute,
  monday,
  type PlayedContainer,
  play,
} from '../../usage/made/played.ts';

const days = 2;
const at = monday + days * day;
const played = (one: PlayedContainer, lru: Lru): History =>
  play([one], { days, stepSeconds: 10 * minute, lru });

function adviceOn(history: History): Recommendation {
  const aggregate = closeWindows(history.kept()).find(keyOf(classic));
  const advice = aggregate && advise(aggregate, at);
  assert.ok(advice !== undefined);
  return advice;
}
const yesterday = (history: History): Day | undefined =>
  closeWindows(history.kept())
    .find(keyOf(classic))
    ?.today(monday + day - 1);
const said = ({ because }: Recommendation): string => because.join('\n');
const inMiB = (amount: number): number => Math.round(amount / MiB);

const bare: PlayedContainer = { pod: 'cart-1', real: () => 60 };
/** The same cache as the kernel counts it under the classic LRU, and under the multi-generational one. */
const classic: PlayedContainer = { ...bare, activeFile: () => 32, inactiveFile: () => 64 };
const multi: PlayedContainer = { ...bare, activeFile: () => 0, inactiveFile: () => 96 };
const without = adviceOn(played(bare, 'classic'));

describe('page cache', () => {
  for (const [lru, one, room, says] of [
    ['classic', classic, 32, /32Mi of its page cache was active all the time/],
    ['classic', multi, 0, undefined],
    [
      'multi-generational',
      multi,
      96,
      /96Mi of page cache stayed all the time, on a node whose active_file does not show/,
    ],
    ['multi-generational', classic, 96, /96Mi of page cache stayed all the time/],
    ['unknown', multi, 96, /96Mi of page cache stayed all the time/],
    ['unknown', classic, 96, /96Mi of page cache stayed all the time/],
  ] as const)
    it(`gets ${room} MiB in the limit under the ${lru} LRU with ${one === classic ? 32 : 0} MiB active`, () => {
      const advice = adviceOn(played(one, lru));
      assert.equal(inMiB(advice.request.target), inMiB(without.request.target), said(advice));
      assert.equal(inMiB(advice.limit.target), inMiB(without.limit.target) + room, said(advice));
      if (says === undefined) assert.doesNotMatch(said(advice), /page cache/);
      else assert.match(said(advice), says);
    });

  it('is stored as unsorted, not as 0 active cache, unless the LRU is known to be classic', () => {
    for (const lru of ['multi-generational', 'unknown'] as const) {
      assert.deepEqual(
        [yesterday(played(multi, lru))?.cache, yesterday(played(multi, lru))?.unsorted],
        [undefined, 96 * MiB],
      );
    }
    assert.deepEqual(
      [yesterday(played(multi, 'classic'))?.cache, yesterday(played(multi, 'classic'))?.unsorted],
      [0, undefined],
    );
  });

  it('stays in the limit under the multi-generational LRU when usage reached the limit without refaults', () => {
    const squeezed = { ...multi, limit: 157 };
    const advice = adviceOn(played(squeezed, 'multi-generational'));
    assert.ok(inMiB(advice.limit.target) >= inMiB(without.limit.target) + 96, said(advice));
    assert.doesNotMatch(said(advice), /keep none/);
  });

  it('stays in the request as far as it was read back under the multi-generational LRU', () => {
    const reread = (at: number): number => (at / hour) * 20;
    const advice = adviceOn(played({ ...multi, refaulted: reread }, 'multi-generational'));
    assert.equal(inMiB(advice.request.target), inMiB(without.request.target) + 20, said(advice));
    assert.equal(inMiB(advice.limit.target), inMiB(without.limit.target) + 96, said(advice));
    assert.match(said(advice), /It read 20Mi back within an hour .* the request keeps 20Mi for that/);
    const often = adviceOn(played({ ...multi, refaulted: (at) => (at / hour) * 500 }, 'multi-generational'));
    assert.equal(inMiB(often.request.target), inMiB(without.request.target) + 96, said(often));
  });

  it('does not count when it comes and goes each day', () => {
    const logs = { ...bare, inactiveFile: (at: number) => ((at % day) / day) * 900 };
    const advice = adviceOn(played(logs, 'multi-generational'));
    assert.equal(inMiB(advice.limit.target), inMiB(without.limit.target), said(advice));
  });

  it('gets room for the larger of both figures, once, when replicas run under both LRUs', () => {
    const history = play([classic], { days, stepSeconds: 10 * minute });
    const other = play([{ ...multi, pod: 'cart-2' }], {
      ...{ days, stepSeconds: 10 * minute, lru: 'multi-generational' },
    });
    const merged = closeWindows(history.kept());
    merged.merge(closeWindows(other.kept()));
    const aggregate = merged.find(keyOf(classic));
    const advice = aggregate && advise(aggregate, at);
    assert.ok(advice !== undefined);
    // Twice the hours move the limit itself by a step.
    assert.ok(Math.abs(inMiB(advice.limit.target - without.limit.target) - 96) <= 2, said(advice));
  });

  it('survives a checkpoint, with the lowest amount of the day', () => {
    const history = played(multi, 'multi-generational');
    const text = encodeCheckpoint({ node: 'n', at, ...history.kept() });
    const read = decodeCheckpoint('it', text);
    assert.equal(read.dropped, undefined);
    const aggregate = closeWindows(read).find(keyOf(multi));
    assert.ok(Math.abs((aggregate?.today(monday + day - 1)?.unsorted ?? 0) / MiB - 96) < 1);
    const [lifetime] = read.lifetimes;
    assert.equal(lifetime?.unsortedLeast, 96 * MiB);
    assert.equal(lifetime?.dayUnsorted, 96 * MiB);
  });

  it('raises only the limit, by the cache that counts under that LRU, for any active and inactive amounts', () => {
    const size = fc.integer({ min: 0, max: 400 });
    const lru = fc.constantFrom<Lru>('classic', 'multi-generational', 'unknown');
    fc.assert(
      fc.property(size, size, lru, (active, inactive, which) => {
        const one = { ...bare, activeFile: () => active, inactiveFile: () => inactive };
        const history = play([one], { days, stepSeconds: hour, lru: which });
        const plain = adviceOn(play([bare], { days, stepSeconds: hour }));
        const { request, limit } = adviceOn(history);
        assert.equal(request.target, plain.request.target);
        const room = which === 'classic' ? active : active + inactive;
        assert.ok(Math.abs(inMiB(limit.target - plain.limit.target) - room) <= 1);
      }),
      { numRuns: 40 },
    );
  });
});
