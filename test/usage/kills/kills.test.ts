/** OOM kills from the kernel or the API to a suggestion: over restarts, in pods and outside, at a limit and for the node. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { account } from '../../../src/account/account.ts';
import { realOf } from '../../../src/account/memory.ts';
import { decodeCheckpoint } from '../../../src/checkpoint/read.ts';
import { encodeCheckpoint } from '../../../src/checkpoint/write.ts';
import { identify, Names } from '../../../src/identify/names.ts';
import { roleOf } from '../../../src/identify/role.ts';
import { bytes } from '../../../src/model/bytes.ts';
import type { CgroupDetails, CgroupVersion } from '../../../src/model/cgroup.ts';
import type { OomKilled, Pod } from '../../../src/model/pod.ts';
import type { Suggestion } from '../../../src/model/recommendation.ts';
import type { UsageAggregate } from '../../../src/usage/aggregate.ts';
import { closeWindows, History } from '../../../src/usage/history.ts';
import { bytesOf } from '../../../src/usage/log-histogram.ts';
import { suggestFrom } from '../../suggest/suggest-from.ts';

const MiB = 2 ** 20;
const [minute, hour, day] = [60, 3600, 86_400];
const start = Date.parse('2026-11-23T09:00:00Z') / 1000;
const uid = '12345678-1234-1234-1234-123456789012';
const podPath = `/kubepods/burstable/pod${uid}`;
/** The container ID for a number. */
const lifeId = (lifetime: number): string => lifetime.toString(16).padStart(12, '0').padEnd(64, '0');

/** One pass: the cgroups of the kernel and the pods of the API. */
interface Shown {
  /** By path. `real` in MiB, default 20. */
  readonly cgroups: Readonly<Record<string, Seen>>;
  /** OOM kills that the API reports; absent: the API does not know the pod. */
  readonly api?: readonly OomKilled[];
  readonly limit?: number;
  /** Lifetimes that the API names. */
  readonly lifetimes?: readonly number[];
}
type Seen = CgroupDetails & {
  readonly real?: number;
  readonly inode?: number;
  readonly version?: CgroupVersion;
};

const ended = (lifetime: number, at: number): OomKilled => ({
  id: lifeId(lifetime),
  at: new Date(1000 * at).toISOString().replace('.000', ''),
});

function podOf({ api = [], limit = 40, lifetimes = [1] }: Shown): Pod {
  const ids = [...new Set([...lifetimes.map(lifeId), ...api.map(({ id }) => id)])];
  return {
    ...{ uid, namespace: 'shop', name: 'cart-1', labels: {}, workload: 'Deployment/cart' },
    containers: [
      {
        ...{ name: 'web', type: 'container', ids, running: true },
        ...(limit > 0 && { limit: bytes(limit * MiB) }),
        ...(api.length > 0 && { oomKilled: api }),
      },
    ],
  };
}

function pass(history: History, shown: Shown, at: number): void {
  const pods = shown.api === undefined ? [] : [podOf(shown)];
  const observations = Object.entries(shown.cgroups).map(([path, seen]) => {
    const { real = 20, inode = 1, version = 2, ...details } = seen;
    const amount = bytes(real * MiB);
    const sample = {
      ...{ id: { path, inode }, version, usage: amount, details, faults: [] },
      stat: { anon: amount, activeFile: bytes(0), inactiveFile: bytes(0) },
    };
    return { role: roleOf(path), sample };
  });
  history.sampled(observations, { realOf, pageBytes: 4096, lru: 'classic' }, pods, 1000 * at);
  const identified = identify(observations, new Names(pods));
  history.identified(identified, 1000 * at);
  history.accounted(account(identified, history), 1000 * at);
}

const textOf = (history: History, at: number): string =>
  encodeCheckpoint({ node: 'node-1', at, ...history.kept() });

/** The agent restarts from its checkpoint. */
function restarted(history: History, at: number): History {
  const next = new History();
  next.restore(decodeCheckpoint('it', textOf(history, at)));
  return next;
}

const cart = { namespace: 'shop', workload: 'Deployment/cart', container: 'web' };
const service = { namespace: '', workload: 'service/indexer', container: '' };

function aggregateOf(history: History, key = cart): UsageAggregate {
  const aggregate = closeWindows(history.kept()).find(key);
  assert.ok(aggregate !== undefined, 'no history');
  return aggregate;
}
const countOf = (history: History, key = cart): number => aggregateOf(history, key).killCount;
const limitsOf = (history: History, key = cart): readonly (number | undefined)[] =>
  aggregateOf(history, key).kills.map(({ limit }) => limit && limit / MiB);

function suggested(history: History, at: number, workload = cart.workload): Suggestion {
  const histories = [decodeCheckpoint('it', textOf(history, at))];
  const found = suggestFrom(histories, at).items.find(({ key }) => key.workload === workload);
  assert.ok(found !== undefined, 'no suggestion');
  return found;
}

const lifetime = (number: number): string => `${podPath}/${lifeId(number)}`;

describe('kills over restarts of the agent', () => {
  /** Five agents, each of which continues the history of the last. */
  const fiveStarts = (shownAt: (at: number) => Shown): History => {
    let history = new History();
    for (let n = 0; n < 5; n++) {
      const at = start + n * hour;
      if (n > 0) history = restarted(history, at);
      pass(history, shownAt(at), at);
      pass(history, shownAt(at), at + minute);
    }
    return history;
  };
  const above = ({ hours }: UsageAggregate): number => {
    const { first, weights } = hours.at(start);
    return weights.reduce(
      (sum, weight, index) => (bytesOf(first + index) > 40 * MiB ? sum + weight : sum),
      0,
    );
  };

  it('do not count when they are older than the window, after five restarts', () => {
    const old = fiveStarts(() => ({
      cgroups: { [lifetime(2)]: {} },
      api: [ended(1, start - 20 * day)],
      lifetimes: [2],
    }));
    assert.equal(countOf(old), 0);
    assert.ok(aggregateOf(old).largest(start) < 25 * MiB);
    assert.ok(aggregateOf(old).since >= start - 1, 'it was not watched for 20 days');
  });

  it('count once when they happened yesterday', () => {
    const history = fiveStarts(() => ({
      cgroups: { [lifetime(2)]: {} },
      api: [ended(1, start - day)],
      lifetimes: [2],
    }));
    assert.equal(countOf(history), 1);
    assert.deepEqual(limitsOf(history), [40]);
  });

  it('count once each, even of more lifetimes than an aggregate lists', () => {
    const ends = Array.from({ length: 30 }, (_, n) => ended(100 + n, start - day + n * minute));
    const history = fiveStarts(() => ({ cgroups: { [lifetime(2)]: {} }, api: ends, lifetimes: [2] }));
    assert.equal(countOf(history), 30);
  });

  it('count once in a lifetime that continues, including those during the restart', () => {
    let history = new History();
    pass(history, { cgroups: { [lifetime(1)]: { oomKills: 0 } }, api: [] }, start);
    pass(history, { cgroups: { [lifetime(1)]: { oomKills: 2 } }, api: [] }, start + minute);
    assert.equal(countOf(history), 2);
    history = restarted(history, start + 2 * minute);
    pass(history, { cgroups: { [lifetime(1)]: { oomKills: 2 } }, api: [] }, start + 3 * minute);
    assert.equal(countOf(history), 2);
    assert.equal(history.lastKillOf(uid, 'web'), 1000 * (start + minute));
    history = restarted(history, start + 4 * minute);
    pass(history, { cgroups: { [lifetime(1)]: { oomKills: 5 } }, api: [] }, start + 5 * minute);
    assert.equal(countOf(history), 5);
  });

  it('do not count from before the first sample, but count after it', () => {
    const history = new History();
    pass(history, { cgroups: { [lifetime(1)]: { oomKills: 31 } }, api: [] }, start);
    assert.equal(countOf(history), 0);
    pass(history, { cgroups: { [lifetime(1)]: { oomKills: 32 } }, api: [] }, start + minute);
    assert.equal(countOf(history), 1);
    pass(history, { cgroups: {}, api: [ended(1, start + 90)] }, start + 2 * minute);
    assert.equal(countOf(history), 1);
  });

  it('do not count from before the first sample when the name comes later', () => {
    const history = new History();
    pass(history, { cgroups: { [lifetime(1)]: { oomKills: 31 } } }, start);
    pass(history, { cgroups: { [lifetime(1)]: { oomKills: 32 } } }, start + minute);
    pass(history, { cgroups: { [lifetime(1)]: { oomKills: 32 } }, api: [] }, start + 2 * minute);
    assert.equal(countOf(history), 1);
  });

  it('do not count while the API has no time for them, and count once when it has', () => {
    const history = new History();
    pass(history, { cgroups: { [lifetime(2)]: {} }, api: [{ id: lifeId(1) }], lifetimes: [2] }, start);
    assert.equal(countOf(history), 0);
    pass(history, { cgroups: { [lifetime(2)]: {} }, api: [ended(1, start)], lifetimes: [2] }, start + minute);
    assert.equal(countOf(history), 1);
  });

  it('count as now when the API dates them in the future', () => {
    const history = new History();
    pass(
      history,
      { cgroups: { [lifetime(2)]: {} }, api: [ended(1, start + 400 * day)], lifetimes: [2] },
      start,
    );
    assert.deepEqual(
      aggregateOf(history).kills.map(({ at }) => at),
      [start],
    );
  });

  it('count once per lifetime for a container that is killed three times an hour', () => {
    const history = new History();
    for (let n = 0; n < 72; n++) {
      const at = start + n * 20 * minute;
      const api = [n - 1, n]
        .filter((one) => one > 0)
        .map((one) => ended(one, start + one * 20 * minute - 30));
      pass(history, { cgroups: { [lifetime(n + 1)]: {} }, api, lifetimes: [n + 1] }, at);
    }
    assert.equal(countOf(history), 71);
  });

  it('count from 0 in a cgroup that was recreated under its old path', () => {
    const history = new History();
    const path = '/system.slice/indexer.service';
    pass(history, { cgroups: { [path]: { oomKills: 0 } } }, start);
    pass(history, { cgroups: { [path]: { oomKills: 2 } } }, start + minute);
    pass(history, { cgroups: { [path]: { oomKills: 2, inode: 2 } } }, start + 2 * minute);
    assert.equal(countOf(history, service), 4);
    // A reboot reuses inodes.
    pass(history, { cgroups: { [path]: { oomKills: 1, inode: 2 } } }, start + 3 * minute);
    assert.equal(countOf(history, service), 5);
  });

  it('count once after a checkpoint of an earlier agent without a list of lifetimes, which reads ours', () => {
    const history = new History();
    const shown = {
      cgroups: { [lifetime(2)]: { oomKills: 3 } },
      api: [ended(1, start - day)],
      lifetimes: [2],
    };
    pass(history, shown, start);
    const { kills: list, ...before } = JSON.parse(textOf(history, start)) as Record<string, unknown>;
    assert.ok(Array.isArray(list));
    const next = new History();
    next.restore(decodeCheckpoint('it', JSON.stringify(before)));
    pass(next, shown, start + minute);
    assert.equal(countOf(next), 1);
    for (const broken of [7, [], ['x'], [start, ['a'], [7, 1, 1, start], ['b', 1, 1, start]]])
      assert.equal(decodeCheckpoint('it', JSON.stringify({ ...before, kills: broken })).node, 'node-1');
  });

  it('count once when two checkpoints of one node both counted them', () => {
    const shown = { cgroups: { [lifetime(2)]: {} }, api: [ended(1, start - day)], lifetimes: [2] };
    const [young, older] = [new History(), new History()];
    for (const history of [older, young]) pass(history, shown, start);
    const alone = above(aggregateOf(older));
    young.restore(decodeCheckpoint('it', textOf(older, start)));
    assert.equal(countOf(young), 1);
    assert.ok(
      Math.abs(above(aggregateOf(young)) - alone) < 0.2,
      `${above(aggregateOf(young))} hours for ${alone}`,
    );
  });

  it('count as often as kernel and API report them, in any order and with any restarts', () => {
    const one = fc.record({
      counts: fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }),
      // Restarts of the agent after each pass, and whether an OOM kill ends the lifetime.
      starts: fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }),
      isKilled: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 12 }), (lifetimes) => {
        let [history, at, all] = [new History(), start, 0];
        let api: readonly OomKilled[] = [];
        const observe = (number: number, cgroups: Shown['cgroups'], starts = 0): void => {
          at += minute;
          pass(history, { cgroups, api, lifetimes: [number] }, at);
          for (let n = 0; n < starts; n++) history = restarted(history, at);
          assert.equal(countOf(history), all);
        };
        observe(0, { [lifetime(0)]: { oomKills: 0 } });
        for (const [index, { counts, starts, isKilled }] of lifetimes.entries()) {
          let oomKills = 0;
          for (const [n, more] of counts.entries()) {
            oomKills += more;
            all += more;
            observe(index + 1, { [lifetime(index + 1)]: { oomKills } }, starts[n]);
          }
          // The API reports the last two.
          if (isKilled) api = [...api, ended(index + 1, at + 30)].slice(-2);
          if (isKilled && oomKills === 0) all++;
          observe(index + 2, { [lifetime(index + 2)]: { oomKills: 0 } }, starts[3]);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('kills that are not at the own limit', () => {
  const twice = (before: Seen, after: Seen, limit = 40): History => {
    const history = new History();
    for (const [n, seen] of [before, after].entries())
      pass(history, { cgroups: { [lifetime(1)]: seen }, api: [], limit }, start + n * minute);
    return history;
  };

  it('are those without a rise of oom (v2) or failcnt (v1)', () => {
    const v1 = { version: 1 as const, limit: bytes(40 * MiB) };
    const cases: readonly (readonly [Seen, Seen, readonly (number | undefined)[]])[] = [
      [
        { oomKills: 0, limitOoms: 0, limitOomsLocal: 0 },
        { oomKills: 1, limitOoms: 1, limitOomsLocal: 1 },
        [40],
      ],
      [
        { oomKills: 0, limitOoms: 0, limitOomsLocal: 0 },
        { oomKills: 1, limitOoms: 0, limitOomsLocal: 0 },
        [undefined],
      ],
      // At the limit of a cgroup that the container created below its own.
      [
        { oomKills: 0, limitOoms: 0, limitOomsLocal: 0 },
        { oomKills: 1, limitOoms: 1, limitOomsLocal: 0 },
        [undefined],
      ],
      // Before 5.2 there is no memory.events.local.
      [{ oomKills: 0, limitOoms: 2 }, { oomKills: 1, limitOoms: 3 }, [40]],
      [{ oomKills: 0, limitOoms: 0 }, { oomKills: 1, limitOoms: 0 }, [undefined]],
      // As Linux 6.18 counts it when usage reaches the limit above, and when it reaches its own,
      [
        { ...v1, oomKills: 0, failCount: 0, peak: bytes(0) },
        { ...v1, oomKills: 1, failCount: 0, peak: bytes(20 * MiB) },
        [undefined],
      ],
      [
        { ...v1, oomKills: 1, failCount: 0, peak: bytes(20 * MiB) },
        { ...v1, oomKills: 2, failCount: 184, peak: bytes(40 * MiB) },
        [40],
      ],
      // which it does not count when the limit of memory plus swap is equal.
      [
        { ...v1, oomKills: 0, failCount: 0, peak: bytes(0) },
        { ...v1, oomKills: 1, failCount: 0, peak: bytes(40 * MiB) },
        [40],
      ],
      // Earlier failures have nothing to do with this kill.
      [
        { ...v1, oomKills: 0, failCount: 9, peak: bytes(40 * MiB) },
        { ...v1, oomKills: 1, failCount: 9, peak: bytes(40 * MiB) },
        [undefined],
      ],
      // If in doubt, the kill was at the limit.
      [{ oomKills: 0 }, { oomKills: 1 }, [40]],
    ];
    for (const [before, after, limits] of cases)
      assert.deepEqual(limitsOf(twice(before, after)), limits, JSON.stringify(after));
  });

  it('do not hide a kill at the limit before or after them in the same lifetime', () => {
    const history = twice({ oomKills: 0, limitOoms: 0 }, { oomKills: 1, limitOoms: 0 });
    pass(history, { cgroups: { [lifetime(1)]: { oomKills: 2, limitOoms: 1 } }, api: [] }, start + 2 * minute);
    assert.deepEqual(limitsOf(history), [40, undefined]);
    pass(history, { cgroups: { [lifetime(1)]: { oomKills: 3, limitOoms: 1 } }, api: [] }, start + 3 * minute);
    assert.deepEqual(limitsOf(history), [undefined, 40]);
    assert.equal(countOf(history), 3);
    // An agent of 0.1.0 lists each ID once, with the newest kill.
    const { workloads } = JSON.parse(textOf(history, start)) as {
      readonly workloads: readonly (readonly [string, string, string, { readonly k: readonly string[][] }])[];
    };
    const ids = workloads[0]?.[3].k.map(([, id]) => id);
    assert.deepEqual(ids, [`${lifeId(1)}+`, lifeId(1)]);
    assert.deepEqual(limitsOf(restarted(history, start)), [undefined, 40]);
    const { recommendation } = suggested(history, start + 4 * minute);
    assert.ok(recommendation.limit.target >= 46 * MiB);
    assert.match(recommendation.because.join('\n'), /killed once .* at a limit of 40Mi/);
    assert.match(recommendation.because.join('\n'), /killed 2 times, last .*, not at its own limit/);
  });

  it('do not displace kills at the limit from the list', () => {
    const history = twice({ oomKills: 0, limitOoms: 0 }, { oomKills: 1, limitOoms: 1 });
    const api = Array.from({ length: 20 }, (_, n) => ended(100 + n, start + 2 * minute));
    const pod = { oomKills: 21, limitOoms: 1 };
    pass(history, { cgroups: { [podPath]: { oomKills: 1, limitOoms: 1 } }, api: [] }, start + minute);
    pass(history, { cgroups: { [podPath]: pod }, api }, start + 3 * minute);
    assert.equal(countOf(history), 21);
    assert.ok(limitsOf(history).includes(40));
    assert.equal(limitsOf(history).length, 9);
  });

  it('raise the request, not the limit', () => {
    const [unharmed, killed] = [0, 1].map((kills) => {
      const history = new History();
      for (let n = 0; n < 50; n++) {
        const seen = {
          real: n === 30 ? 35 : 20,
          oomKills: n < 30 ? 0 : kills,
          limitOoms: 0,
          limitOomsLocal: 0,
        };
        pass(history, { cgroups: { [lifetime(1)]: seen }, api: [], limit: 400 }, start + n * 5 * minute);
      }
      return suggested(history, start + 50 * 5 * minute).recommendation;
    });
    assert.ok(unharmed !== undefined && killed !== undefined);
    assert.equal(killed.limit.target, unharmed.limit.target);
    assert.equal(unharmed.request.target / MiB, 21);
    // A checkpoint rounds peaks up by at most 0.5 %.
    assert.equal(killed.request.target / MiB, 36);
  });

  it('are known from the counters of the pod after the lifetime has ended', () => {
    const after = (pod: CgroupDetails, api: readonly OomKilled[]): readonly (number | undefined)[] => {
      const history = new History();
      const before = { oomKills: 0, limitOoms: 0, limitOomsLocal: 0 };
      pass(history, { cgroups: { [podPath]: before, [lifetime(1)]: before }, api: [] }, start);
      pass(
        history,
        { cgroups: { [podPath]: pod, [lifetime(2)]: before }, api, lifetimes: [2] },
        start + minute,
      );
      return limitsOf(history);
    };
    const api = [ended(1, start + 30)];
    assert.deepEqual(after({ oomKills: 1, limitOoms: 0, limitOomsLocal: 0 }, api), [undefined]);
    assert.deepEqual(after({ oomKills: 1, limitOoms: 1, limitOomsLocal: 0 }, api), [40]);
    // At the pod's own limit.
    assert.deepEqual(after({ oomKills: 1, limitOoms: 1, limitOomsLocal: 1 }, api), [undefined]);
    // If in doubt, at the limit.
    assert.deepEqual(after({}, api), [40]);
    // The counters of pod and container include it. It counts once.
    assert.deepEqual(after({ oomKills: 1, limitOoms: 0 }, []), []);
  });

  it('are known from the counters of the pod at the first sample too, and after a restart', () => {
    const shown = {
      cgroups: { [podPath]: { oomKills: 1, limitOoms: 0, limitOomsLocal: 0 }, [lifetime(2)]: {} },
      ...{ api: [ended(1, start - hour)], lifetimes: [2] },
    };
    let history = new History();
    pass(history, shown, start);
    assert.deepEqual(limitsOf(history), [undefined]);
    history = restarted(history, start + minute);
    pass(history, shown, start + minute);
    assert.deepEqual(limitsOf(history), [undefined]);
  });

  it('do not hide the kill that ends the lifetime', () => {
    const history = new History();
    const pod = (oomKills: number, limitOoms: number) => ({ oomKills, limitOoms, limitOomsLocal: 0 });
    pass(history, { cgroups: { [podPath]: pod(0, 0), [lifetime(1)]: pod(0, 0) }, api: [] }, start);
    pass(history, { cgroups: { [podPath]: pod(1, 0), [lifetime(1)]: pod(1, 0) }, api: [] }, start + minute);
    assert.deepEqual(limitsOf(history), [undefined]);
    const later = { cgroups: { [podPath]: pod(2, 1) }, api: [ended(1, start + 90)], lifetimes: [2] };
    pass(history, later, start + 2 * minute);
    assert.deepEqual(limitsOf(history), [40, undefined]);
    // Again, with a restart.
    pass(history, later, start + 3 * minute);
    const next = restarted(history, start + 4 * minute);
    pass(next, later, start + 4 * minute);
    assert.equal(countOf(next), 2);
  });
});

describe('kills outside pods', () => {
  const path = '/system.slice/indexer.service';
  const limit = bytes(40 * MiB);

  it('raise the limit as kills in pods do', () => {
    const history = new History();
    const met = bytes(52 * MiB);
    for (let n = 0; n <= 31; n++) {
      const seen = { real: 24, limit: met, oomKills: n, limitOoms: n };
      pass(history, { cgroups: { [path]: seen } }, start + n * 10 * minute);
    }
    const found = suggested(history, start + 32 * 10 * minute, service.workload);
    assert.equal(found.killCount, 31);
    assert.deepEqual(limitsOf(history, service), [52]);
    assert.ok(found.recommendation.limit.target >= 1.15 * met);
  });

  it('weigh one hour per hour, even with many kills in it', () => {
    const history = new History();
    for (let n = 0; n <= 60; n++)
      pass(history, { cgroups: { [path]: { limit, oomKills: n, limitOoms: n } } }, start + n * minute);
    assert.equal(countOf(history, service), 60);
    assert.ok(aggregateOf(history, service).hours.totalAt(start + hour) <= 4);
  });

  it('count only for the innermost cgroup', () => {
    const outer = '/user.slice/user-1000.slice/user@1000.service';
    const inner = `${outer}/app.slice/indexer.service`;
    const history = new History();
    pass(history, { cgroups: { [outer]: { oomKills: 0 }, [inner]: { oomKills: 0, limit } } }, start);
    pass(history, { cgroups: { [outer]: { oomKills: 3 }, [inner]: { oomKills: 2, limit } } }, start + minute);
    assert.equal(countOf(history, service), 2);
    assert.equal(countOf(history, { ...service, workload: 'service/user@1000' }), 1);
    pass(history, { cgroups: { [outer]: { oomKills: 3 } } }, start + 2 * minute);
    assert.equal(countOf(history, { ...service, workload: 'service/user@1000' }), 1);
  });
});
