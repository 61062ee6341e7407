/** The list of policies, the two references, and a rule that spans several. Each tool has a test of its own. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { references, shipped } from '../../../src/backtest/baselines.ts';
import type { Policy } from '../../../src/backtest/policy.ts';
import { busyHours, busyHoursEnd, day, inMiB, MiB, midnight, observed, seriesOf } from '../any-series.ts';

const policy = (name: string): Policy => {
  const found = [...shipped(false), ...references].find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

describe('the policies of a comparison', () => {
  it('have names of their own, and ascending margins that are positive', () => {
    const all = [...shipped(false), ...references];
    assert.equal(new Set(all.map(({ name }) => name)).size, 9);
    for (const { name, margins, margin } of all) {
      assert.ok(
        margins.every((one, index) => one > (margins[index - 1] ?? 0)),
        name,
      );
      assert.ok(margin >= (margins[0] ?? 0) && margin <= (margins.at(-1) ?? 0), name);
    }
  });

  it('recommend no limit before the first sample, with and without floors', () => {
    for (const floors of [false, true])
      for (const one of shipped(floors))
        assert.equal(one.start(1, busyHours)?.limit(midnight), undefined, one.name);
  });
});

describe('the oracle', () => {
  it('sets the maximum of the next day, and manual the limit of the series', () => {
    const sizer = policy('oracle').start(1, busyHours);
    assert.equal(inMiB(sizer?.limit(midnight)), 200);
    assert.equal(policy('manual').start(1, busyHours), undefined);
    assert.equal(
      inMiB(
        policy('manual')
          .start(2, { ...busyHours, limitBytes: 70 * MiB })
          ?.limit(busyHoursEnd),
      ),
      140,
    );
  });

  it('ignores samples that it has observed, and the one a day ahead', () => {
    const series = seriesOf([900, 10, 20, 800], day / 3);
    const sizer = policy('oracle').start(2, series);
    sizer?.observe(midnight, 900 * MiB);
    assert.equal(inMiB(sizer?.limit(midnight)), 40);
  });

  it('has no limit if the next day has no sample', () => {
    const series = seriesOf([10, 20], 2 * day);
    const sizer = policy('oracle').start(1, series);
    sizer?.observe(midnight, 10 * MiB);
    assert.equal(sizer?.limit(midnight), undefined);
  });
});

describe('a policy after an OOM kill', () => {
  it('has no rule if it is krr, koordinator or autopilot', () => {
    for (const name of ['krr', 'koordinator', 'autopilot-max', 'autopilot-p98', 'autopilot-mid'])
      assert.equal(observed(policy(name)).killed, undefined, name);
  });
});
