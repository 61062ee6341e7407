/** The open five minutes, hour and day of a lifetime: which samples belong to which window, and what a closed window adds. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LifetimeSample } from '../../src/usage/open-windows.ts';
import { after, dayOf } from './made/lived.ts';
import { day, hour, MiB, minute, monday } from './made/played.ts';

const five = 5 * minute;
const near = (found: number, expected: number): void =>
  assert.ok(Math.abs(found - expected) < 1e-6, `${found} for ${expected}`);

describe('five minutes', () => {
  it('close with the first sample at their end, not before', () => {
    const lifetime = after([
      [0, { real: 7 * MiB }],
      [five - 1, { real: 9 * MiB }],
    ]);
    assert.equal(lifetime.aggregate.usage.totalAt(monday), 0);
    assert.deepEqual([lifetime.state.fiveStart, lifetime.state.fivePeak], [monday, 9 * MiB]);
    after([[five, { real: MiB }]], lifetime);
    near(lifetime.aggregate.usage.totalAt(monday), 1);
    assert.ok((lifetime.aggregate.usage.percentile(1) ?? 0) >= 9 * MiB);
    assert.deepEqual(
      [lifetime.state.fiveStart, lifetime.state.fivePeak, lifetime.state.hourPeak],
      [monday + five, MiB, 9 * MiB],
    );
  });

  it('begin at a multiple of five minutes, whenever the first sample comes', () =>
    assert.equal(after([[five + 299, { real: 1 }]]).state.fiveStart, monday + five));

  it('without real add nothing', () => {
    const { aggregate } = after([
      [0, {}],
      [five, {}],
      [hour, {}],
    ]);
    assert.deepEqual([aggregate.usage.totalAt(monday), aggregate.hours.totalAt(monday)], [0, 0]);
    assert.equal(aggregate.days.size, 0);
  });

  it('add the largest of each part to their day, and zero is a part', () => {
    const lifetime = after([
      [0, { real: 1, workingSet: 5, anon: 3, shmem: 0 }],
      [60, { real: 1, workingSet: 4, anon: 6 }],
      [five, { real: 1, workingSet: 1 }],
    ]);
    assert.deepEqual(dayOf(lifetime), { peak: 0, workingSet: 5, anon: 6, shmem: 0 });
    after([[2 * five, {}]], lifetime);
    assert.equal(dayOf(lifetime)?.workingSet, 5);
  });
});

describe('the parts of the last five minutes of a day', () => {
  it('do not count on the next day', () => {
    const lifetime = after([
      [day - five, { real: 1, anon: 9 }],
      [day, { real: 1, anon: 2 }],
      [day + five, {}],
    ]);
    assert.deepEqual([dayOf(lifetime)?.anon, dayOf(lifetime, -1)?.anon], [9, 2]);
  });
});

describe('an hour', () => {
  it('does not count the peak of the hour before', () => {
    const lifetime = after([
      [day - hour, { real: 9 * MiB }],
      [day, { real: MiB }],
      [day + five, { real: MiB }],
    ]);
    lifetime.end();
    assert.deepEqual([dayOf(lifetime)?.peak, dayOf(lifetime, -1)?.peak], [9 * MiB, MiB]);
  });

  it('adds its largest real once, at its start, however many samples it had', () => {
    const { aggregate } = after([
      [0, { real: 5 * MiB }],
      [10 * minute, { real: 9 * MiB }],
      [hour - 1, { real: 3 * MiB }],
      [hour, { real: MiB }],
    ]);
    near(aggregate.hours.totalAt(monday), 1);
    assert.deepEqual([aggregate.largest(monday), aggregate.lastAt], [9 * MiB, monday]);
  });

  it('without a sample adds nothing', () => {
    const { aggregate } = after([
      [0, { real: MiB }],
      [5 * hour, { real: MiB }],
    ]);
    near(aggregate.hours.totalAt(monday), 1);
  });

  it('adds the cache that was read back in it, and never less than zero', () => {
    const lifetime = after([
      [0, { real: 1, refaulted: 100 }],
      [30 * minute, { refaulted: 140 }],
      [hour, { refaulted: 150 }],
    ]);
    assert.equal(dayOf(lifetime)?.refaulted, 40);
    after([[2 * hour, { refaulted: 150 }]], lifetime);
    assert.equal(dayOf(lifetime)?.refaulted, 40, 'the hour with the most');
    const again = after([
      [0, { refaulted: 100 }],
      [60, { refaulted: 90 }],
      [hour, {}],
    ]);
    assert.equal(dayOf(again)?.refaulted, 0);
    assert.equal(
      dayOf(
        after([
          [0, { real: 1 }],
          [hour, {}],
        ]),
      )?.refaulted,
      undefined,
    );
  });
});

describe('the cache of a day', () => {
  const hourly = (cacheAt: (hour: number) => Partial<LifetimeSample>, hours: number, from = 0) =>
    Array.from({ length: hours }, (_, n) => [(from + n) * hour, { real: 1, ...cacheAt(from + n) }] as const);

  it('is the least of all hours but the first of the lifetime', () => {
    const lifetime = after(hourly((n) => ({ activeFile: n === 0 ? 1 : n === 1 ? 30 : 50 }), 25));
    assert.equal(dayOf(lifetime)?.cache, 30);
    assert.equal(dayOf(lifetime)?.unsorted, undefined);
  });

  it('is known only after the last hour of the day', () => {
    const lifetime = after(hourly(() => ({ activeFile: 50 }), 24));
    assert.equal(dayOf(lifetime)?.cache, undefined);
    after(
      hourly(() => ({ activeFile: 50 }), 1, 24),
      lifetime,
    );
    assert.equal(dayOf(lifetime)?.cache, 50);
  });

  it('begins anew on the next day', () => {
    const lifetime = after(hourly((n) => ({ activeFile: n === 5 ? 10 : 50 }), 49));
    assert.deepEqual([dayOf(lifetime)?.cache, dayOf(lifetime, -1)?.cache], [10, 50]);
  });

  it('is absent for a lifetime of an hour, and is added at the end of a longer one', () => {
    const short = after(hourly(() => ({ activeFile: 50 }), 1));
    short.end();
    assert.equal(dayOf(short)?.cache, undefined);
    const longer = after(hourly((n) => ({ activeFile: 50 - n }), 3));
    longer.end();
    assert.equal(dayOf(longer)?.cache, 48);
  });

  it('of an LRU that does not show what is read again is kept apart, and zero counts', () => {
    const lifetime = after(hourly((n) => ({ unsorted: n === 9 ? 0 : 70 }), 49));
    assert.deepEqual([dayOf(lifetime)?.unsorted, dayOf(lifetime)?.cache], [0, undefined]);
    assert.equal(dayOf(lifetime, -1)?.unsorted, 70);
  });
});
