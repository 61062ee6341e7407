/** What a probe changes in a recommendation: which probe counts, and what it does with the needed and the cold cache. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../src/model/bytes.ts';
import type { CgroupSample } from '../../src/model/cgroup.ts';
import type { Pod } from '../../src/model/pod.ts';
import { advise } from '../../src/recommend/advise.ts';
import { keepCache } from '../../src/recommend/cache.ts';
import { adviseOn } from '../../src/recommend/learning.ts';
import { applyProbe, probeIn, probeOf } from '../../src/recommend/probed.ts';
import { UsageAggregate } from '../../src/usage/aggregate.ts';
import type { Probe } from '../../src/usage/aggregate-entries.ts';
import { closeWindows } from '../../src/usage/history.ts';
import { keyOf, monday, type PlayedContainer, play } from '../usage/made/played.ts';
import { aggregateWith, before, day, hour, inMiB, MiB, now, reasonIn } from './rule.ts';

const probe = (more: Partial<Probe> = {}): Probe => ({
  ...{ pod: 'cart-1', at: now - day, neededCacheBytes: 32 * MiB, coldCacheBytes: 64 * MiB },
  ...{ errorBytes: MiB, watchedSeconds: 60 },
  ...more,
});
const withProbes = (...probes: readonly Probe[]): UsageAggregate => {
  const aggregate = new UsageAggregate();
  for (const one of probes) aggregate.probed(one);
  return aggregate;
};
const chosen = (aggregate: UsageAggregate, at = now) => {
  const found = probeOf(aggregate, at);
  return found && [found.pod, found.old];
};

describe('the probe that counts', () => {
  it('is none without one', () => assert.equal(probeOf(new UsageAggregate(), now), undefined));

  it('is that of the replica that needs most', () =>
    assert.deepEqual(
      chosen(withProbes(probe({ neededCacheBytes: MiB }), probe({ pod: 'cart-2', at: now - 2 * day }))),
      ['cart-2', undefined],
    ));

  it('is old after 30 days, and then another one comes first', () => {
    const aggregate = withProbes(probe({ at: now - 30 * day }));
    assert.deepEqual(chosen(aggregate), ['cart-1', undefined]);
    assert.deepEqual(chosen(aggregate, now + 1), ['cart-1', 'age']);
    aggregate.probed(probe({ pod: 'cart-2', neededCacheBytes: 0 }));
    assert.deepEqual(chosen(aggregate, now + 1), ['cart-2', undefined]);
  });

  it('is old after a roll-out: the pod created last has another template', () => {
    const aggregate = withProbes(probe({ revision: 1 }));
    assert.deepEqual(chosen(aggregate), ['cart-1', undefined], 'no revision is known');
    aggregate.created(1, now - 2 * day);
    assert.deepEqual(chosen(aggregate), ['cart-1', undefined]);
    aggregate.created(2, now);
    assert.deepEqual(chosen(aggregate), ['cart-1', 'roll-out']);
    aggregate.created(1, now + 1);
    assert.deepEqual(chosen(aggregate), ['cart-1', undefined], 'rolled back');
  });

  it('is not old where its owner has no revisions', () => {
    const aggregate = withProbes(probe());
    aggregate.created(2, now);
    assert.deepEqual(chosen(aggregate), ['cart-1', undefined]);
  });

  it('is one that saw cache come back rather than an upper bound, however large that is', () =>
    assert.deepEqual(
      chosen(
        withProbes(
          probe({ pod: 'cart-2', neededCacheBytes: 900 * MiB, isAtMost: true }),
          probe({ neededCacheBytes: MiB }),
        ),
      ),
      ['cart-1', undefined],
    ));
});

describe('applyProbe', () => {
  type Days = NonNullable<Parameters<typeof aggregateWith>[0]['days']>;
  const applied = (days: Days, more: Partial<Probe> = {}, rolledOut = false, limit?: number) => {
    const setting = limit === undefined ? {} : { setting: { limit: limit * MiB } };
    const aggregate = aggregateWith({ days, ...setting });
    aggregate.probed(probe(more));
    if (rolledOut) aggregate.created(99, now);
    const found = probeOf(aggregate, now) ?? assert.fail();
    return applyProbe(before, keepCache(before, aggregate, now), found, aggregate, now);
  };

  it('adds the needed cache to the request, gives the limit room for it beside the largest real, and drops cold cache', () => {
    const after = applied({ 0: { peak: 180, cache: 96 } });
    assert.deepEqual(inMiB(after.request), [132, 112, 152]);
    assert.deepEqual(inMiB(after.limit), [224, 224, 300]);
    assert.equal(
      reasonIn(after),
      'Probe of cart-1 on 2024-10-03 (watched for 1 min): it needs 32Mi of page cache, and 64Mi is cold. Request + 32Mi; limit at least 224Mi (largest real 180Mi + 32Mi + the error of 1Mi + 10.6Mi to spare). Cold cache is in neither.',
    );
  });

  it('leaves the limit where its room for larger peaks holds the needed cache too', () =>
    assert.deepEqual(inMiB(applied({ 0: { peak: 100, cache: 96 } }).limit), [200, 150, 300]));

  it('adds nothing for a container that needs no page cache', () => {
    const after = applied({ 0: { peak: 100, unsorted: 96 } }, { neededCacheBytes: 0 });
    assert.deepEqual([after.request, inMiB(after.limit)], [before.request, [200, 150, 300]]);
  });

  it('replaces what was read back in the past', () =>
    assert.deepEqual(
      inMiB(applied({ 0: { peak: 100, cache: 96, refaulted: 96 } }).request),
      [132, 112, 152],
    ));

  describe('with an upper bound', () => {
    const isAtMost = { isAtMost: true } as const;

    it('limits what the limit keeps, and adds nothing to the request', () => {
      const after = applied({ 0: { peak: 180, cache: 96 } }, isAtMost);
      assert.deepEqual(after.request, before.request);
      assert.deepEqual(inMiB(after.limit), [224, 224, 300]);
      assert.match(
        reasonIn(after),
        /: it needs at most 32Mi of page cache \(too little of the last step was reread\), and 64Mi is cold\. The limit covers the largest real \(/,
      );
    });

    it('keeps no more than without the probe', () => {
      const after = applied({ 0: { peak: 180, cache: 5 } }, isAtMost);
      assert.deepEqual(inMiB(after.limit), [205, 155, 300]);
    });

    it('limits what was read back in the request', () => {
      const after = applied({ 0: { peak: 100, cache: 96, refaulted: 96 } }, isAtMost);
      assert.deepEqual(inMiB(after.request), [132, 112, 152]);
    });

    it('counts in the limit where no day shows how much cache stays', () =>
      assert.deepEqual(inMiB(applied({ 0: { peak: 190 } }, isAtMost).limit), [234, 234, 300]));
  });

  describe('with an old probe', () => {
    it('keeps the larger of the values with and without it, with the reasons of both, and asks for another probe', () => {
      const after = applied({ 0: { peak: 180, cache: 96 } }, { at: now - 31 * day });
      assert.deepEqual(
        [inMiB(after.request), inMiB(after.limit)],
        [
          [132, 112, 152],
          [296, 246, 396],
        ],
      );
      assert.match(after.because.at(-2) ?? '', /^96Mi of its page cache was active all the time/);
      assert.match(
        after.because.at(-1) ?? '',
        /The probe is old: it was more than 30 days ago\. Request and limit are the larger of those with and without it\. Probe again\.$/,
      );
      const rolledOut = applied({ 0: { peak: 180 } }, { revision: 1 }, true);
      assert.match(
        rolledOut.because.at(-1) ?? '',
        /The probe is old: it was before the last roll-out\. Request/,
      );
    });

    it('goes on while the limit is the one that the probe led to: whoever applies a suggestion rolls out', () => {
      const days = { 0: { peak: 180, cache: 96 } };
      for (const [limit, most] of [
        [224, 224],
        [240, 224],
        [250, 250],
        [280, 280],
        [400, 296],
        [180, 296],
      ] as const) {
        const after = applied(days, { revision: 1 }, true, limit);
        assert.equal(Math.round(after.limit.target / MiB), most, `${limit}`);
        assert.match(
          after.because.at(-1) ?? '',
          /The probe is old: it was before the last roll-out.* Probe again\.$/,
        );
      }
    });

    it('that is an upper bound changes nothing', () => {
      const after = applied({ 0: { peak: 180, cache: 5 } }, { at: now - 31 * day, isAtMost: true });
      assert.deepEqual([after.request, inMiB(after.limit)], [before.request, [205, 155, 305]]);
      assert.match(
        after.because.at(-1) ?? '',
        /it was more than 30 days ago\. It does not count: it is an upper bound\. Probe again\.$/,
      );
    });
  });
});

describe('the limit after a probe of a steady workload', () => {
  const needs = (real: number, hot: number, days: number, more: Partial<PlayedContainer> = {}) => {
    const one: PlayedContainer = {
      ...{ pod: 'cart-1', real: (at) => real * (1 - 0.03 * Math.abs(Math.sin(at / 5000))) },
      ...{ activeFile: () => hot + 60, inactiveFile: () => 40, request: 512, limit: 4096 },
      ...more,
    };
    const history = play([one], { days, stepSeconds: 300 });
    const aggregate = closeWindows(history.kept()).find(keyOf(one)) ?? assert.fail();
    const at = monday + days * day;
    const without = advise(aggregate, at) ?? assert.fail();
    const errorBytes = Math.max(MiB, 0.02 * hot * MiB);
    aggregate.probed(probe({ at, neededCacheBytes: hot * MiB, coldCacheBytes: 100 * MiB, errorBytes }));
    const found = advise(aggregate, at) ?? assert.fail();
    return { found, without, holds: (real + hot) * MiB };
  };

  for (const [real, hot] of [
    [20, 32],
    [20, 200],
    [100, 100],
    [100, 20],
    [400, 64],
    [400, 2000],
  ] as const)
    it(`holds ${real}Mi of real and ${hot}Mi of needed cache, and is at most 15 % above`, () => {
      for (const days of [8, 14]) {
        const { found, without, holds } = needs(real, hot, days);
        const { limit, request, probe: used } = found;
        assert.ok(limit.target >= holds, `${limit.target / MiB} of ${holds / MiB}`);
        assert.ok(limit.target <= 1.15 * holds, `${limit.target / MiB} of ${holds / MiB}`);
        assert.ok(request.target <= limit.target && request.target >= hot * MiB);
        assert.deepEqual(used?.without, { request: without.request.target, limit: without.limit.target });
        assert.ok(without.limit.target > limit.target, 'cold cache leaves the limit');
      }
    });
});

describe('a suggestion after a probe, once it is applied', () => {
  /** A week, and then a probe. In MiB. @param limit in force */
  const suggestedBy = (
    { real, cache, needed }: { readonly real: number; readonly cache: number; readonly needed: number },
    more: Partial<Probe> = {},
    limit?: number,
  ) => {
    const one: PlayedContainer = { pod: 'cart-1', real: () => real, activeFile: () => cache };
    const aggregate = closeWindows(play([one], { days: 7, stepSeconds: 300 }).kept()).find(keyOf(one));
    assert.ok(aggregate);
    const at = monday + 7 * day;
    const neededCacheBytes = needed * MiB;
    aggregate.probed(probe({ at, neededCacheBytes, coldCacheBytes: 100 * MiB, revision: 1, ...more }));
    aggregate.created(limit === undefined ? 1 : 2, at);
    aggregate.setting = { type: 'container', ...(limit !== undefined && { limit: bytes(limit * MiB) }) };
    const found = advise(aggregate, at) ?? assert.fail();
    return { ...found, mebibytes: found.limit.target / MiB, why: found.because.join('\n') };
  };
  const steady = { real: 100, cache: 150, needed: 5 };

  it('stays where it follows from an upper bound', () => {
    const bound = { ...steady, needed: 30 };
    const fresh = suggestedBy(bound, { isAtMost: true });
    const after = suggestedBy(bound, { isAtMost: true }, fresh.mebibytes);
    assert.deepEqual([fresh.mebibytes, after.mebibytes], [138, 138]);
    assert.match(after.why, /It still counts, because the current limit came from it\. Probe again\./);
    assert.equal(after.probe?.isUnused, undefined);
  });

  it('does not follow from an old upper bound where the limit in force is another one', () => {
    const { mebibytes, why, probe: used } = suggestedBy({ ...steady, needed: 30 }, { isAtMost: true }, 130);
    assert.deepEqual([mebibytes, used?.isUnused], [138, undefined], 'near');
    const other = suggestedBy({ ...steady, needed: 30 }, { isAtMost: true }, 512);
    assert.deepEqual([other.mebibytes, other.probe?.isUnused], [272, true]);
    assert.doesNotMatch(other.why, /Without the probe/);
    assert.match(why, /Without the probe/);
  });

  it('is not raised by the age of the probe where somebody rounded it up', () => {
    assert.equal(suggestedBy(steady).mebibytes, 122);
    for (const [limit, then] of [
      [130, 122],
      [150, 150],
      [200, 200],
      [512, 272],
      [100, 272],
    ] as const) {
      const found = suggestedBy(steady, {}, limit);
      assert.equal(found.mebibytes, then, `${limit}`);
      if (limit >= 122) assert.ok(found.limit.lower <= limit * MiB, `${limit} is not too low`);
    }
    assert.match(
      suggestedBy(steady, {}, 150).why,
      /The current limit has room for what it found, so its age does not raise it\. Probe again\./,
    );
    assert.equal(suggestedBy({ ...steady, needed: 30 }, { isAtMost: true }, 160).mebibytes, 160);
  });

  it('is the least limit that a runtime starts for a tiny container, and stays that', () => {
    const tiny = { real: 5, cache: 15, needed: 2 };
    assert.equal(suggestedBy(tiny).mebibytes, 12);
    assert.equal(suggestedBy(tiny, {}, 12).mebibytes, 12);
  });
});

describe('a probe of a container that leaks', () => {
  const leaking = (limit?: number) => {
    const one: PlayedContainer = { pod: 'cart-1', real: () => 100 };
    const aggregate = closeWindows(play([one], { days: 7, stepSeconds: 300 }).kept()).find(keyOf(one));
    assert.ok(aggregate);
    const at = monday + 7 * day;
    aggregate.leaks = [
      { pod: 'cart-1', perDay: MiB, since: monday, until: at, from: 95 * MiB, to: 100 * MiB },
    ];
    if (limit !== undefined) aggregate.setting = { type: 'container', limit: bytes(limit * MiB) };
    aggregate.probed(probe({ at, neededCacheBytes: 200 * MiB }));
    const { limit: most, request, because } = advise(aggregate, at) ?? assert.fail();
    return { most: most.target / MiB, least: request.target / MiB, why: because.join('\n') };
  };

  it('gives its limit room for the needed cache beside the growth', () => {
    const { most, least, why } = leaking();
    assert.ok(most >= 301, `${most}`);
    assert.ok(least > 200 && least <= most, `${least}`);
    assert.match(why, /reaches in 7 days, with room for what the probe found\./);
  });

  it('leaves a limit in force, and says that the probe asks for more', () => {
    const { most, why } = leaking(150);
    assert.equal(most, 150);
    assert.match(why, /The limit stays, below the 316Mi that the probe asks for, and the leak reaches it/);
  });
});

describe('the probe that explain shows', () => {
  const shown = (...probes: readonly Probe[]): string | undefined => {
    const aggregate = withProbes(...probes);
    const key = { namespace: 'shop', workload: 'Deployment/cart', container: 'cart' };
    const pod: Pod = { uid: 'u', namespace: 'shop', name: 'cart-1', labels: {}, containers: [] };
    const sample = { id: { path: '/a', inode: 1 } } as unknown as CgroupSample;
    return probeIn({ aggregateOf: () => ({ key, aggregate }) as never })({ sample, pod }, 1000 * now)?.pod;
  };

  it('is that of the container itself, else that of the replica that needs most', () => {
    const other = probe({ pod: 'cart-2', neededCacheBytes: 900 * MiB });
    assert.equal(shown(probe(), other), 'cart-1');
    assert.equal(shown(other), 'cart-2');
    assert.equal(shown(), undefined);
  });

  it('is its own old one only where all are old', () => {
    const own = probe({ at: now - 31 * day });
    assert.equal(shown(own, probe({ pod: 'cart-2' })), 'cart-2');
    assert.equal(
      shown(own, probe({ pod: 'cart-2', at: now - 32 * day, neededCacheBytes: 900 * MiB })),
      'cart-1',
    );
  });
});

describe('a probe in the first day', () => {
  it('is named, changes no value, and counts with --min-confidence low', () => {
    const one: PlayedContainer = { pod: 'cart-1', real: () => 20, request: 64, limit: 256 };
    const aggregate = closeWindows(play([one], { days: 1 / 24 }).kept()).find(keyOf(one)) ?? assert.fail();
    aggregate.probed(probe({ at: monday }));
    const found = adviseOn(aggregate, keyOf(one).workload, monday + hour) ?? assert.fail();
    assert.deepEqual([found.learning?.request, found.learning?.limit], [64 * MiB, 256 * MiB]);
    assert.match(found.learning?.because.join('\n') ?? '', /^Probe of cart-1 on 2024-10-07 /m);
    assert.ok(found.request.target >= 52 * MiB && found.limit.target >= 53 * MiB);
  });
});
