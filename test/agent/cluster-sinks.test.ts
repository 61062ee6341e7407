import assert from 'node:assert/strict';
import { it } from 'node:test';
import { clusterSinks, realClocks } from '../../src/agent/cluster-sinks.ts';
import { noNames } from '../../src/identify/names-source.ts';
import type { ApiCall } from '../../src/kube/api.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import { reportOf } from '../publish/contract.ts';

const realWorld = { ...realClocks, random: () => 0.5 };

const settings = {
  resource: true,
  configMap: 'auto',
  annotations: false,
  history: false,
  historyPeriodMs: 3_600_000,
  publishPeriodMs: 0,
  annotationPeriodMs: 0,
  annotationNamespaces: { excluded: ['kube-system'] },
  reportPeriodMs: 0,
} as const;

interface ConfigMap {
  readonly data: Readonly<Record<string, string>>;
}

/** A cluster of one node, whose API answers as the given function does. */
function clusterOf(answer: (call: ApiCall) => void = () => {}) {
  const calls: ApiCall[] = [];
  const cluster = {
    kube: {
      async call(call: object) {
        calls.push(call as ApiCall);
        answer(call as ApiCall);
        return undefined;
      },
    },
    names: noNames(),
    identity: { namespace: 'watchers', pod: 'a', node: 'node-1', nodeUID: 'u-1' } as
      | { readonly namespace?: string; readonly node?: string; readonly nodeUID?: string }
      | undefined,
    nodes: 0,
    mayWritePods: true,
    ended: new AbortController().signal,
  };
  return { cluster, calls };
}

const kept = { isRestored: true, probesTaken: 0, openMap: async () => {}, packed: async () => 'cGFja2Vk' };

/** Writes a report to each sink, and waits until every started write has ended. */
async function offer(sinks: ReturnType<typeof clusterSinks>, name = 'node-1'): Promise<void> {
  for (const sink of sinks) await sink.write(reportOf(name)).catch(() => {});
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 2));
}

const pathsOf = (calls: readonly ApiCall[]): readonly string[] =>
  calls.map(({ path }) => path.split('?')[0] ?? '');
const resource = '/apis/realmem.dev/v1alpha1/nodememoryreports/node-1';
const configMap = '/api/v1/namespaces/watchers/configmaps/realmem-node-1';

it('the sinks apply the report as a resource that the node owns', async () => {
  const { cluster, calls } = clusterOf();
  await offer(clusterSinks(cluster, settings, 'node-1', kept, realWorld));
  assert.deepEqual(pathsOf(calls), [resource]);
  const [{ contentType, body } = {}] = calls;
  assert.equal(contentType, 'application/apply-patch+yaml');
  const { metadata } = body as { metadata: { ownerReferences?: unknown } };
  assert.deepEqual(metadata.ownerReferences, [
    { apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'u-1' },
  ]);
});

it('the sinks write a ConfigMap if the cluster lacks the resource', async () => {
  const { cluster, calls } = clusterOf(({ path }) => {
    if (path.startsWith('/apis/')) throw new ApiError(404, 'NotFound', 'no such resource');
  });
  const sinks = clusterSinks(cluster, settings, 'node-1', kept, realWorld);
  await offer(sinks);
  await offer(sinks);
  assert.deepEqual(pathsOf(calls), [resource, configMap]);
  const [, { body } = {}] = calls;
  assert.match(
    (body as ConfigMap).data['report.yaml'] ?? '',
    /^apiVersion: realmem\.dev\/v1alpha1\nkind: NodeMemoryReport\n/,
  );
});

it('the ConfigMap is written beside the resource if asked for, and alone if the resource is off', async () => {
  const both = clusterOf();
  await offer(clusterSinks(both.cluster, { ...settings, configMap: true }, 'node-1', kept, realWorld));
  assert.deepEqual([...pathsOf(both.calls)].sort(), [configMap, resource].sort());
  const alone = clusterOf();
  await offer(clusterSinks(alone.cluster, { ...settings, resource: false }, 'node-1', kept, realWorld));
  assert.deepEqual(pathsOf(alone.calls), [configMap]);
});

it('the sinks write nothing before the agent knows its identity', async () => {
  const { cluster, calls } = clusterOf();
  cluster.identity = undefined;
  const sinks = clusterSinks(cluster, { ...settings, configMap: true }, 'node-1', kept, realWorld);
  await offer(sinks);
  assert.deepEqual(calls, []);
  cluster.identity = {};
  await offer(sinks);
  // The identity of a person has no namespace.
  assert.deepEqual(
    [...pathsOf(calls)].sort(),
    ['/api/v1/namespaces/realmem/configmaps/realmem-node-1', resource].sort(),
  );
});

it('many nodes spread their first writes over the whole time between two reports', async () => {
  const asked: number[] = [];
  const world = {
    now: () => 1e12,
    wallClock: () => 0,
    random: () => 0,
    async sleep(ms: number) {
      asked.push(ms);
    },
  };
  const { cluster } = clusterOf();
  for (let index = 0; index < 1_000; index++) {
    const some = { ...settings, reportPeriodMs: 15_000 };
    const [sink] = clusterSinks({ ...cluster, nodes: 5_000 }, some, `node-${index}`, kept, world);
    await sink?.write(reportOf('node'));
  }
  const counts = Array.from(
    { length: 15 },
    (_, second) => asked.filter((ms) => Math.floor(ms / 1000) === second).length,
  );
  assert.equal(asked.length, 1_000);
  assert.ok(Math.max(...counts) < 110 && Math.min(...counts) > 30, counts.join(' '));
});

it('a report that goes to two objects is written half as often on many nodes', async () => {
  const { cluster, calls } = clusterOf();
  let at = 1e12;
  const world = { now: () => at, wallClock: () => at, random: () => 0, sleep: async () => {} };
  const both = { ...settings, configMap: true };
  const sinks = clusterSinks({ ...cluster, nodes: 5_000 }, both, 'node-1', kept, world);
  const counts: number[] = [];
  // 5,000 nodes with two objects each take 200 s at 50 objects/s. By then each node has written once.
  for (const seconds of [0, 200, 190, 10]) {
    at += 1000 * seconds;
    calls.length = 0;
    await offer(sinks, `after ${at}`);
    counts.push(calls.length);
  }
  assert.deepEqual(counts.slice(1), [2, 0, 2]);
});

it('large reports of many nodes are written less often and stay within their bytes per second', async () => {
  const { cluster, calls } = clusterOf();
  let at = 1e12;
  const world = { now: () => at, wallClock: () => at, random: () => 0, sleep: async () => {} };
  const sinks = clusterSinks({ ...cluster, nodes: 3_000 }, settings, 'node-1', kept, world);
  // 3,000 nodes with 24,300 bytes each take 112 s at 650 kB/s.
  const counts: number[] = [];
  for (const seconds of [0, 60, 105, 10]) {
    at += 1000 * seconds;
    calls.length = 0;
    await offer(sinks, `${at}${'x'.repeat(24_000)}`);
    counts.push(calls.length);
  }
  assert.deepEqual(counts.slice(1), [1, 0, 1]);
});

it('a step of the wall clock changes no write', async () => {
  const steps: readonly (readonly [string, (at: number) => number])[] = [
    ['none', (at) => at],
    ['an hour back', (at) => at - 3_600_000],
    ['to 1970', () => 86_400_000],
    ['a year ahead', (at) => at + 365 * 86_400_000],
  ];
  const counts: number[] = [];
  for (const [, step] of steps) {
    const { cluster, calls } = clusterOf();
    let at = 1e12;
    let isSet = false;
    const world = {
      now: () => at,
      wallClock: () => (isSet ? step(at) : at),
      random: () => 0,
      sleep: async () => {},
    };
    const sinks = clusterSinks(cluster, { ...settings, history: true }, 'node-1', kept, world);
    for (let pass = 0; pass < 90; pass++) {
      isSet ||= pass === 30;
      at += 60_000;
      await offer(sinks, `after ${pass}`);
    }
    counts.push(calls.length);
  }
  const [first = 0, ...others] = counts;
  assert.ok(first > 60, `${first}`);
  assert.deepEqual(others, [first, first, first]);
});
