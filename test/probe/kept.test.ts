/** Which answers of probes are kept for suggestions. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../src/model/bytes.ts';
import type { Answer } from '../../src/probe/answer.ts';
import { keptAnswer } from '../../src/probe/kept.ts';
import { MiB } from '../usage/made/played.ts';

const point = (cacheMiB: number) => ({
  ...{ totalBytes: bytes((2 + cacheMiB) * MiB), cacheBytes: bytes(cacheMiB * MiB), rereadsPerSecond: 0 },
});
const answer: Answer = {
  ...{ needsBytes: bytes(34 * MiB), errorBytes: bytes(MiB), isAtMost: false, realBytes: bytes(2 * MiB) },
  ...{ neededCacheBytes: bytes(32 * MiB), coldBytes: bytes(64 * MiB), watchedSeconds: 59.6 },
  ...{ stopped: 'confirmed', confirmations: 2, seconds: 120 },
  before: { usageBytes: bytes(98 * MiB), realBytes: bytes(2 * MiB), cacheBytes: bytes(96 * MiB) },
  curve: [point(32), point(96)],
};
const at = '2026-11-30T12:00:00Z';
const kept = (more: Partial<Answer>) => keptAnswer({ at, answer: { ...answer, ...more } }, 0);

describe('the answer of a probe', () => {
  it('is kept with the time of the probe and whole seconds', () =>
    assert.deepEqual(kept({}), {
      ...{ at: Date.parse(at) / 1000, neededCacheBytes: 32 * MiB, coldCacheBytes: 64 * MiB },
      ...{ errorBytes: MiB, watchedSeconds: 60 },
    }));

  it('is kept as an upper bound when the probe judged a step and then ended', () =>
    assert.deepEqual(kept({ stopped: 'nearLimit', isAtMost: true, watchedSeconds: 0 }), {
      ...{ at: Date.parse(at) / 1000, neededCacheBytes: 32 * MiB, coldCacheBytes: 64 * MiB },
      ...{ errorBytes: MiB, watchedSeconds: 0, isAtMost: true },
    }));

  for (const stopped of ['nearLimit', 'time', 'depth', 'empty'] as const)
    it(`is not kept when the probe ended (${stopped}) before it judged a step`, () =>
      assert.equal(
        kept({ stopped, isAtMost: true, watchedSeconds: 0, curve: [point(96)] }),
        'it ended before it could judge a step, so it measured nothing',
      ));

  for (const [stopped, why] of [
    ['short', /too little memory/],
    ['interrupted', /was interrupted/],
  ] as const)
    it(`is not kept after a probe that stopped with ${stopped}`, () =>
      assert.match(String(kept({ stopped })), why));
});
