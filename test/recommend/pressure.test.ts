import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limitAfterKill } from '../../src/recommend/limit.ts';
import { applyPressure } from '../../src/recommend/pressure.ts';
import type { Proposal } from '../../src/recommend/proposal.ts';
import { aggregateWith, before, inMiB, MiB, midnight, now, reasonIn } from './rule.ts';

type Days = NonNullable<Parameters<typeof aggregateWith>[0]['days']>;
const after = (days: Days, at = now): Proposal => applyPressure(before, aggregateWith({ days }), at);

describe('applyPressure', () => {
  it('changes nothing without days, without pressure, and at a limit of 0', () => {
    for (const days of [{}, { 0: { peak: 100 } }, { 0: { atLimit: 0, throttled: 0, stalled: 90 } }])
      assert.equal(after(days), before);
  });

  it('never changes the request', () =>
    assert.deepEqual(after({ 0: { atLimit: 400, throttled: 500, stalled: 50 } }).request, before.request));

  describe('for a container that reached its limit', () => {
    it('raises the limit to that limit, with the upper bound of a kill there', () => {
      const raised = after({ 0: { atLimit: 400 } });
      const upper = limitAfterKill(aggregateWith({}), 400 * MiB);
      assert.deepEqual(raised.limit, { target: 400 * MiB, lower: 400 * MiB, upper });
      assert.ok(upper > 400 * MiB);
      assert.equal(reasonIn(raised), 'Real reached the limit of 400Mi: limit at least 400Mi');
    });

    it('raises it 15 % further when all tasks waited for 5 % of a minute, not for less', () => {
      const raised = after({ 0: { atLimit: 400, stalled: 5 } });
      assert.deepEqual(inMiB(raised.limit).slice(0, 2), [460, 460]);
      assert.equal(
        reasonIn(raised),
        'Real reached the limit of 400Mi, and all its tasks waited for memory for 5 % of a minute: limit at least 460Mi (× 1.15)',
      );
      const less = after({ 0: { atLimit: 400, stalled: 4.99 } });
      assert.deepEqual(inMiB(less.limit).slice(0, 2), [400, 400]);
      assert.doesNotMatch(reasonIn(less), /waited/);
    });

    it('takes the largest limit and the longest wait of all days, in any order', () => {
      for (const days of [
        { 0: { atLimit: 300 }, 1: { atLimit: 400 }, 2: { stalled: 30 } },
        { 0: { stalled: 30 }, 1: { atLimit: 300 }, 2: { atLimit: 400 } },
      ])
        assert.match(reasonIn(after(days)), /limit of 400Mi, .* for 30 % of a minute: limit at least 460Mi/);
    });

    it('keeps a limit that is already higher, and still gives the reason', () => {
      const kept = after({ 0: { atLimit: 100 } });
      assert.deepEqual(inMiB(kept.limit), [200, 150, 300]);
      assert.match(reasonIn(kept), /limit at least 100Mi$/);
    });

    it('counts today and the 6 days before, and not the 7th', () => {
      const days = { 6: { atLimit: 400 } };
      for (const at of [midnight, now, midnight + 86_399])
        assert.equal(after(days, at).limit.target, 400 * MiB);
      assert.equal(after(days, midnight + 86_400), before);
      assert.equal(after({ 7: { atLimit: 400, throttled: 400 } }), before);
    });
  });

  describe('for a container that was throttled at memory.high', () => {
    it('raises the limit to 1.15 × memory.high, with or without waiting', () => {
      const raised = after({ 0: { throttled: 400 } });
      assert.deepEqual(inMiB(raised.limit).slice(0, 2), [460, 460]);
      assert.equal(
        raised.limit.upper,
        Math.max(400 * MiB * 1.15, limitAfterKill(aggregateWith({}), 400 * MiB)),
      );
      assert.equal(
        reasonIn(raised),
        'The kernel throttled it at memory.high 400Mi: limit at least 460Mi (× 1.15). Raise memory.high with the limit. Under MemoryQoS the kubelet does that.',
      );
    });

    it('takes the largest memory.high of the last 7 days', () =>
      assert.match(
        reasonIn(after({ 0: { throttled: 100 }, 6: { throttled: 300 }, 7: { throttled: 900 } })),
        /memory\.high 300Mi: limit at least 345Mi/,
      ));
  });

  it('gives both reasons, the limit first, and takes the larger need', () => {
    const { because, limit } = after({ 0: { atLimit: 500, throttled: 400 } });
    assert.match(because[1] ?? '', /^Real reached the limit of 500Mi/);
    assert.match(because[2] ?? '', /^The kernel throttled it at memory\.high 400Mi/);
    assert.equal(because.length, 3);
    assert.deepEqual(inMiB(limit).slice(0, 2), [500, 500]);
  });
});
