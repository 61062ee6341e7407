import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { koordinator } from '../../../src/backtest/koordinator.ts';
import { busyHoursEnd, day, inMiB, midnight, observed, seriesOf } from '../any-series.ts';

/** The limit after samples at the same moment, so that none decays. */
const limitOf = (values: readonly number[], margin = 1): number =>
  inMiB(observed(koordinator, seriesOf(values, 0), margin).limit(midnight));

/** The upper end of Koordinator's bucket: the first is 5 MiB wide, and each next one 5 % wider. */
function edgeOf(value: number): number {
  let [edge, width] = [5, 5];
  while (edge <= value) edge += width *= 1.05;
  return edge;
}

const isAbout = (found: number, expected: number): void =>
  assert.ok(Math.abs(found - expected) < 1e-6, `${found} instead of ${expected}`);

describe('koordinator', () => {
  it('recommends p98 of the samples', () => {
    const limit = inMiB(observed(koordinator).limit(busyHoursEnd));
    assert.ok(limit >= 200 && limit < 215, `${limit}`);
  });

  it('has no limit before the first sample, and the first bucket for a container that uses 0', () => {
    assert.equal(koordinator.start(1, seriesOf([]))?.limit(midnight), undefined);
    isAbout(limitOf([0]), 5);
  });

  it('ignores 2 of 100 samples, and counts 3', () => {
    isAbout(limitOf([...new Array<number>(98).fill(100), 900, 900]), edgeOf(100));
    isAbout(limitOf([...new Array<number>(97).fill(100), 900, 900, 900]), edgeOf(900));
  });

  it('multiplies by the margin, by default 1.1', () => {
    assert.equal(koordinator.margin, 1.1);
    isAbout(limitOf([100], 2), 2 * edgeOf(100));
  });

  it('counts a sample half as much after a day', () => {
    // The older sample has 1/31 of the weight without decay, and 1/61 with a half-life: 2 % lies between.
    const after = (days: number): number => {
      const sizer = observed(koordinator, seriesOf([900], 0));
      for (let sample = 0; sample < 30; sample++) sizer.observe(midnight + days * day, 100 * 2 ** 20);
      return inMiB(sizer.limit(midnight + days * day));
    };
    isAbout(after(0), edgeOf(900));
    isAbout(after(1), edgeOf(100));
  });
});
