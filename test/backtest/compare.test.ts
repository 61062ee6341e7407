import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compare, randomFrom, slackAt } from '../../src/backtest/compare.ts';
import { run, tally } from './any-series.ts';

describe('slackAt', () => {
  const points = [
    { rate: 0.1, slack: 0.3 },
    { rate: 0.01, slack: 0.7 },
    // Worse on both axes.
    { rate: 0.05, slack: 0.9 },
  ];

  it('interpolates between two points by the logarithm of the rate', () => {
    assert.ok(Math.abs((slackAt(points, Math.sqrt(0.001)) ?? 0) - 0.5) < 1e-9);
    assert.equal(slackAt(points, 0.1), 0.3);
  });

  it('returns the lowest slack above all rates, and undefined below all rates', () => {
    assert.equal(slackAt(points, 0.2), 0.3);
    assert.equal(slackAt(points, 0.005), undefined);
    assert.equal(slackAt([], 0.1), undefined);
  });

  it('interpolates linearly from a rate of 0', () =>
    assert.equal(slackAt([...points, { rate: 0, slack: 0.9 }], 0.005), 0.8));
});

describe('compare', () => {
  const series = 40;
  const runs = ['ours', 'theirs', 'others'].flatMap((policy, place) =>
    [1, 2].map((margin) =>
      run(
        policy,
        margin,
        ...Array.from({ length: series }, (_, index) =>
          tally(
            margin === 1 ? 1 : index % 4 === 0 ? 1 : 0,
            0.3 + place / 10 + (margin - 1) / 10 + (index % 5) / 100,
          ),
        ),
      ),
    ),
  );
  const options = { rates: [0.05], ours: 'ours', tools: ['theirs', 'others'], resamples: 50 };

  it('finds the best other policy, and the same interval for the same seed', () => {
    const [one] = compare(runs, { ...options, random: randomFrom(1) });
    assert.equal(one?.best, 'theirs');
    const [low = 0, high = 0] = one?.interval ?? [];
    assert.ok(low <= -0.09 && high >= -0.11 && high < 0, `${low}, ${high}`);
    assert.deepEqual(compare(runs, { ...options, random: randomFrom(1) }), [one]);
  });

  it('counts slack 1 for a policy that exceeds the rate at all margins in a resample', () => {
    // Only four series are killed. A resample that draws them more often exceeds the rate at all margins.
    const reading = [1, 2].map((margin) =>
      run(
        'theirs',
        margin,
        ...Array.from({ length: series }, (_, index) =>
          tally(index < 4 ? 76 - 36 * margin : 0, 0.3 + margin / 20),
        ),
      ),
    );
    const ours = [
      run('ours', 1, ...Array.from({ length: series }, () => tally(1, 0.3))),
      run('ours', 2, ...Array.from({ length: series }, () => tally(0, 0.35))),
    ];
    const [one] = compare([...ours, ...reading], { ...options, resamples: 200, random: randomFrom(1) });
    const [low = 0] = one?.interval ?? [];
    assert.ok(low < -0.6, `${low}`);
  });

  it('has no interval and no best policy at a rate that no policy reaches', () => {
    const [one] = compare(runs, { ...options, rates: [0.001], random: randomFrom(1) });
    assert.deepEqual(one, { rate: 0.001, slack: new Map() });
  });
});
