/** A container that the kernel throttles at `memory.high`, played pass by pass. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeCheckpoint } from '../../../src/checkpoint/read.ts';
import { encodeCheckpoint } from '../../../src/checkpoint/write.ts';
import type { Recommendation } from '../../../src/model/recommendation.ts';
import { advise } from '../../../src/recommend/advise.ts';
import { closeWindows, type History } from '../../../src/usage/history.ts';
import type { Day } from '../../../src/usage/packed/days.ts';
import {
  cgroupOf,
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
const options = { days, stepSeconds: 5 * minute };
const rising = (at: number): number => at;

/** Real cannot grow: the kernel reclaims at once what the container allocates. */
const throttled: PlayedContainer = {
  ...{ pod: 'cart-1', real: () => 395, high: 400, request: 256, limit: 600 },
  ...{ highEvents: rising, waited: () => 60 },
};

const adviceOn = (history: History, one: PlayedContainer): Recommendation => {
  const aggregate = closeWindows(history.kept()).find(keyOf(one));
  const advice = aggregate && advise(aggregate, monday + days * day);
  assert.ok(advice !== undefined);
  return advice;
};
const said = ({ because }: Recommendation): string => because.join('\n');
const dayOf = (history: History, one: PlayedContainer): Day | undefined =>
  closeWindows(history.kept()).find(keyOf(one))?.today(monday);

describe('a container that is throttled at memory.high', () => {
  it('gets a limit of at least 1.15 × memory.high, because throttling caps real there', () => {
    const advice = adviceOn(play([throttled], options), throttled);
    assert.ok(advice.limit.target >= 1.15 * 400 * MiB, said(advice));
    assert.match(said(advice), /The kernel throttled it at memory\.high 400Mi: limit at least 460Mi/);
  });

  it('does not count as a container with a ceiling while memory.high caps it', () => {
    const advice = adviceOn(play([throttled], options), throttled);
    assert.doesNotMatch(said(advice), /as if something capped it/);
    const free = { ...throttled, high: 800, highEvents: () => 0 };
    assert.match(said(adviceOn(play([free], options), free)), /as if something capped it/);
  });

  it('gets the same limit with real far below memory.high when its tasks wait for page cache', () => {
    const starved = { ...throttled, real: () => 150, inactiveFile: () => 250 };
    const advice = adviceOn(play([starved], options), starved);
    assert.ok(advice.limit.target >= 460 * MiB, said(advice));
  });

  it('keeps memory.high of the day in the checkpoint, within 3 MiB', () => {
    const history = play([throttled], options);
    const checkpoint = { node: 'n', at: monday + days * day, ...history.kept() };
    const read = closeWindows(decodeCheckpoint('it', encodeCheckpoint(checkpoint))).find(keyOf(throttled));
    const high = read?.today(monday)?.throttled ?? 0;
    assert.ok(high >= 400 * MiB && high < 403 * MiB, `${high}`);
  });
});

describe('a container at memory.high that is not throttled', () => {
  for (const [what, one] of [
    [
      'keeps page cache there and waits for nothing',
      { real: () => 100, inactiveFile: () => 300, waited: () => 0 },
    ],
    ['waits, while the events stand still', { highEvents: () => 556_267 }],
    ['has no memory.high', { high: undefined }],
  ] as const)
    it(`gets no reason about memory.high when it ${what}`, () => {
      const { high, ...others } = { ...throttled, ...one };
      const free = { ...others, ...(high !== undefined && { high }) };
      const history = play([free], options);
      assert.equal(dayOf(history, free)?.throttled, undefined);
      assert.doesNotMatch(said(adviceOn(history, free)), /memory\.high/);
    });

  it('counts as squeezed at memory.high, as at a limit', () => {
    const cached = { ...throttled, real: () => 100, inactiveFile: () => 295, waited: () => 0 };
    assert.equal(dayOf(play([cached], options), cached)?.squeezed, true);
    const { high: _, ...without } = cached;
    assert.equal(dayOf(play([without], options), without)?.squeezed, undefined);
  });
});

describe('events of memory.high', () => {
  const step = { days: (2 * minute) / day, stepSeconds: minute };

  it('rise between two samples, not with one sample', () => {
    const history = play([throttled], { days: minute / day });
    assert.equal(history.isAboveHigh(cgroupOf(throttled)), false);
    play([throttled], { ...step, from: minute }, history);
    assert.equal(history.isAboveHigh(cgroupOf(throttled)), true);
  });

  it('do not rise when they stand still, nor in the first sample after one without them', () => {
    const history = play([throttled], step);
    const still = { ...throttled, highEvents: () => minute };
    play([still], { ...step, from: hour }, history);
    assert.equal(history.isAboveHigh(cgroupOf(still)), false);
    const { highEvents: _, ...unread } = throttled;
    play([unread], { ...step, from: 2 * hour }, history);
    assert.equal(history.isAboveHigh(cgroupOf(unread)), false);
    play([throttled], { days: minute / day, from: 3 * hour }, history);
    assert.equal(history.isAboveHigh(cgroupOf(throttled)), true);
  });

  it('do not rise for another lifetime of the cgroup, nor for an unknown cgroup', () => {
    const history = play([throttled], step);
    assert.equal(history.isAboveHigh({ ...cgroupOf(throttled), inode: 99 }), false);
    assert.equal(history.isAboveHigh({ path: '/none', inode: 1 }), false);
  });
});
