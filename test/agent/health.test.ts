import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Health } from '../../src/agent/health.ts';

describe('Health', () => {
  it('is live until 1.5 periods after the last pass', () => {
    const health = new Health(60_000, 1_000_000);
    assert.equal(health.isLive(1_089_999), true);
    assert.equal(health.isLive(1_090_000), false);
    health.ticked({ faults: [], failures: [] }, 1_090_000, 1_090_500);
    assert.equal(health.isLive(1_180_000), true);
  });
});
