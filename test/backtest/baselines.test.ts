/** Each policy runs on a series whose result can be computed by hand. test/originals also compares VPA with the original. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { references, shipped } from '../../src/backtest/baselines.ts';
import type { Policy, Sizer } from '../../src/backtest/policy.ts';
import { day, hour, MiB, midnight, seriesOf } from './any-series.ts';

const policy = (name: string, floors = false): Policy => {
  const found = [...shipped(floors), ...references].find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

/** Eight days at 100 MiB, each with an hour at 200 MiB. The policies are asked at their end. */
const values = Array.from({ length: 8 * 288 }, (_, index) => (index % 288 < 12 ? 200 : 100));
const series = seriesOf(values);
const end = midnight + 8 * day;

function startOf(name: string, floors = false): Sizer {
  const one = policy(name, floors);
  const sizer = one.start(1, series);
  if (sizer === undefined) throw new Error(name);
  for (const [index, at] of series.times.entries()) sizer.observe(at, series.values[index] ?? 0);
  return sizer;
}

const inMiB = (bytes: number | undefined): number => (bytes ?? Number.NaN) / MiB;
/** The upper end of VPA's bucket: the first is 10 MB wide, and each next one 5 % wider. */
const vpaEdge = (bytes: number): number => {
  let [edge, width] = [1e7, 1e7];
  while (edge <= bytes) edge += width *= 1.05;
  return edge;
};

describe('a policy at margin 1', () => {
  it('vpa: recommends the upper end of the bucket of the daily peak', () =>
    assert.ok(Math.abs((startOf('vpa').limit(end) ?? 0) - vpaEdge(200 * MiB)) < 2));

  it('krr: recommends the maximum of 14 days', () => assert.equal(inMiB(startOf('krr').limit(end)), 200));

  it('krr and vpa: recommend at least their minimum with --floors', () => {
    const tiny = seriesOf([1]);
    for (const [name, floor] of [
      ['vpa', 250 * MiB],
      ['krr', 100e6],
    ] as const) {
      const sizer = policy(name, true).start(1, tiny);
      sizer?.observe(midnight, MiB);
      assert.equal(sizer?.limit(midnight + hour), floor);
    }
  });

  it('crane: recommends the upper end of the 100 MiB bucket of p99', () =>
    assert.equal(inMiB(startOf('crane').limit(end)), 300));

  it('koordinator: recommends p98 of the samples', () => {
    const limit = inMiB(startOf('koordinator').limit(end));
    assert.ok(limit >= 200 && limit < 215, `${limit}`);
  });

  it('autopilot: recommends the maximum, p98, or the larger of p60 and half the maximum', () => {
    assert.equal(inMiB(startOf('autopilot-max').limit(end)), 200);
    const p98 = inMiB(startOf('autopilot-p98').limit(end));
    assert.ok(p98 >= 200 && p98 < 203, `${p98}`);
    const mid = inMiB(startOf('autopilot-mid').limit(end));
    assert.ok(mid >= 100 && mid < 102, `${mid}`);
  });

  it('autopilot-max forgets a peak after a week, krr after two', () => {
    const quiet = (name: string, days: number): number => {
      const sizer = startOf(name);
      for (let at = end; at < end + days * day; at += 300) sizer.observe(at, 100 * MiB);
      return inMiB(sizer.limit(end + days * day));
    };
    assert.deepEqual([quiet('autopilot-max', 6), quiet('autopilot-max', 8)], [200, 100]);
    assert.deepEqual([quiet('krr', 12), quiet('krr', 15)], [200, 100]);
  });

  it('oracle sets the maximum of the next day, and manual the limit of the series', () => {
    const sizer = policy('oracle').start(1, series);
    assert.equal(inMiB(sizer?.limit(midnight)), 200);
    assert.equal(policy('manual').start(1, series), undefined);
    assert.equal(
      inMiB(
        policy('manual')
          .start(2, { ...series, limitBytes: 70 * MiB })
          ?.limit(end),
      ),
      140,
    );
  });
});

describe('a policy after an OOM kill', () => {
  it('vpa and crane add 100 MiB or 20 %, and krr, koordinator and autopilot have no rule', () => {
    const killedAt = (name: string, limit: number): number | undefined => {
      const sizer = startOf(name);
      sizer.observe(end, limit * MiB);
      return sizer.killed === undefined ? undefined : inMiB(sizer.killed(end, limit * MiB));
    };
    assert.ok(Math.abs((killedAt('vpa', 300) ?? 0) - vpaEdge(400 * MiB) / MiB) < 60);
    assert.equal(killedAt('crane', 300), 400);
    assert.equal(killedAt('crane', 1000), 1200);
    for (const name of ['krr', 'koordinator', 'autopilot-max', 'autopilot-p98', 'autopilot-mid'])
      assert.equal(killedAt(name, 300), undefined);
  });
});
