import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyOomKills, killedAtLately } from '../../src/recommend/kills.ts';
import { limitAfterKill } from '../../src/recommend/limit.ts';
import type { Proposal } from '../../src/recommend/proposal.ts';
import type { UsageAggregate } from '../../src/usage/aggregate.ts';
import type { Kill } from '../../src/usage/aggregate-entries.ts';
import { aggregateWith, before, day, inMiB, MiB, midnight, now, range, reasonIn } from './rule.ts';

const week = 7 * day;
/** A kill some seconds ago, at a limit in MiB or for the node. */
const kill = (ago: number, limit?: number, more: Partial<Kill> = {}): Kill => ({
  ...{ pod: 'cart-1', lifetime: `${ago}-${limit}`, at: now - ago, ...more },
  ...(limit !== undefined && { limit: limit * MiB }),
});

/** @param kills newest first, as an aggregate keeps them */
function killed(kills: readonly Kill[], facts: Parameters<typeof aggregateWith>[0] = {}): UsageAggregate {
  const aggregate = aggregateWith(facts);
  aggregate.kills = kills;
  aggregate.killCount = kills.reduce((sum, { times = 1 }) => sum + times, 0);
  return aggregate;
}
const after = (kills: readonly Kill[], facts: Parameters<typeof aggregateWith>[0] = {}): Proposal =>
  applyOomKills(before, killed(kills, facts), now);

describe('killedAtLately', () => {
  it('lists the limits of kills less than a week ago, and no kill for the node', () => {
    const aggregate = killed([kill(60, 100), kill(90), kill(week - 1, 200), kill(week, 300)]);
    assert.deepEqual(killedAtLately(aggregate, now), [100 * MiB, 200 * MiB]);
  });

  it('lists a limit of 0 bytes, and nothing without kills', () => {
    assert.deepEqual(killedAtLately(killed([kill(60, 0)]), now), [0]);
    assert.deepEqual(killedAtLately(killed([]), now), []);
  });
});

describe('applyOomKills', () => {
  it('changes nothing without kills', () => assert.equal(after([]), before));

  it('raises all fields of the limit to 1.15 × the limit at a kill of the last week, and keeps the request', () => {
    const raised = after([kill(2 * day, 400)]);
    assert.deepEqual(inMiB(raised.limit), [460, 460, 460]);
    assert.deepEqual(raised.request, before.request);
    assert.equal(
      reasonIn(raised),
      'OOM killed once at 2024-10-02T12:00:00Z (cart-1), at a limit of 400Mi: limit at least 460Mi (× 1.15)',
    );
  });

  it('keeps a limit that is already higher, and still gives the reason', () => {
    const kept = after([kill(2 * day, 100)]);
    assert.deepEqual(inMiB(kept.limit), [200, 150, 300]);
    assert.match(reasonIn(kept), /limit at least 115Mi/);
  });

  it('takes the largest limit of several kills within a week, and names the newest', () => {
    const raised = after([kill(2 * day, 300), kill(3 * day, 500), kill(week, 900)]);
    assert.equal(raised.limit.target, 500 * MiB * 1.15);
    assert.match(
      reasonIn(raised),
      /^OOM killed 3 times, last at 2024-10-02T12:00:00Z \(cart-1\), at a limit of 300Mi: limit at least 575Mi/,
    );
  });

  it('raises the limit by the usage below it on the first day after the kill, not from the second on', () => {
    const usage = (aggregate: UsageAggregate): UsageAggregate => {
      aggregate.usage.add(50 * MiB, now - day);
      return aggregate;
    };
    const fresh = usage(killed([kill(day - 1, 400)]));
    const expected = limitAfterKill(fresh, 400 * MiB);
    assert.ok(expected > 460 * MiB, `${expected / MiB}`);
    const raised = applyOomKills(before, fresh, now);
    assert.deepEqual([raised.limit.target, raised.limit.lower], [expected, 400 * MiB * 1.15]);
    assert.match(reasonIn(raised), /\(× 1\.15\), \d+Mi on the first day after the kill$/);
    const later = applyOomKills(before, usage(killed([kill(day, 400)])), now);
    assert.equal(later.limit.target, 400 * MiB * 1.15);
    assert.doesNotMatch(reasonIn(later), /first day/);
  });

  it('no longer raises the limit a week after the kill, and says so', () => {
    assert.deepEqual(inMiB(after([kill(week - 1, 400)]).limit), [460, 460, 460]);
    const old = after([kill(week, 400)]);
    assert.deepEqual(old.limit, before.limit);
    assert.match(
      reasonIn(old),
      /at a limit of 400Mi: more than a week ago, so it no longer raises the limit$/,
    );
  });

  describe('for a kill that was not at the own limit', () => {
    const days = { 0: { peak: 180 } };

    it('raises the request to the largest real of that day, and keeps the limit', () => {
      const raised = after([kill(60)], { days });
      assert.deepEqual(inMiB(raised.request), [180, 180, 180]);
      assert.deepEqual(raised.limit, before.limit);
      assert.equal(
        reasonIn(raised),
        'OOM killed once at 2024-10-04T11:59:00Z (cart-1), not at its own limit: its pod or the node ran out of memory. Request at least 180Mi: its largest real on that day.',
      );
    });

    it('takes the day of the kill, not today', () => {
      const raised = after([kill(day)], { days: { 0: { peak: 500 }, 1: { peak: 140 } } });
      assert.deepEqual(inMiB(raised.request), [140, 140, 140]);
    });

    it('raises the request to the current limit at most', () => {
      const setting = { limit: 150 * MiB };
      assert.deepEqual(inMiB(after([kill(60)], { days, setting }).request), [150, 150, 150]);
    });

    it('only gives the reason for an equal request, an unknown day, and a kill a week ago', () => {
      for (const facts of [{ days: { 0: { peak: 100 } } }, {}, { days: { 7: { peak: 180 } } }]) {
        const kept = after([kill(facts.days !== undefined && 7 in facts.days ? week : 60)], facts);
        assert.deepEqual([kept.request, kept.limit], [before.request, before.limit]);
        assert.match(reasonIn(kept), /the node ran out of memory$/);
      }
      assert.deepEqual(
        inMiB(after([kill(week - 1)], { days: { 6: { peak: 180 } } }).request),
        [100, 80, 120],
      );
      assert.deepEqual(
        inMiB(after([kill(week - 1)], { days: { 7: { peak: 180 } } }).request),
        [180, 180, 180],
      );
    });
  });

  it('gives one reason for each of the two causes, each with its own count', () => {
    const { because } = after([kill(60, 100), kill(90, undefined, { times: 3 }), kill(120, 100)]);
    assert.equal(because.length, 3);
    assert.match(
      because[1] ?? '',
      /^OOM killed 2 times, last at 2024-10-04T11:59:00Z .*, at a limit of 100Mi/,
    );
    assert.match(
      because[2] ?? '',
      /^OOM killed 3 times, last at 2024-10-04T11:58:30Z .*, not at its own limit/,
    );
  });

  it('counts kills that the aggregate no longer lists when all listed ones have one cause', () => {
    const aggregate = killed([kill(60, 100)]);
    aggregate.killCount = 12;
    assert.match(reasonIn(applyOomKills(before, aggregate, now)), /^OOM killed 12 times, last at/);
  });

  it('raises a limit of 0 from a kill at 0 bytes by nothing', () => {
    const none = { ...before, limit: range(0) };
    assert.equal(applyOomKills(none, killed([kill(2 * day, 0)]), midnight).limit.target, 0);
  });
});
