import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodeOffset, WriteSchedule, type WriteScheduleOptions } from '../../src/publish/schedule.ts';

const minute = 60_000;
const scheduleOf = (more: Partial<WriteScheduleOptions> = {}): WriteSchedule =>
  new WriteSchedule({ periodMs: () => minute, spreadMs: () => minute, offset: 0, random: () => 1, ...more });

/** The seconds at which a write is due, with a report every 5 s and a write each time. */
function writes(schedule: WriteSchedule, from: number, seconds: number): readonly number[] {
  const at: number[] = [];
  for (let second = from; second < from + seconds; second += 5) {
    if (!schedule.isDue(second * 1000)) continue;
    at.push(second);
    schedule.done(second * 1000);
  }
  return at;
}

describe('a destination', () => {
  it('is written to once a period', () =>
    assert.deepEqual(writes(scheduleOf(), 100, 200), [100, 160, 220, 280]));

  it('is written to by a report that comes slightly early', () => {
    const schedule = scheduleOf();
    schedule.done(1_000_000);
    assert.equal(schedule.isDue(1_000_000 + minute - 20), true);
    assert.equal(schedule.isDue(1_000_000 + minute - 5_000), false);
  });

  it('is not written to a whole report early, even with a long period', () =>
    assert.deepEqual(writes(scheduleOf({ periodMs: () => 100_000 }), 0, 250), [0, 100, 200]));

  it('is written to every second if its period is a second', () => {
    const schedule = scheduleOf({ periodMs: () => 1_000 });
    schedule.done(1_000_000);
    assert.deepEqual([schedule.isDue(1_000_949), schedule.isDue(1_000_950)], [false, true]);
  });

  it("is first written to at the node's offset in the spread", () => {
    for (const offset of [0, 0.25, 0.999]) {
      const schedule = scheduleOf({ offset });
      assert.equal(schedule.isDue(1_000), offset === 0);
      assert.equal(schedule.isDue(1_000 + offset * minute), true);
    }
  });

  it('adapts its period to the size of the cluster once that is known', () => {
    let nodes = 5_000;
    const schedule = scheduleOf({
      offset: 1,
      spreadMs: () => 20 * nodes,
      periodMs: () => Math.max(minute, 20 * nodes),
    });
    assert.equal(schedule.isDue(0), false);
    assert.equal(schedule.isDue(60_000), false);
    nodes = 3;
    assert.equal(schedule.isDue(65_000), true);
    schedule.done(65_000);
    nodes = 5_000;
    assert.equal(schedule.isDue(130_000), false);
    assert.equal(schedule.isDue(165_000), true);
  });
});

/** The wait after a number of failures in a row. */
function blocked(failures: number, retryAfterMs?: number, random = 1): number {
  const schedule = scheduleOf({ periodMs: () => 0, spreadMs: () => 0, random: () => random });
  // The schedule started long ago.
  schedule.isDue(0);
  for (let n = 0; n < failures; n++) schedule.failed(0, retryAfterMs);
  let [free, due] = [0, 1e9];
  while (due - free > 1) {
    const middle = Math.floor((free + due) / 2);
    if (schedule.isDue(middle)) due = middle;
    else free = middle;
  }
  return due;
}

describe('the wait after a failure', () => {
  it('doubles with each failure, up to five minutes', () =>
    assert.deepEqual(
      [1, 2, 3, 9, 10, 5_000].map((n) => blocked(n)),
      [1_000, 2_000, 4_000, 256_000, 300_000, 300_000],
    ));

  it('has jitter, but is at least half as long', () => {
    assert.equal(blocked(3, undefined, 0), 2_000);
    assert.equal(blocked(3, undefined, 0.5), 3_000);
  });

  it('is at least Retry-After, and never shorter than the back-off', () => {
    assert.equal(blocked(1, 30_000, 0), 30_000);
    assert.equal(blocked(1, 30_000), 37_500);
    assert.equal(blocked(9, 1_000), 256_000);
  });

  it('ends at a random time of the spread, so that nodes that fail together do not retry together', () => {
    for (const random of [0, 0.5, 1]) {
      const schedule = scheduleOf({ periodMs: () => 0, random: () => random });
      schedule.failed(0, 5_000);
      const wait = 5_000 * (1 + random / 4) + random * minute;
      assert.deepEqual([schedule.isDue(wait - 1), schedule.isDue(wait)], [false, true]);
    }
  });

  it('starts again from one second after a success', () => {
    const schedule = scheduleOf({ periodMs: () => 0, spreadMs: () => 0 });
    for (let n = 0; n < 9; n++) schedule.failed(0);
    schedule.done(1_000_000);
    schedule.failed(1_000_000);
    assert.deepEqual([schedule.isDue(1_000_999), schedule.isDue(1_001_000)], [false, true]);
  });
});

describe('the offsets of nodes', () => {
  const names: Readonly<Record<string, (index: number) => string>> = {
    'counted with zeros': (index) => `node-${String(index).padStart(4, '0')}`,
    'counted in letters': (index) => `aks-pool1-31415926-vmss${index.toString(36).padStart(6, '0')}`,
    addresses: (index) => `ip-10-0-${Math.floor(index / 250)}-${index % 250}.eu-central-1.compute.internal`,
  };
  for (const [scheme, nameOf] of Object.entries(names))
    it(`are spread evenly: ${scheme}`, () => {
      const counts = new Array<number>(100).fill(0);
      for (let index = 0; index < 5_000; index++) {
        const part = Math.floor(100 * nodeOffset(nameOf(index)));
        counts[part] = (counts[part] ?? 0) + 1;
      }
      // 50 on average. For random numbers the largest of a hundred bins has about 70.
      assert.ok(Math.max(...counts) < 80 && Math.min(...counts) > 25, counts.join(' '));
    });

  it('are the same for the same name', () => assert.equal(nodeOffset('node-1'), nodeOffset('node-1')));
});
