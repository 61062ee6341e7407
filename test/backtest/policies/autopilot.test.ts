import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { autopilotMax, autopilotMid, autopilotP98 } from '../../../src/backtest/autopilot.ts';
import {
  busyHours,
  busyHoursEnd,
  day,
  hour,
  inMiB,
  limitAfterQuiet,
  MiB,
  midnight,
  observed,
  seriesOf,
} from '../any-series.ts';

const window = 300;
const all = [autopilotMax, autopilotP98, autopilotMid];
const isBetween = (found: number, least: number, most: number): void =>
  assert.ok(found >= least && found <= most, `${found} is not from ${least} to ${most}`);

describe('autopilot', () => {
  it('recommends the maximum, p98, or the larger of p60 and half the maximum', () => {
    assert.equal(inMiB(observed(autopilotMax).limit(busyHoursEnd)), 200);
    const p98 = inMiB(observed(autopilotP98).limit(busyHoursEnd));
    assert.ok(p98 >= 200 && p98 < 203, `${p98}`);
    const mid = inMiB(observed(autopilotMid).limit(busyHoursEnd));
    assert.ok(mid >= 100 && mid < 102, `${mid}`);
  });

  it('multiplies by the margin, by default 1.125', () => {
    for (const policy of all) {
      assert.equal(policy.margin, 1.125);
      const [one = 0, two = 0] = [1, 2].map((margin) =>
        observed(policy, busyHours, margin).limit(busyHoursEnd),
      );
      assert.equal(two, 2 * one, policy.name);
    }
  });

  it('has no limit before the first sample', () => {
    for (const policy of all)
      assert.equal(observed(policy, seriesOf([])).limit(midnight), undefined, policy.name);
  });

  it('keeps the maximum of its recommendations for exactly an hour', () => {
    const sizer = observed(autopilotMax, seriesOf([200, 100], 7 * day));
    const end = midnight + 7 * day;
    assert.deepEqual(
      [0, 1, hour, hour + 1].map((after) => inMiB(sizer.limit(end + after))),
      [200, 200, 200, 100],
    );
  });
});

describe('autopilot-max', () => {
  it('forgets a peak after a week', () =>
    assert.deepEqual([limitAfterQuiet(autopilotMax, 6), limitAfterQuiet(autopilotMax, 8)], [200, 100]));

  it('counts a sample at once, and for exactly a week', () => {
    const sizer = observed(autopilotMax, seriesOf([200]));
    assert.equal(inMiB(sizer.limit(midnight)), 200);
    const later = observed(autopilotMax, seriesOf([200]));
    assert.equal(later.limit(midnight + 7 * day + 1), undefined);
  });
});

describe('autopilot-p98', () => {
  it('counts the peak of a window when the next window begins', () => {
    const sizer = observed(autopilotP98, seriesOf([50, 200, 70], 60));
    assert.equal(sizer.limit(midnight + window), undefined);
    sizer.observe(midnight + window, 900 * MiB);
    isBetween(inMiB(sizer.limit(midnight + window)), 200, 203);
  });

  it('aligns windows to 1970, not to the first sample', () => {
    const sizer = observed(autopilotP98, seriesOf([50], 60, midnight + window - 1));
    sizer.observe(midnight + window, 900 * MiB);
    isBetween(inMiB(sizer.limit(midnight + window)), 50, 51);
  });

  it('weighs a peak by its size, so one large peak among many small ones is p98', () => {
    // 1 of 100 peaks, and half of the weight.
    const values = [...new Array<number>(99).fill(1), 99, 1];
    isBetween(inMiB(observed(autopilotP98, seriesOf(values)).limit(midnight + hour * 9)), 99, 101);
  });

  it('weighs a peak of 0 as 1, so a container that uses 0 has a limit', () =>
    assert.equal(observed(autopilotP98, seriesOf([0, 0])).limit(midnight + window), 64 * 1024));

  it('counts a peak half as much after 48 hours', () => {
    // By size, 1 of 100 MiB is 3.2 % of the weight among 60 of 50 MiB, and 1.6 % after a half-life.
    const limitAfter = (seconds: number): number => {
      const sizer = observed(autopilotP98, seriesOf([100]));
      for (let index = 0; index <= 60; index++) sizer.observe(midnight + seconds + index * window, 50 * MiB);
      return inMiB(sizer.limit(midnight + seconds + 60 * window));
    };
    isBetween(limitAfter(window), 100, 101);
    isBetween(limitAfter(2 * day), 50, 51);
  });
});

describe('autopilot-mid', () => {
  it('recommends half the maximum while no window has closed', () =>
    assert.equal(inMiB(observed(autopilotMid, seriesOf([80])).limit(midnight)), 40));

  it('recommends p60 by size if that is above half the maximum', () => {
    // 80 MiB has 54.5 % of the weight with 15 windows, and 61.5 % with 20.
    for (const [windows, least] of [
      [15, 100],
      [20, 80],
    ] as const) {
      const values = [...new Array<number>(windows).fill(80), ...new Array<number>(10).fill(100), 80];
      isBetween(inMiB(observed(autopilotMid, seriesOf(values)).limit(midnight + 3 * hour)), least, least + 1);
    }
  });

  it('recommends half the maximum if that is above p60', () => {
    const values = [...new Array<number>(100).fill(10), 100, 10];
    assert.equal(inMiB(observed(autopilotMid, seriesOf(values)).limit(midnight + 9 * hour)), 50);
  });

  it('has no limit if all samples are older than a week', () =>
    assert.equal(observed(autopilotMid, seriesOf([80, 80])).limit(midnight + 8 * day), undefined));
});
