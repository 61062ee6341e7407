/** One container lifetime: its start, peak and name, its bounds, its leak, and its state. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UsageAggregate } from '../../src/usage/aggregate.ts';
import { type Bounds, ContainerLifetime, type LifetimeState } from '../../src/usage/lifetime.ts';
import { weightAt } from '../../src/usage/log-histogram.ts';
import { after, begun, dayOf, sampleOf } from './made/lived.ts';
import { day, hour, MiB, minute, monday } from './made/played.ts';

const five = 5 * minute;
const key = { namespace: 'shop', workload: 'Deployment/cart', container: 'web' };

const near = (found: number, expected: number): void =>
  assert.ok(Math.abs(found - expected) < 1e-6, `${found} for ${expected}`);

describe('a lifetime', () => {
  it('before its first sample has neither peak nor start nor window', () => {
    const { peak, since, state, leak } = begun();
    assert.deepEqual([peak, since, leak], [undefined, undefined, undefined]);
    assert.deepEqual(Object.keys(state), ['path', 'inode']);
  });

  it('keeps only its peak while the time is unknown', () => {
    const lifetime = begun();
    lifetime.observe(sampleOf({ real: 5, activeFile: 3, refaulted: 2 }), undefined);
    lifetime.observe(sampleOf({ real: 4 }), undefined);
    assert.deepEqual([lifetime.peak, lifetime.since], [5, undefined]);
    assert.deepEqual(Object.keys(lifetime.state), ['path', 'inode', 'peak']);
  });

  it('begins at its first sample with a time, even one without real, and keeps that start', () => {
    const lifetime = after([
      [0, {}],
      [60, { real: 5 }],
    ]);
    assert.equal(lifetime.since, monday);
    assert.equal(after([[60, {}]], begun({ since: monday - day })).since, monday - day);
  });

  it('keeps a peak of zero, and does not lower it', () => {
    assert.equal(after([[0, { real: 0 }]]).peak, 0);
    assert.equal(
      after([
        [0, { real: 5 }],
        [1, { real: 0 }],
        [2, {}],
      ]).peak,
      5,
    );
  });

  it('has a new name with all that it added before, and adds to the name’s aggregate from then on', () => {
    const [named, lifetime] = [
      new UsageAggregate(),
      after([
        [0, { real: 5 * MiB }],
        [hour, { real: MiB }],
      ]),
    ];
    lifetime.name(key, 'cart-1', named);
    assert.equal(named.largest(monday), 5 * MiB);
    assert.deepEqual([lifetime.key, lifetime.pod, lifetime.aggregate], [key, 'cart-1', named]);
    lifetime.end();
    near(named.hours.totalAt(monday), 1 + weightAt(monday + hour, 7) / weightAt(monday, 7));
  });
});

describe('a clock that was set back', () => {
  it('moves open windows from the future to now, and closes only the five minutes', () => {
    const lifetime = after([
      [2 * day + 30 * minute, { real: 9 * MiB }],
      [10 * minute, { real: MiB }],
    ]);
    const { since, fiveStart, hourStart, dayStart, hourPeak } = lifetime.state;
    assert.deepEqual(
      [since, fiveStart, hourStart, dayStart],
      [monday + 10 * minute, monday + 10 * minute, monday, monday],
    );
    assert.equal(hourPeak, 9 * MiB, 'the peak counts in the hour that is open now');
    assert.ok(lifetime.aggregate.hours.totalAt(monday) === 0);
    assert.deepEqual(lifetime.aggregate.days.keys(), [monday / day]);
  });

  it('within the hour continues the hour', () => {
    const lifetime = after([
      [30 * minute, { real: 9 * MiB }],
      [20 * minute, { real: MiB }],
      [hour, { real: MiB }],
    ]);
    near(lifetime.aggregate.hours.totalAt(monday), 1);
    assert.equal(lifetime.since, monday + 20 * minute);
  });
});

describe('a leak', () => {
  const growing = (pod: string | undefined, hours = 40): ContainerLifetime => {
    const lifetime = begun();
    if (pod !== undefined) lifetime.name(key, pod, new UsageAggregate());
    return after(
      Array.from({ length: hours }, (_, n) => [n * hour, { real: (100 + 10 * n) * MiB }] as const),
      lifetime,
    );
  };

  it('is added with the name of the pod once it is known', () => {
    const lifetime = growing('cart-1');
    assert.equal(Math.round((lifetime.leak?.perDay ?? 0) / MiB), 240);
    assert.equal(lifetime.aggregate.leaks[0]?.pod, 'cart-1');
    assert.deepEqual(growing(undefined).aggregate.leaks, []);
    assert.equal(growing('cart-1', 5).leak, undefined);
  });

  it('is not judged from hours of the future', () => {
    const lifetime = growing('cart-1');
    after([[-day, { real: MiB }]], lifetime);
    assert.equal(lifetime.leak, undefined);
    assert.equal(lifetime.state.leakDetector, undefined);
  });
});

describe('bounds', () => {
  const dayWith = (bounds: Partial<Bounds>) => {
    const lifetime = begun();
    lifetime.observeBounds(
      { usage: undefined, real: undefined, limit: undefined, stalled: undefined, ...bounds },
      monday,
    );
    return dayOf(lifetime);
  };

  it('squeeze a container whose usage reaches 98 % of its limit, and note the limit only for real', () => {
    assert.deepEqual(dayWith({ usage: 980, real: 979, limit: 1000 }), { peak: 0, squeezed: true });
    assert.deepEqual(dayWith({ usage: 980, real: 980, limit: 1000 }), {
      peak: 0,
      squeezed: true,
      atLimit: 1000,
    });
    assert.equal(dayWith({ usage: 979, real: 979, limit: 1000 }), undefined);
  });

  it('count memory.high where it is lower than the limit, or where there is no limit', () => {
    assert.deepEqual(dayWith({ usage: 490, real: 490, limit: 1000, high: 500 }), { peak: 0, squeezed: true });
    assert.deepEqual(dayWith({ usage: 490, high: 500 }), { peak: 0, squeezed: true });
    assert.equal(dayWith({ usage: 980, limit: 2000, high: 1500 }), undefined);
  });

  it('note memory.high only while the kernel throttles the container there', () => {
    assert.deepEqual(dayWith({ usage: 1, high: 500, throttled: true }), { peak: 0, throttled: 500 });
    assert.equal(dayWith({ usage: 1, high: 500, throttled: false }), undefined);
    assert.equal(dayWith({ usage: 1, high: 500 }), undefined);
    assert.equal(dayWith({ usage: 1, throttled: true }), undefined);
  });

  it('note that tasks waited, but not a wait of zero', () => {
    assert.deepEqual(dayWith({ stalled: 0.1 }), { peak: 0, stalled: 0.1 });
    assert.equal(dayWith({ stalled: 0 }), undefined);
  });

  it('note nothing without a limit or without usage', () => {
    assert.equal(dayWith({ usage: 2 ** 50, real: 2 ** 50 }), undefined);
    assert.equal(dayWith({ limit: 1000 }), undefined);
  });
});

describe('the events of memory.high', () => {
  const above = (...passes: readonly Parameters<ContainerLifetime['observeHigh']>[0][]): boolean => {
    const lifetime = begun();
    for (const usage of passes) lifetime.observeHigh(usage);
    return lifetime.isAboveHigh;
  };

  it('show a container above it when they rose since the last sample', () => {
    assert.equal(above({ highEvents: 5 }), false);
    assert.equal(above({ highEvents: 5 }, { highEvents: 6 }), true);
    assert.equal(above({ highEvents: 5 }, { highEvents: 6 }, { highEvents: 6 }), false);
    assert.equal(above({ highEvents: 5 }, { highEvents: 4 }), false);
  });

  it('of another cgroup do not compare', () =>
    assert.equal(above({ highEvents: 5 }, { highEvents: 9, highFrom: '/kubepods' }), false));

  it('that a sample lacks compare with the last known ones', () => {
    assert.equal(above({ highEvents: 5 }, {}), false);
    assert.equal(above({ highEvents: 5 }, {}, { highEvents: 6 }), true);
    assert.equal(above({ highEvents: 5 }, {}, { highEvents: 5 }), false);
  });
});

describe('the end of a lifetime', () => {
  it('closes the open windows with the larger of the open and the closed five minutes', () => {
    for (const [first, then] of [
      [9, 5],
      [5, 9],
    ] as const) {
      const lifetime = after([
        [0, { real: first * MiB, anon: 2 }],
        [five, { real: then * MiB, anon: 3 }],
      ]);
      lifetime.end();
      near(lifetime.aggregate.hours.totalAt(monday), 1);
      assert.equal(lifetime.aggregate.largest(monday), 9 * MiB);
      assert.equal(dayOf(lifetime)?.anon, 3);
    }
  });

  it('without a sample adds nothing', () => {
    const lifetime = begun();
    lifetime.end();
    assert.deepEqual(lifetime.aggregate, new UsageAggregate());
  });

  it('gives one hour for each hour with a sample, and the largest real, for any samples', () => {
    const samples = fc.array(fc.tuple(fc.nat(3 * day), fc.nat(2_000)), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(samples, (all) => {
        const sorted = all.toSorted(([a], [b]) => a - b);
        const lifetime = after(sorted.map(([at, real]) => [at, { real: real * MiB }] as const));
        lifetime.end();
        const hours = new Set(sorted.map(([at]) => Math.floor(at / hour)));
        const expected = [...hours].reduce((sum, n) => sum + weightAt(monday + n * hour, 7), 0);
        near(lifetime.aggregate.hours.totalAt(monday), expected / weightAt(monday, 7));
        const fives = new Set(sorted.map(([at]) => Math.floor(at / five)));
        const expectedFives = [...fives].reduce((sum, n) => sum + weightAt(monday + n * five, 7), 0);
        near(lifetime.aggregate.usage.totalAt(monday), expectedFives / weightAt(monday, 7));
        const most = Math.max(...sorted.map(([, real]) => real)) * MiB;
        assert.deepEqual([lifetime.peak, lifetime.aggregate.largest(monday + 3 * day)], [most, most]);
      }),
    );
  });
});

describe('the state of a lifetime', () => {
  const full: LifetimeState = {
    ...new ContainerLifetime('/a', { inode: 1 }).state,
    ...{ since: monday, peak: 9, key, pod: 'cart-1', fiveStart: monday + five, fivePeak: 5 },
    ...{ hourStart: monday, hourPeak: 9, hourLeast: 1, cacheLeast: 3, dayStart: monday, dayCache: 2 },
    ...{ unsortedLeast: 4, dayUnsorted: 3, refaulted: 100 },
    leakDetector: { span: hour, start: monday - hour, values: [7] },
  };

  it('opens as it was written', () => assert.deepEqual(new ContainerLifetime('/a', full).state, full));

  it('without the start of the hour opens without windows, and without that of the day without its cache', () => {
    const { hourStart: _, ...noHour } = full;
    assert.deepEqual(Object.keys(new ContainerLifetime('/a', noHour).state).toSorted(), [
      ...['inode', 'key', 'leakDetector', 'path', 'peak', 'pod', 'since'],
    ]);
    const { dayStart: __, ...noDay } = full;
    const { dayCache, dayUnsorted, hourPeak } = new ContainerLifetime('/a', noDay).state;
    assert.deepEqual([dayCache, dayUnsorted, hourPeak], [undefined, undefined, 9]);
    const { fiveStart: ___, ...noFive } = full;
    assert.equal(new ContainerLifetime('/a', noFive).state.fivePeak, undefined);
  });

  it('that a running lifetime takes up leaves it the parts of its open five minutes', () => {
    const lifetime = after([[0, { real: 1, anon: 3 }]]);
    lifetime.restore({ ...lifetime.state, peak: 9 });
    after([[five, { real: 1 }]], lifetime);
    assert.deepEqual([lifetime.peak, dayOf(lifetime)?.anon], [9, 3]);
  });

  it('lets the next agent continue: the result is that of one agent', () => {
    const samples = Array.from(
      { length: 60 },
      (_, n) => [n * 37 * minute, { real: ((n * 7919) % 100) * MiB, activeFile: 9, refaulted: n }] as const,
    );
    const whole = after(samples);
    let parts = begun();
    for (const one of samples) {
      const { aggregate, state } = parts;
      parts = after([one], new ContainerLifetime('/a', state, aggregate));
    }
    for (const one of [whole, parts]) one.end();
    near(parts.aggregate.hours.totalAt(monday), whole.aggregate.hours.totalAt(monday));
    assert.deepEqual(
      parts.aggregate.days.values().map(({ peak, cache }) => [peak, cache]),
      whole.aggregate.days.values().map(({ peak, cache }) => [peak, cache]),
    );
  });
});
