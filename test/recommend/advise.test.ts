/** What `advise` decides around the rules: the first proposal, the odd replica, rounding, and the evidence. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Setting } from '../../src/model/container-key.ts';
import type { Recommendation } from '../../src/model/recommendation.ts';
import { advise, evidenceOf } from '../../src/recommend/advise.ts';
import { UsageAggregate } from '../../src/usage/aggregate.ts';
import type { Day } from '../../src/usage/packed/days.ts';
import { day, hour, MiB, midnight } from './rule.ts';

interface Facts {
  readonly setting?: Partial<Setting>;
  /** Of the first day, in MiB. */
  readonly note?: Omit<Day, 'peak'>;
}

/** An aggregate of hourly peaks in MiB, and the end of its last hour. */
function observed(
  peaks: readonly number[],
  { setting, note }: Facts = {},
): readonly [UsageAggregate, number] {
  const aggregate = new UsageAggregate();
  for (const [index, peak] of peaks.entries()) {
    aggregate.hour(peak * MiB, midnight + index * hour);
    aggregate.usage.add(peak * MiB, midnight + index * hour, 12);
  }
  const now = midnight + peaks.length * hour;
  aggregate.seen(now);
  if (setting !== undefined) aggregate.setting = { type: 'container', ...setting };
  if (note !== undefined) aggregate.note(midnight, note);
  return [aggregate, now];
}

/** @param change of the aggregate before the advice */
function advised(
  peaks: readonly number[],
  facts: Facts = {},
  change: (aggregate: UsageAggregate, now: number) => void = () => {},
): Recommendation {
  const [aggregate, now] = observed(peaks, facts);
  change(aggregate, now);
  return advise(aggregate, now) ?? assert.fail('no advice');
}

const hours = (count: number, peak = 100): readonly number[] => new Array<number>(count).fill(peak);
/** Each day twice as high as the one before: nothing looks like a ceiling. */
const varied = (days: number): readonly number[] =>
  Array.from(
    { length: 24 * days },
    (_, index) => 100 * 2 ** Math.floor(index / 24) * (index % 24 === 5 ? 1 : 0.3),
  );
const said = ({ because }: Recommendation): string => because.join('\n');

describe('advise', () => {
  it('is undefined without history, even with a setting and a kill count', () => {
    const aggregate = new UsageAggregate();
    assert.equal(advise(aggregate, midnight), undefined);
    aggregate.setting = { type: 'container', limit: 100 * MiB };
    aggregate.killCount = 3;
    assert.equal(advise(aggregate, midnight), undefined);
  });

  it('has the confidence of the length of the history: low under a day, medium under a week, then high', () => {
    const of = (count: number) => advised(hours(count)).confidence;
    assert.deepEqual([1, 23, 24, 167, 168].map(of), ['low', 'low', 'medium', 'medium', 'high']);
    assert.equal(advised(hours(36)).days, 1.5);
  });

  it('expects more OOM kills with a lower current limit, and expects none now without a limit', () => {
    const { killsPerDay = 0, killsPerDayNow } = advised(hours(48), { setting: { limit: 90 * MiB } });
    assert.ok((killsPerDayNow ?? 0) > killsPerDay && killsPerDay > 0);
    assert.equal('killsPerDayNow' in advised(hours(48)), false);
    assert.equal('killsPerDayNow' in advised(hours(48), { setting: { request: MiB } }), false);
  });

  it('proposes at least the peak of today', () =>
    assert.match(said(advised([...hours(13 * 24), 900])), /^Limit 900Mi: best trade-off/m));

  it('widens the bounds of a request by a half after half a day, and by a fifteenth after a week', () => {
    // The histogram adds up to 2 %.
    for (const [count, wide] of [
      [12, 1.5],
      [7 * 24, 1 + 1 / 15],
    ] as const) {
      const { lower, target, upper } = advised(hours(count)).request;
      assert.equal(target, 100 * MiB);
      assert.ok(upper >= wide * target && upper <= 1.03 * wide * target, `${upper / MiB}`);
      assert.ok(lower >= target / wide && lower <= (1.03 * target) / wide, `${lower / MiB}`);
    }
  });

  it('names the leak only while it continues', () => {
    const leaks = (ago: number) =>
      advised(hours(48), {}, (aggregate, now) => {
        const until = now - ago;
        aggregate.leaks = [{ pod: 'a', perDay: MiB, since: midnight, from: MiB, until, to: 2 * MiB }];
      });
    assert.equal(leaks(60).leak?.pod, 'a');
    assert.equal('leak' in leaks(2 * day), false);
  });

  it('applies the rules in the order of the documentation, so the reasons are in that order', () => {
    const { because } = advised(
      hours(12 * 24),
      {
        setting: { request: 64 * MiB, limit: 128 * MiB, heap: { runtime: 'unknown' } },
        note: {},
      },
      (aggregate, now) => {
        aggregate.note(now - 60, { atLimit: 128 * MiB, throttled: 120 * MiB, cache: 40 * MiB });
        aggregate.kills = [{ pod: 'a', lifetime: 'x', at: now - 3 * day, limit: 128 * MiB }];
        aggregate.killCount = 1;
        aggregate.leaks = [{ pod: 'a', perDay: MiB, since: midnight, from: MiB, until: now, to: 2 * MiB }];
        for (const [index, peak] of [400, 100, 90].entries())
          aggregate.replica(`r-${index}`, peak * MiB, now);
      },
    );
    const starts = [
      ...['Request', 'Largest real', 'Limit', 'OOM killed', 'Real reached', 'The kernel throttled'],
      ...['Limit at least', '40Mi of its page cache', 'Leak:', 'r-0 reached'],
    ];
    const places = starts.map((start, from) =>
      because.findIndex((one, at) => at >= from && one.startsWith(start)),
    );
    assert.ok(!places.includes(-1), `${places} of ${because.join('\n')}`);
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
  });
});

describe('the first reasons', () => {
  it('name the largest real with its date, and the number of days, or the time observed before there is a day', () => {
    assert.match(said(advised(hours(5))), /^Largest real in 5\.0 h: 100Mi, on 2024-10-04$/m);
    assert.match(said(advised(hours(5))), /p95 of the 5-minute peaks \(100Mi\) in 5\.0 h$/m);
    assert.match(said(advised(varied(3))), /p95 of the 5-minute peaks \(.*\)$/m);
    assert.match(said(advised(varied(3))), /^Largest real in 3 days: 400Mi, on 2024-10-06$/m);
  });

  it('name the OOM kill instead where the largest is 1.15 × the limit of a kill, within 1 %', () => {
    const with1 = (limit?: number) =>
      said(
        advised(hours(48, 115), {}, (aggregate) => {
          const kill = { pod: 'a', lifetime: 'x', at: midnight };
          aggregate.kills = [limit === undefined ? kill : { ...kill, limit: limit * MiB }];
        }),
      );
    assert.match(with1(100), /^Largest need in 2 days: 115Mi, from an OOM kill \(its limit × 1\.15\)$/m);
    assert.match(with1(99.1), /from an OOM kill/);
    assert.match(with1(98.9), /^Largest real in 2 days/m);
    assert.match(with1(), /^Largest real in 2 days/m);
  });

  it('compare with kubectl top from more than 1.25 × the largest real on', () => {
    const top = (workingSet: number) => said(advised(hours(48), { note: { workingSet: workingSet * MiB } }));
    assert.doesNotMatch(top(125), /kubectl top/);
    assert.match(top(125.5), /^kubectl top showed up to 126Mi: the part above real is page cache that/m);
  });

  it('name tmpfs from more than a quarter of the largest real on', () => {
    const tmpfs = (shmem: number) => said(advised(hours(48), { note: { shmem: shmem * MiB } }));
    assert.doesNotMatch(tmpfs(25), /tmpfs/);
    assert.match(tmpfs(25.1), /^Up to 25\.1Mi of real was on tmpfs: the kernel charges it as memory$/m);
  });

  it('name a ceiling of days or hours, and none where they vary', () => {
    assert.doesNotMatch(said(advised(varied(4))), /as if something capped it/);
    assert.match(
      said(advised(hours(4 * 24))),
      /^(Its 3 largest days|A tenth of its hours) reached .*, as if something capped it: realmem expects far larger peaks 10 times less often than if its (days|hours) varied$/m,
    );
  });

  it('say less than 0.001 OOM kills a day where the rate would round to 0', () => {
    assert.match(said(advised(varied(3))), /headroom\) and risk \(≈ 0\.0\d\d OOM kills\/day\)/);
    // The limit covers today's peak, which none of the other replicas reached.
    const many = advised([...hours(13 * 24), 900], {}, (aggregate, now) =>
      aggregate.hours.add(100 * MiB, now, 24 * 20_000),
    );
    assert.match(said(many), /headroom\) and risk \(< 0\.001 OOM kills\/day\)/);
  });
});

describe('the odd replica', () => {
  const odd = (peaks: readonly number[], running = peaks.length): Recommendation =>
    advised(hours(48), {}, (aggregate, now) => {
      for (const [index, peak] of peaks.entries()) aggregate.replica(`r-${index}`, peak * MiB, now);
      aggregate.running = running;
    });

  it('is the one above 1.5 × the second, not the one at exactly 1.5 ×', () => {
    assert.equal(odd([90, 151, 100]).oddReplica, 'r-1');
    assert.match(
      said(odd([90, 151, 100])),
      /^r-1 reached 151Mi, each of the 2 others at most 100Mi: check r-1 first$/m,
    );
    assert.equal('oddReplica' in odd([90, 150, 100]), false);
  });

  it('does not exist among two replicas, and exists among two known ones of three that run', () => {
    assert.equal(odd([400, 100]).oddReplica, undefined);
    assert.equal(odd([400, 100], 3).oddReplica, 'r-0');
    assert.equal(odd([400], 9).oddReplica, undefined);
    assert.equal(odd([], 9).oddReplica, undefined);
  });

  it('is compared with the number that run, and with two others where fewer run now', () => {
    assert.match(said(odd([400, 100, 90], 50)), /each of the 49 others/);
    assert.match(said(odd([400, 100, 90], 0)), /each of the 2 others/);
  });

  it('does not exist where two replicas are high: the second is as high', () =>
    assert.equal(odd([400, 399, 100, 90]).oddReplica, undefined));
});

describe('the final values', () => {
  it('have a limit of at least 12Mi with its reason, and no such reason at 12Mi', () => {
    const small = advised(hours(48, 3));
    assert.deepEqual([small.limit.target, small.limit.lower >= 12 * MiB], [12 * MiB, true]);
    assert.ok(small.request.target <= 4 * MiB);
    assert.match(said(small), /^Limit 12Mi: container runtimes do not start a container with less$/m);
    const leak = (limit: number) =>
      advised(hours(48, 3), { setting: { limit: limit * MiB } }, (aggregate, now) => {
        aggregate.leaks = [{ pod: 'a', perDay: 1, since: midnight, from: 1, until: now, to: 2 }];
      });
    assert.doesNotMatch(said(leak(12)), /container runtimes/);
    assert.match(said(leak(11)), /container runtimes/);
  });

  it('make the request the limit only for a request that is equal to the limit', () => {
    const equal = advised(hours(48), { setting: { request: 512 * MiB, limit: 512 * MiB } });
    assert.deepEqual(equal.request, equal.limit);
    assert.match(said(equal), /stay equal: both get the limit$/m);
    for (const setting of [
      { request: 511 * MiB, limit: 512 * MiB },
      { request: 512 * MiB },
      { limit: 512 * MiB },
      {},
    ]) {
      const apart = advised(hours(48), { setting });
      assert.ok(apart.request.target < apart.limit.target);
      assert.doesNotMatch(said(apart), /stay equal/);
    }
  });

  it('lower a request above the limit to the limit', () => {
    const { request, limit } = advised(hours(48, 200), { setting: { limit: 64 * MiB } }, (aggregate, now) => {
      aggregate.setting = { type: 'container', limit: 64 * MiB, heap: { runtime: 'JVM', share: 0.5 } };
      aggregate.seen(now);
    });
    assert.deepEqual([request.target, limit.target], [64 * MiB, 64 * MiB]);
    assert.ok(request.lower <= request.target && request.upper >= request.target);
  });

  it('are whole mebibytes in order, with the request within the limit, for any history and setting', () => {
    const size = fc.option(fc.integer({ min: 0, max: 600 }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 60 }),
        fc.record({ request: size, limit: size, kill: size, cache: size, atLimit: size }),
        (peaks, { request, limit, kill, cache, atLimit }) => {
          const setting = {
            ...(request !== undefined && { request: request * MiB }),
            ...(limit !== undefined && { limit: limit * MiB }),
          };
          const note = {
            ...(cache !== undefined && { cache: cache * MiB }),
            ...(atLimit !== undefined && { atLimit: atLimit * MiB }),
          };
          const found = advised(peaks, { setting, note }, (aggregate, now) => {
            if (kill !== undefined)
              aggregate.killed({ pod: 'a', lifetime: 'x', at: now - 60, limit: kill * MiB });
          });
          for (const { target, lower, upper } of [found.request, found.limit]) {
            assert.ok(0 <= lower && lower <= target && target <= upper, `${lower} ${target} ${upper}`);
            for (const bound of [target, lower, upper]) assert.equal(bound % MiB, 0);
          }
          assert.ok(found.request.target <= found.limit.target && found.limit.target >= 12 * MiB);
          if (request !== undefined && request === limit) assert.deepEqual(found.request, found.limit);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are the same for the same aggregate, which advise does not change', () => {
    const [aggregate, now] = observed(varied(3), { setting: { limit: 512 * MiB } });
    const first = advise(aggregate, now);
    assert.deepEqual(advise(aggregate, now), first);
    assert.equal(aggregate.kills.length + aggregate.leaks.length, 0);
  });
});

describe('evidenceOf', () => {
  it('is empty without history: no peaks, no hours, and far peaks as often as elsewhere', () =>
    assert.deepEqual(evidenceOf(new UsageAggregate(), midnight), {
      ...{ usedBytes: 0, peaksBytes: [], farMore: 1, hours: [] },
    }));

  it('has the peaks largest first in whole bytes, and leaves out hours with less than 1 % of their weight', () => {
    const [aggregate, now] = observed([...hours(24, 50), ...hours(24, 80.0000001)]);
    const evidence = evidenceOf(aggregate, now);
    assert.deepEqual(evidence.peaksBytes, [80 * MiB, 50 * MiB]);
    assert.equal(evidence.hours.length, 2);
    assert.ok(evidence.hours.every(([size, count]) => Number.isInteger(size) && count > 20 && count <= 24));
    // Eight half-lives later an hour weighs a 256th.
    const later = evidenceOf(observed([60])[0], midnight + 8 * 7 * day);
    assert.deepEqual(later.hours, []);
  });
});
