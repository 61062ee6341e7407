/** Two records of one node, which may cover the same past, and the history after their merge. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Checkpoint } from '../../src/checkpoint/checkpoint.ts';
import { decodeCheckpoint } from '../../src/checkpoint/read.ts';
import { encodeCheckpoint } from '../../src/checkpoint/write.ts';
import { advise } from '../../src/recommend/advise.ts';
import { UsageAggregate } from '../../src/usage/aggregate.ts';
import { closeWindows, History } from '../../src/usage/history.ts';
import { hour, keyOf, MiB, minute, monday, type PlayedContainer, play } from './made/played.ts';

const cart: PlayedContainer = {
  pod: 'cart-1',
  real: (at) => 100 + 50 * Math.sin(at / 9_000),
  activeFile: () => 40,
  refaulted: (at) => at / hour,
  limit: 512,
  kills: [3 * hour, 40 * hour],
};
const web: PlayedContainer = {
  ...cart,
  pod: 'web-1',
  workload: 'Deployment/web',
  kills: [],
  real: () => 300,
};
const both = [cart, web];
const stepSeconds = 5 * minute;

/** The record of an agent that observed from one hour to another, after it had restored these records. */
function record(from: number, until: number, ...read: readonly Checkpoint[]): Checkpoint {
  const history = new History();
  for (const one of read) history.restore(one);
  play(both, { from: from * hour, days: (until - from) / 24, stepSeconds }, history);
  return written(history, until);
}

const written = (history: History, until: number): Checkpoint =>
  decodeCheckpoint('it', encodeCheckpoint({ node: 'n', at: monday + until * hour, ...history.kept() }));

function united(until: number, ...records: readonly Checkpoint[]): Checkpoint {
  const history = new History();
  for (const one of records) history.restore(one);
  return written(history, until);
}

/** The aggregate of a workload, with its open windows. */
function summaryOf(checkpoint: Checkpoint, of: PlayedContainer, at = checkpoint.at) {
  const aggregate = closeWindows(checkpoint).find(keyOf(of)) ?? new UsageAggregate();
  return {
    hours: aggregate.hours.totalAt(at),
    fives: aggregate.usage.totalAt(at),
    days: [...aggregate.days].map(([number, { peak }]) => [number, Math.round(peak / MiB)]),
    kills: aggregate.kills.length,
    killCount: aggregate.killCount,
    replicas: aggregate.replicas.map(({ pod }) => pod),
    since: Math.round(aggregate.since),
  };
}

/** Weights are stored to 2 % (hours) and 8 % (five minutes). */
function assertAlike(a: Checkpoint, b: Checkpoint, share = 0.05): void {
  const at = Math.max(a.at, b.at);
  for (const one of both) {
    const [{ hours, fives, ...as }, { hours: moreHours, fives: moreFives, ...bs }] = [
      summaryOf(a, one, at),
      summaryOf(b, one, at),
    ];
    assert.deepEqual(as, bs);
    assert.ok(Math.abs(hours / moreHours - 1) < share, `${hours} and ${moreHours} hours of ${one.pod}`);
    assert.ok(Math.abs(fives / moreFives - 1) < 0.1, `${fives} and ${moreFives} five minutes of ${one.pod}`);
  }
}

const whole = record(0, 60);

describe('two records of one node', () => {
  it('that are equal merge to the same record', () => {
    assertAlike(united(60, whole, whole), whole);
    assertAlike(united(60, whole, whole, whole, whole), whole);
  });

  it('of which one continues the other merge to the longer one, in either order', () => {
    const early = record(0, 30);
    const later = record(30, 60, early);
    assertAlike(united(60, early, later), later);
    assertAlike(united(60, later, early), later);
    assertAlike(united(60, later, early, later, early), later);
  });

  it('of different times add up, in either order', () => {
    const [early, late] = [record(0, 30), record(33, 60)];
    const gap = record(33, 60, early);
    for (const one of [
      united(60, early, late),
      united(60, late, early),
      united(60, late, early, late, early),
    ]) {
      // An hour that was open at the end of the first record keeps its weight.
      assertAlike(one, gap, 0.06);
      assert.equal(summaryOf(one, cart).killCount, 2);
    }
  });

  it('merge to the same while an agent runs as at its start', () => {
    const early = record(0, 30);
    const atStart = record(33, 60, early);
    for (const turnsUp of [34, 40.3, 59.9]) {
      const history = new History();
      play(both, { from: 33 * hour, days: (turnsUp - 33) / 24, stepSeconds }, history);
      history.restore(early);
      play(both, { from: turnsUp * hour, days: (60 - turnsUp) / 24, stepSeconds }, history);
      assertAlike(written(history, 60), atStart, 0.06);
    }
  });

  it('count hours that both cover once, and add those of only one', () => {
    const [first, second] = [record(0, 40), record(20, 60)];
    for (const one of [united(60, first, second), united(60, second, first)])
      for (const container of both) {
        const [{ hours, days, killCount }, all] = [summaryOf(one, container), summaryOf(whole, container)];
        assert.ok(Math.abs(hours / all.hours - 1) < 0.06, `${hours} of ${all.hours} hours`);
        assert.deepEqual([days, killCount], [all.days, all.killCount]);
      }
  });

  it('give the same limit as one record of the whole time', () => {
    const early = record(0, 30);
    const late = record(30, 60);
    const [pieces, one] = [united(60, late, early), whole].map((checkpoint) => {
      const aggregate = closeWindows(checkpoint).find(keyOf(web));
      return aggregate && advise(aggregate, checkpoint.at);
    });
    assert.ok(pieces !== undefined && one !== undefined);
    assert.ok(Math.abs(pieces.limit.target / one.limit.target - 1) < 0.05);
    assert.ok(Math.abs(pieces.request.target / one.request.target - 1) < 0.05);
  });

  it('in any number, order and repetition never exceed reality, nor lose a day or a kill', () => {
    const pieces = [
      record(0, 10),
      record(0, 25),
      record(12, 31),
      record(31, 47),
      record(40, 60),
      record(52, 60),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 0, 3, 5], { minLength: 1 }), (order) => {
        const chosen = order.map((index) => pieces[index] as Checkpoint);
        const one = united(60, ...chosen);
        for (const container of both) {
          const { hours, days, killCount } = summaryOf(one, container);
          const all = summaryOf(whole, container, 60 * hour + monday);
          assert.ok(hours <= all.hours * 1.1 + 2, `${hours} of ${all.hours} hours in ${order}`);
          assert.ok(killCount <= all.killCount);
          const largest = Math.max(...chosen.map((some) => summaryOf(some, container, one.at).hours));
          assert.ok(hours >= 0.94 * largest - 1, `${hours} of ${largest} hours in ${order}`);
          for (const some of chosen)
            for (const [number] of summaryOf(some, container).days)
              assert.ok(
                days.some(([known]) => known === number),
                `day ${number} in ${order}`,
              );
        }
      }),
      { numRuns: 60 },
    );
  });
});
