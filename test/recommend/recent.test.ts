import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyRecentPeak } from '../../src/recommend/recent.ts';
import { aggregateWith, before, inMiB, MiB, midnight, now, range, reasonIn } from './rule.ts';

describe('applyRecentPeak', () => {
  const after = (days: Parameters<typeof aggregateWith>[0]['days'], at = now) =>
    applyRecentPeak(before, aggregateWith(days === undefined ? {} : { days }), at);

  it('raises the limit to 1.05 × the largest peak, widens its upper bound, and keeps the request', () => {
    const raised = after({ 0: { peak: 100 }, 3: { peak: 400 } });
    assert.deepEqual(inMiB(raised.limit), [420, 150, 420]);
    assert.deepEqual(raised.request, before.request);
    assert.equal(
      reasonIn(raised),
      'Limit 420Mi: it reached 400Mi within 8 days and may reach it again (× 1.05)',
    );
  });

  it('keeps the bounds of a limit that already allowed for it', () =>
    assert.deepEqual(inMiB(after({ 0: { peak: 240 } }).limit), [252, 150, 300]));

  it('names the limit in whole mebibytes, rounded up', () =>
    assert.match(reasonIn(after({ 0: { peak: 201 } })), /^Limit 212Mi: it reached 201Mi /));

  it('changes nothing when the limit is exactly 1.05 × the largest peak, and raises it a byte below', () => {
    const days = { 0: { peak: 200 } };
    const at105 = { ...before, limit: { ...before.limit, target: 1.05 * 200 * MiB } };
    assert.equal(applyRecentPeak(at105, aggregateWith({ days }), now), at105);
    const below = { ...before, limit: { ...before.limit, target: 1.05 * 200 * MiB - 1 } };
    assert.equal(applyRecentPeak(below, aggregateWith({ days }), now).limit.target, 1.05 * 200 * MiB);
  });

  it('counts a peak 7 days ago from midnight to midnight, and none 8 days ago', () => {
    for (const at of [midnight, now, midnight + 86_399]) {
      assert.deepEqual(inMiB(after({ 7: { peak: 400 } }, at).limit), [420, 150, 420]);
      assert.equal(after({ 8: { peak: 400 } }, at), before);
    }
    assert.equal(after({ 7: { peak: 400 } }, midnight + 86_400), before);
  });

  it('changes nothing without days or with peaks of 0, even for a limit of 0', () => {
    const none = { ...before, limit: range(0) };
    assert.equal(after(undefined), before);
    assert.equal(applyRecentPeak(none, aggregateWith({}), now), none);
    assert.equal(applyRecentPeak(none, aggregateWith({ days: { 0: { peak: 0 } } }), now), none);
  });
});
