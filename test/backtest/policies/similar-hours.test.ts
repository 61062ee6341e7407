import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SimilarHours } from '../../../src/backtest/similar-hours.ts';
import { LogHistogram, stepOf } from '../../../src/usage/log-histogram.ts';

const MiB = 2 ** 20;
const midnight = 20_000 * 86_400;
const hour = 3600;

function seen(peaks: readonly number[]): { all: LogHistogram; similar: SimilarHours; end: number } {
  const all = new LogHistogram(7);
  const similar = new SimilarHours();
  for (const [index, peak] of peaks.entries()) {
    all.add(peak * MiB, midnight + index * hour);
    similar.add(peak * MiB, midnight + index * hour);
  }
  return { all, similar, end: midnight + peaks.length * hour };
}

/** The share of the weight at `peak`, for the hour that starts at `at`. */
function share({ all, similar }: ReturnType<typeof seen>, at: number, before: number, peak: number): number {
  const { first, weights } = similar.weigh(all.at(at), at, before * MiB);
  const total = weights.reduce((one, other) => one + other, 0);
  return (weights[stepOf(peak * MiB) - first] ?? 0) / total;
}

describe('SimilarHours', () => {
  const twoWeeks = Array.from({ length: 14 * 24 }, (_, index) => (index % 24 === 3 ? 300 : 100));

  it('weighs hours at a similar time of day more', () => {
    const days = seen(twoWeeks);
    assert.ok(share(days, days.end + 3 * hour, 100, 300) > 0.3);
    assert.ok(share(days, days.end + 4 * hour, 100, 300) > share(days, days.end + 6 * hour, 100, 300));
    assert.ok(share(days, days.end + 12 * hour, 100, 300) < 0.01);
  });

  it('weighs hours after similar usage more', () => {
    // Usage alternates between a day at 100 MiB and a day at 300 MiB.
    const changing = seen(Array.from({ length: 14 * 24 }, (_, index) => (index % 48 < 24 ? 100 : 300)));
    assert.ok(share(changing, changing.end + 12 * hour, 100, 100) > 0.85);
    assert.ok(share(changing, changing.end + 12 * hour, 300, 300) > 0.85);
  });

  it('leaves the weights unchanged if no hour is similar', () => {
    const { all, similar, end } = seen([100, 200]);
    assert.deepEqual(similar.weigh(all.at(end), end + 10 * hour, 100 * MiB), all.at(end));
  });

  it('keeps the sum of the weights', () => {
    const amount = fc.integer({ min: 0, max: 2000 });
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 400 }), amount, (peaks, before) => {
        const { all, similar, end } = seen(peaks);
        const { first, weights } = similar.weigh(all.at(end), end, before * MiB);
        assert.equal(first, all.at(end).first);
        assert.ok(weights.every((weight) => weight >= 0));
        const total = weights.reduce((one, other) => one + other, 0);
        assert.ok(Math.abs(total / all.totalAt(end) - 1) < 1e-9);
      }),
    );
  });
});
