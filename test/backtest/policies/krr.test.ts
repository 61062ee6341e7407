import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { krr } from '../../../src/backtest/krr.ts';
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

describe('krr', () => {
  it('recommends the maximum of 14 days', () =>
    assert.equal(inMiB(observed(krr(false)).limit(busyHoursEnd)), 200));

  it('multiplies the maximum by the margin, by default 1.15', () => {
    assert.equal(krr(false).margin, 1.15);
    assert.equal(inMiB(observed(krr(false), busyHours, 1.5).limit(busyHoursEnd)), 300);
  });

  it('forgets a peak after two weeks', () =>
    assert.deepEqual([limitAfterQuiet(krr(false), 12), limitAfterQuiet(krr(false), 15)], [200, 100]));

  it('still counts a peak at exactly two weeks, and has no limit when all samples are older', () => {
    const sizer = observed(krr(false), seriesOf([7]));
    assert.equal(inMiB(sizer.limit(midnight + 14 * day)), 7);
    assert.equal(sizer.limit(midnight + 14 * day + 1), undefined);
  });

  it('recommends at least 100 MB with floors, and 0 for a container that uses 0 without them', () => {
    for (const [floors, value, expected] of [
      [true, 1, 100e6],
      [true, 200, 200 * MiB],
      [false, 1, MiB],
      [false, 0, 0],
    ] as const)
      assert.equal(observed(krr(floors), seriesOf([value])).limit(midnight + hour), expected);
  });

  it('compares the floor with the maximum times the margin', () =>
    assert.equal(observed(krr(true), seriesOf([60]), 2).limit(midnight), 120 * MiB));
});
