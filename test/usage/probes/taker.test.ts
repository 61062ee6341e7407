/** From the annotation of a pod, or the file of a machine, into the history; what cannot be true is refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { realOf } from '../../../src/account/memory.ts';
import { bytes } from '../../../src/model/bytes.ts';
import type { Accounted } from '../../../src/model/observation.ts';
import type { Pod, PodContainer, ProbedCache } from '../../../src/model/pod.ts';
import { History } from '../../../src/usage/history.ts';
import { type KeptProbes, ProbeTaker } from '../../../src/usage/probes/taker.ts';
import { day, hour, MiB, monday } from '../made/played.ts';

const probe: ProbedCache = {
  ...{ at: monday - day, neededCacheBytes: 32 * MiB, coldCacheBytes: 64 * MiB, errorBytes: MiB },
  watchedSeconds: 60,
};
const container: PodContainer = { name: 'web', type: 'container', ids: ['a'], running: true };
const key = { namespace: 'shop', workload: 'Deployment/cart', container: 'web' };
const path = '/kubepods/podu/a';

interface Made {
  readonly pod?: Partial<Pod>;
  readonly kept?: KeptProbes;
  readonly nodeBytes?: number;
}

function taken({ pod: more = {}, kept, nodeBytes = 1024 * MiB }: Made, passes = 1) {
  const pod: Pod = {
    ...{ uid: 'u', namespace: 'shop', name: 'cart-1', workload: 'Deployment/cart', labels: {} },
    containers: [container],
    ...more,
  };
  const observation: Accounted = {
    role: { kind: 'container', podUID: 'u', id: 'a' },
    sample: { id: { path, inode: 1 }, version: 2, usage: bytes(8 * MiB), faults: [] },
    ...{ pod, container: { pod, type: 'container', container } },
    usage: { usageBytes: bytes(8 * MiB), realBytes: bytes(8 * MiB) },
  };
  const history = new History();
  const warnings: string[] = [];
  const taker = new ProbeTaker({
    warn: (message) => warnings.push(message),
    ...(kept !== undefined && { kept: () => kept }),
  });
  for (let pass = 0; pass < passes; pass++) {
    const ms = 1000 * (monday + 15 * pass);
    history.sampled([observation], { realOf, pageBytes: 4096, lru: 'classic' }, [pod], ms);
    history.accounted([observation], ms);
    taker.take(history, [observation], ms, nodeBytes);
  }
  const { aggregate } = history.aggregateOf(observation.sample.id) ?? assert.fail('no aggregate');
  assert.deepEqual(history.aggregateOf(observation.sample.id)?.key, key);
  return { aggregate, warnings, history };
}

describe('the history takes the answer of a probe', () => {
  it('from the annotation, with the pod and its revision, once', () => {
    const { aggregate, warnings } = taken(
      { pod: { probes: { web: probe }, revision: 7, createdAt: monday - 2 * day } },
      3,
    );
    assert.deepEqual(aggregate.probes, [{ ...probe, pod: 'cart-1', revision: 7 }]);
    assert.deepEqual(aggregate.revision, { revision: 7, at: monday - 2 * day });
    assert.deepEqual(warnings, []);
  });

  it('from the file of the machine, by the path of the cgroup', () => {
    const kept = { byCgroup: new Map([[path, probe]]), faults: [] };
    assert.deepEqual(taken({ kept }).aggregate.probes, [{ ...probe, pod: 'cart-1' }]);
  });

  it('of this container only, whatever else the annotation names', () => {
    const probes = { other: probe, toString: probe };
    assert.deepEqual(taken({ pod: { probes } }).aggregate.probes, []);
  });

  it('dated now if the clock of the client was less than an hour ahead', () => {
    const probes = { web: { ...probe, at: monday + hour } };
    const { aggregate, history } = taken({ pod: { probes } }, 3);
    assert.deepEqual([aggregate.probes[0]?.at, history.probesTaken], [monday, 1]);
  });
});

it('the history leaves out an answer older than 60 days, without a warning, so that it makes no news in each report', () => {
  const old = (at: number) => taken({ pod: { probes: { web: { ...probe, at } } } }, 6);
  const { aggregate, history, warnings } = old(monday - 60 * day - 1);
  assert.deepEqual([aggregate.probes, history.probesTaken, warnings], [[], 0, []]);
  // The first pass takes it, and the first one of the next minute forgets it for good.
  const last = old(monday - 60 * day);
  assert.deepEqual([last.aggregate.probes, last.history.probesTaken], [[], 1]);
});

describe('the history refuses, with one warning for many passes,', () => {
  for (const [what, made, warning] of [
    [
      'an annotation that cannot be read',
      { pod: { probeFault: 'realmem.dev/probe: expected JSON' } },
      'pod shop/cart-1: ignored annotation realmem.dev/probe: expected JSON',
    ],
    [
      'an answer from later than an hour',
      { pod: { probes: { web: { ...probe, at: monday + hour + 60 } } } },
      'pod shop/cart-1: ignored the probe of web: expected a time that has passed, got 2024-10-07T01:01:00Z',
    ],
    [
      'more page cache than the node has memory',
      { pod: { probes: { web: probe } }, nodeBytes: 97 * MiB - 1 },
      'pod shop/cart-1: ignored the probe of web: expected at most the 97Mi of this node, got 97Mi of page cache with its error',
    ],
    [
      'an error larger than the memory of the node',
      { pod: { probes: { web: { ...probe, errorBytes: 2 ** 50 } } } },
      'pod shop/cart-1: ignored the probe of web: expected at most the 1Gi of this node, got 1Pi of page cache with its error',
    ],
    [
      'a line of the file',
      { kept: { byCgroup: new Map(), faults: ['/h/x.probes.jsonl:1: ignored: expected JSON'] } },
      '/h/x.probes.jsonl:1: ignored: expected JSON',
    ],
  ] satisfies readonly (readonly [string, Made, string])[])
    it(what, () => {
      const { aggregate, warnings } = taken(made, 3);
      assert.deepEqual(aggregate.probes, []);
      assert.deepEqual(warnings, [warning]);
    });
});

it('nothing is taken while the time is unknown', () => {
  const taker = new ProbeTaker({ warn: () => assert.fail(), kept: () => assert.fail() });
  taker.take(new History(), [], undefined, undefined);
});
