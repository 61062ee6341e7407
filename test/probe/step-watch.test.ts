/** How long a step is watched, and what is expected to come back of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timingOf } from '../../src/probe/options.ts';
import type { Reading } from '../../src/probe/reading.ts';
import { isNeeded, StepWatch } from '../../src/probe/step-watch.ts';

/** Of two minutes: 3 s for a step, 15 s at most. */
const timing = timingOf(120_000);
const reading = (at: number, rereads: number): Reading => ({ at, rereads }) as Reading;
const returned = (from: Reading, to: Reading): number => to.rereads - from.rereads;

/** Watches one step of so many pages. @param back pages that came back until a time @returns when it ended, and what it expects */
function watch(
  stepWatch: StepWatch,
  took: number,
  back: (at: number) => number,
  from = 0,
  isConfirming = false,
) {
  let previous = reading(from, 0);
  stepWatch.begin(previous, took);
  for (let at = from; ; ) {
    at += Math.min(timing.pollMs, stepWatch.untilNext(at));
    const now = reading(at, Math.round(back(at - from)));
    stepWatch.note(now, returned(previous, now));
    const expected = stepWatch.expected(now, returned, isConfirming);
    if (expected !== undefined)
      return { seconds: (at - from) / 1000, isNeeded: isNeeded(took, expected.most) };
    previous = now;
  }
}
const watchOne = (took: number, back: (at: number) => number) =>
  watch(new StepWatch(timing, reading(0, 0)), took, back);

describe('the watch after a step', () => {
  it('ends in the usual time when nothing comes back', () =>
    assert.deepEqual(
      watchOne(3000, () => 0),
      { seconds: 3, isNeeded: false },
    ));

  it('ends at once when nearly all comes back', () =>
    assert.deepEqual(
      watchOne(3000, (at) => 3 * at),
      { seconds: 1, isNeeded: true },
    ));

  it('takes a step as needed of which a part comes back evenly, and the rest would within half the duration', () =>
    assert.deepEqual(
      watchOne(30_000, (at) => at),
      { seconds: 3, isNeeded: true },
    ));

  it('takes a step as cold of which a third came back at once', () =>
    assert.deepEqual(
      watchOne(3000, (at) => Math.min(1000, at)),
      { seconds: 3, isNeeded: false },
    ));

  it('watches on while it is open whether what comes back fades or goes on', () => {
    const atRandom = (pages: number, meanMs: number) => (at: number) => pages * (1 - Math.exp(-at / meanMs));
    assert.deepEqual(watchOne(3000, atRandom(1000, 1000)), { seconds: 3, isNeeded: false });
    assert.deepEqual(watchOne(3000, atRandom(1000, 4000)), { seconds: 5, isNeeded: false });
    assert.deepEqual(watchOne(3000, atRandom(3000, 30_000)), { seconds: 3, isNeeded: true });
  });

  it('does not rely on a forecast where the step confirms the answer', () => {
    const evenly = (at: number): number => at / 10;
    assert.deepEqual(watchOne(3000, evenly), { seconds: 3, isNeeded: true });
    const stepWatch = new StepWatch(timing, reading(0, 0));
    assert.deepEqual(watch(stepWatch, 3000, evenly, 0, true), { seconds: 15, isNeeded: true });
    const ended = (at: number): number => Math.min(500, at / 10);
    assert.deepEqual(watch(stepWatch, 3000, ended, 20_000, true), { seconds: 7, isNeeded: false });
  });

  it('watches as long as bursts need that come every six seconds, after which the pages of two steps come back', () => {
    const stepWatch = new StepWatch(timing, reading(0, 0));
    const burst = (pages: number, from: number) => (at: number) => (from + at >= 6000 ? pages : 0);
    assert.equal(watch(stepWatch, 3000, burst(0, 0)).isNeeded, false);
    assert.equal(watch(stepWatch, 3000, burst(6000, 3000), 3000).isNeeded, true);
    assert.deepEqual(watch(stepWatch, 3000, burst(3000, 0), 6000), { seconds: 6, isNeeded: true });
  });

  it('does not take the time of cold steps for a pause between bursts', () => {
    const stepWatch = new StepWatch(timing, reading(0, 0));
    for (const from of [0, 3000, 6000, 9000]) watch(stepWatch, 3000, () => 0, from);
    const seconds = [12_000, 15_000, 18_000].map(
      (from) => watch(stepWatch, 3000, (at) => Math.min(1000, at), from).seconds,
    );
    assert.deepEqual(seconds, [3, 3, 3]);
  });

  it('does not take the time between two steps for a pause between bursts', () => {
    const stepWatch = new StepWatch(timing, reading(0, 0));
    const seconds = [0, 3000, 6000, 9000].map(
      (from) => watch(stepWatch, 3000, (at) => Math.min(1000, at), from).seconds,
    );
    assert.deepEqual(seconds, [3, 3, 3, 3]);
  });
});
