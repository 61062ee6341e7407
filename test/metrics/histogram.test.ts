import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DurationHistogram } from '../../src/metrics/histogram.ts';

it('a histogram counts each duration in every bucket from its bound on, and in +Inf', () => {
  const histogram = new DurationHistogram();
  for (const seconds of [0.005, 0.006, 1, 60]) histogram.observe(seconds);
  const values = new Map(
    histogram.points.map(({ suffix, labels = [], value }) => [`${suffix}${labels.join()}`, value]),
  );
  assert.equal(values.get('_bucket0.005'), 1);
  assert.equal(values.get('_bucket0.01'), 2);
  assert.equal(values.get('_bucket0.5'), 2);
  assert.equal(values.get('_bucket1.0'), 3);
  assert.equal(values.get('_bucket5.0'), 3);
  assert.equal(values.get('_bucket+Inf'), 4);
  assert.equal(values.get('_count'), 4);
  assert.equal(values.get('_sum'), histogram.sum);
  assert.ok(Math.abs(histogram.sum - 61.011) < 1e-9);
});
