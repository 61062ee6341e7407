/** The whole cluster, against an API server on loopback. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCluster } from '../../src/cluster/read.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import type { Kube } from '../../src/kube/client.ts';
import { reportsPath } from '../../src/model/product.ts';
import { type Answer, fakeCluster, forbidden, notFound } from './made/api.ts';
import { agentsOf, agentsPath, at, nodeOf, podNames, reportOf } from './made/made.ts';

const noReports = forbidden('nodememoryreports', 'realmem.dev');

describe('a cluster', () => {
  it('is read page by page, sorted by name, with the progress of the reports', async (test) => {
    const names = ['e', 'c', 'a', 'd', 'b'];
    const reports = names.map((name) => reportOf(name, [['n', `p-${name}`]]));
    const { kube, asked } = await fakeCluster(
      test,
      {
        [reportsPath]: reports,
        [agentsPath]: [agentsOf()],
        '/api/v1/nodes': names.map((name) => nodeOf(name)),
      },
      2,
    );
    const steps: (readonly [number, number])[] = [];
    const view = await readCluster(kube, { now: at, progress: (...step) => steps.push(step) });
    assert.deepEqual(podNames(view), {
      a: ['n/p-a'],
      b: ['n/p-b'],
      c: ['n/p-c'],
      d: ['n/p-d'],
      e: ['n/p-e'],
    });
    assert.deepEqual([view.at, view.missing, view.notes], [at, [], []]);
    assert.deepEqual(steps, [
      [2, 5],
      [4, 5],
      [5, 5],
    ]);
    assert.ok(asked.includes(`${reportsPath}?limit=500&continue=4`));
  });

  it('keeps its other reports when one is broken and one is too large', async (test) => {
    const large = { ...reportOf('large'), pods: Array.from({ length: 100_001 }, () => 1) };
    const { kube } = await fakeCluster(test, { [reportsPath]: [reportOf('a'), {}, large, reportOf('b')] });
    const { nodes, notes } = await readCluster(kube, { now: at });
    assert.deepEqual(
      nodes.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.equal(
      notes.filter((note) => note.startsWith('a NodeMemoryReport: expected metadata.name')).length,
      1,
    );
    assert.match(
      notes.join('\n'),
      /^NodeMemoryReport large is too large: JSON of up to \d+ values \(at most 100000\)$/m,
    );
  });

  it('is not without reports when its only one is too large', async (test) => {
    const large = { ...reportOf('large'), pods: Array.from({ length: 100_001 }, () => 1) };
    const { kube } = await fakeCluster(test, { [reportsPath]: [large] });
    assert.deepEqual((await readCluster(kube, { now: at })).nodes, []);
  });

  it('is read again from the beginning when the API server forgets the list', async (test) => {
    const reports = ['a', 'b', 'c'].map((name) => reportOf(name));
    let refusals = 1;
    const answer = ({ searchParams }: URL): Answer =>
      searchParams.has('continue') && refusals-- > 0
        ? { status: 410, reason: 'Expired', message: 'the provided continue parameter is too old' }
        : reports;
    const { kube } = await fakeCluster(test, { [reportsPath]: answer }, 2);
    const steps: number[] = [];
    const { nodes } = await readCluster(kube, { now: at, progress: (read) => steps.push(read) });
    assert.deepEqual([nodes.length, steps], [3, [2, 2, 3]]);
  });

  it('fails when the API server forgets the list twice', async (test) => {
    const answer = ({ searchParams }: URL): Answer =>
      searchParams.has('continue') ? { status: 410, reason: 'Expired', message: 'too old' } : [1, 2, 3];
    const { kube } = await fakeCluster(test, { [reportsPath]: answer }, 2);
    await assert.rejects(readCluster(kube, { now: at }), { name: 'ApiError', status: 410 });
  });

  it('ends the other calls when its reports cannot be read', async () => {
    const ended: string[] = [];
    const kube: Pick<Kube, 'list'> = {
      list: async ({ path, signal }) => {
        if (path.startsWith(reportsPath)) throw new ApiError(500, 'x', 'etcd is slow');
        const { promise, reject } = Promise.withResolvers<never>();
        signal?.addEventListener('abort', () => {
          ended.push(path);
          reject(new ApiError(0, 'AbortError', 'aborted'));
        });
        return promise;
      },
    };
    await assert.rejects(readCluster(kube, { now: at }), { message: 'etcd is slow' });
    assert.equal(ended.length, 1);
  });

  it('ends its calls when the caller gives up', async (test) => {
    const { kube } = await fakeCluster(test, { [reportsPath]: [reportOf('a')] });
    await assert.rejects(readCluster(kube, { now: at, signal: AbortSignal.abort() }), {
      name: 'ApiError',
      status: 0,
    });
  });
});

describe('a cluster without reports to read', () => {
  const text = 'the API server: expected';
  for (const [what, answers, message] of [
    [
      'without the definition: asks whether realmem is installed',
      { [reportsPath]: notFound },
      `${text} NodeMemoryReports (nodememoryreports.realmem.dev), got no such resource in this cluster; is realmem installed? helm install realmem charts/realmem --namespace realmem --create-namespace`,
    ],
    [
      'without any report: asks whether realmem runs, and where to look',
      { [reportsPath]: [], [agentsPath]: [agentsOf({}, 'monitoring')] },
      `${text} a NodeMemoryReport of each node, got none in this cluster; does realmem run? kubectl -n monitoring get pods`,
    ],
    [
      'without any report and DaemonSet: names the usual namespace',
      { [reportsPath]: [], [agentsPath]: forbidden('daemonsets', 'apps') },
      `${text} a NodeMemoryReport of each node, got none in this cluster; does realmem run? kubectl -n realmem get pods`,
    ],
    [
      'without the right to list them, and without a namespace: says to pass one',
      { [reportsPath]: noReports },
      `${text} the right to list nodememoryreports, got ${noReports.message}; pass -n NAMESPACE to read the annotations of that namespace's pods`,
    ],
  ] as readonly (readonly [string, Readonly<Record<string, Answer>>, string])[])
    it(what, async (test) => {
      const { kube } = await fakeCluster(test, answers);
      await assert.rejects(readCluster(kube, { now: at }), { name: 'LocatedError', message });
    });

  it('fails with the error of the API server when it is another one', async (test) => {
    const { kube } = await fakeCluster(test, { [reportsPath]: { status: 500, message: 'etcd is slow' } });
    await assert.rejects(readCluster(kube, { now: at, namespace: 'n' }), {
      name: 'ApiError',
      message: 'etcd is slow',
    });
  });

  it('fails for an answer that is no list', async (test) => {
    const { kube } = await fakeCluster(test, { [reportsPath]: '<html>' });
    await assert.rejects(readCluster(kube, { now: at }), { name: 'ApiError', reason: 'NotJSON' });
  });
});
