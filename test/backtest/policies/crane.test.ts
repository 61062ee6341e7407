import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crane } from '../../../src/backtest/crane.ts';
import type { Sizer } from '../../../src/backtest/policy.ts';
import {
  busyHoursEnd,
  day,
  fixed,
  hour,
  inMiB,
  MiB,
  midnight,
  observed,
  seriesOf,
  tallyOf,
} from '../any-series.ts';

const week = 7 * day;
/** The limit after samples at the same moment, so that none decays. */
const limitOf = (values: readonly number[], margin = 1): number =>
  inMiB(observed(crane, seriesOf(values, 0), margin).limit(midnight));

describe('crane', () => {
  it('recommends the upper end of the 100 MiB bucket of p99', () =>
    assert.equal(inMiB(observed(crane).limit(busyHoursEnd)), 300));

  it('recommends 100 MiB for any usage below, and 200 MiB from there', () =>
    assert.deepEqual(
      [[0], [99], [100]].map((values) => limitOf(values)),
      [100, 100, 200],
    ));

  it('ignores one of 100 samples, and counts 2', () => {
    assert.equal(limitOf([...new Array<number>(99).fill(50), 950]), 100);
    assert.equal(limitOf([...new Array<number>(98).fill(50), 950, 950]), 1000);
  });

  it('multiplies by the margin, by default 1.15', () => {
    assert.equal(crane.margin, 1.15);
    assert.equal(limitOf([50], 1.5), 150);
  });

  it('has no limit before the first sample', () =>
    assert.equal(crane.start(1, seriesOf([]))?.limit(midnight), undefined));

  it('counts a sample for exactly a week', () => {
    const sizer = observed(crane, seriesOf([950]));
    sizer.observe(midnight + day, 50 * MiB);
    assert.equal(inMiB(sizer.limit(midnight + week)), 1000);
    assert.equal(inMiB(sizer.limit(midnight + week + 1)), 100);
  });

  it('has no limit, instead of 0, if all samples are older than a week', () => {
    const sizer = observed(crane, seriesOf([950]));
    assert.equal(sizer.limit(midnight + week + 1), undefined);
    assert.equal(sizer.limit(midnight + week + 2), undefined);
  });

  it('keeps its limit over a gap of two weeks, so the next sample is no OOM kill', () => {
    const before = seriesOf([50, 50], day);
    const series = {
      ...before,
      times: Float64Array.of(...before.times, midnight + 3 * week),
      values: Float64Array.of(...before.values, 50 * MiB),
    };
    assert.equal(tallyOf(series, crane).episodes, tallyOf(series, fixed(100)).episodes);
  });
});

describe('crane after an OOM kill', () => {
  const killedAt = (limit: number, margin = 1): readonly [Sizer, number] => {
    const sizer = observed(crane, undefined, margin);
    sizer.observe(busyHoursEnd, limit * MiB);
    return [sizer, inMiB(sizer.killed?.(busyHoursEnd, limit * MiB))];
  };

  it('adds 100 MiB or 20 %, whichever is more', () => {
    assert.equal(killedAt(300)[1], 400);
    assert.equal(killedAt(1000)[1], 1200);
    assert.equal(killedAt(500)[1], 600);
  });

  it('does not multiply the bumped limit by the margin', () => assert.equal(killedAt(1000, 1.15)[1], 1200));

  it('recommends p99 if that is above the bumped limit', () => {
    const sizer = observed(crane, seriesOf([950]));
    assert.equal(inMiB(sizer.killed?.(midnight, 200 * MiB)), 1000);
  });

  it('keeps the bumped limit for exactly a week', () => {
    const [sizer] = killedAt(1000);
    for (let at = busyHoursEnd; at <= busyHoursEnd + week + hour; at += hour) sizer.observe(at, 50 * MiB);
    assert.equal(inMiB(sizer.limit(busyHoursEnd + week)), 1200);
    assert.equal(inMiB(sizer.limit(busyHoursEnd + week + 1)), 100);
  });

  it('bumps the limit of the last kill, not the largest', () => {
    const [sizer] = killedAt(1000);
    assert.equal(inMiB(sizer.killed?.(busyHoursEnd + hour, 300 * MiB)), 400);
  });
});
