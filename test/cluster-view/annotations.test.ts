/** A user who may read the pods of one namespace, and no reports. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ReadOptions, readCluster } from '../../src/cluster/read.ts';
import type { ClusterView } from '../../src/cluster/view.ts';
import { parseQuantity } from '../../src/model/bytes.ts';
import { annotationKeys } from '../../src/model/pod.ts';
import { reportsPath } from '../../src/model/product.ts';
import { type FakeCluster, fakeCluster, forbidden } from './made/api.ts';
import { at, podNames } from './made/made.ts';

const size = (text: string): number => parseQuantity(text) ?? assert.fail(text);
const note = (namespace: string): string =>
  `No right to list nodememoryreports; figures come from annotations of pods in namespace ${namespace}, and may be old`;

const figures = {
  at: '2026-01-05T11:00:00Z',
  realBytes: size('150Mi'),
  containers: {
    web: {
      ...{ realBytes: size('100Mi'), usageBytes: size('300Mi'), limitBytes: size('256Mi') },
      ...{ requestBytes: size('128Mi'), verdict: 'Oversized' },
      suggest: { requestBytes: size('110Mi'), limitBytes: size('140Mi') },
    },
  },
};

interface MadePod {
  readonly name: string;
  readonly node?: string;
  readonly phase?: string;
  readonly report?: string;
  readonly spec?: object;
}

const podOf = ({ name, node, phase = 'Running', report, spec }: MadePod): object => ({
  metadata: {
    ...{ namespace: 'shop', name, uid: `u-${name}`, labels: { 'pod-template-hash': 'abc' } },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart-abc', controller: true }],
    ...(report !== undefined && { annotations: { [annotationKeys.report]: report } }),
  },
  spec: {
    nodeName: node,
    containers: [
      { name: 'web', resources: { requests: { memory: '128Mi' }, limits: { memory: '256Mi' } } },
      { name: 'log', resources: { requests: { memory: '10Mi' } } },
    ],
    initContainers: [{ name: 'migrate', resources: { requests: { memory: '1Gi' } } }],
    ...spec,
  },
  status: {
    phase,
    containerStatuses: [
      { name: 'web', lastState: { terminated: { reason: 'OOMKilled', containerID: 'containerd://a' } } },
    ],
  },
});

async function read(
  cluster: FakeCluster,
  options: Partial<ReadOptions> = { namespace: 'shop' },
): Promise<ClusterView> {
  return readCluster(cluster.kube, { now: at, ...options });
}

const answers = (...pods: readonly object[]) => ({
  [reportsPath]: forbidden('nodememoryreports', 'realmem.dev'),
  '/api/v1/namespaces/shop/pods': pods,
});

describe('without the right to list reports', () => {
  it('a namespace has the figures of its annotations, with requests and limits of the pods', async (test) => {
    const pod = podOf({ name: 'cart-abc-1', node: 'a', report: JSON.stringify(figures) });
    const { nodes, notes, missing } = await read(await fakeCluster(test, answers(pod)));
    assert.deepEqual([notes, missing], [[note('shop')], []]);
    assert.deepEqual(nodes, [
      {
        ...{ name: 'a', from: 'annotations', isStale: false, conditions: [] },
        pods: [
          {
            ...{ namespace: 'shop', name: 'cart-abc-1', node: 'a', workload: 'Deployment/cart' },
            ...{ real: size('150Mi'), ooms: 1, request: size('138Mi') },
            containers: [
              {
                ...{ name: 'web', real: size('100Mi'), usage: size('300Mi'), request: size('128Mi') },
                ...{ limit: size('256Mi'), suggestRequest: size('110Mi'), suggestLimit: size('140Mi') },
                ...{ ooms: 1, verdict: 'Oversized' },
              },
              { name: 'log', request: size('10Mi') },
            ],
          },
        ],
      },
    ]);
  });

  it('a pod has its own request and limit, with the overhead of its RuntimeClass', async (test) => {
    const resources = { requests: { memory: '1Gi' }, limits: { memory: '2Gi' } };
    const spec = { resources, overhead: { memory: '100Mi' } };
    const { nodes } = await read(await fakeCluster(test, answers(podOf({ name: 'p', node: 'a', spec }))));
    const [pod] = nodes[0]?.pods ?? [];
    assert.deepEqual([pod?.request, pod?.limit], [size('1124Mi'), size('2148Mi')]);
  });

  it('the context’s namespace is read without -n, and the one of -n before it', async (test) => {
    const cluster = await fakeCluster(test, answers(podOf({ name: 'p', node: 'a' })));
    assert.deepEqual(podNames(await read(cluster, { contextNamespace: 'shop' })), { a: ['shop/p'] });
    assert.deepEqual(podNames(await read(cluster, { contextNamespace: 'other', namespace: 'shop' })), {
      a: ['shop/p'],
    });
  });

  it('pods that wait or have ended are left out, and pods without figures are counted', async (test) => {
    const pods = [
      podOf({ name: 'waits', phase: 'Pending' }),
      podOf({ name: 'done', node: 'a', phase: 'Succeeded' }),
      podOf({ name: 'failed', node: 'a', phase: 'Failed' }),
      podOf({ name: 'b-pod', node: 'b', report: 'not JSON' }),
      podOf({ name: 'a-pod', node: 'a', report: JSON.stringify(figures) }),
      podOf({ name: 'c-pod', node: 'a' }),
    ];
    const view = await read(await fakeCluster(test, answers(...pods), 2));
    assert.deepEqual(podNames(view), { a: ['shop/a-pod', 'shop/c-pod'], b: ['shop/b-pod'] });
    assert.deepEqual(view.notes, [
      note('shop'),
      '2 of 3 running pods there have no figures: no agent has annotated them',
    ]);
  });

  it('pods of kube-system without figures are explained by the setting that leaves them out', async (test) => {
    const pods = { '/api/v1/namespaces/kube-system/pods': [podOf({ name: 'dns', node: 'a' })] };
    const view = await read(await fakeCluster(test, { ...answers(), ...pods }), { namespace: 'kube-system' });
    assert.match(
      view.notes[1] ?? '',
      /^1 of 1 running pods there have no figures: unless config\.annotationNamespaces /,
    );
  });

  it('the API selects pods by their labels', async (test) => {
    const cluster = await fakeCluster(test, answers(podOf({ name: 'p', node: 'a' })));
    await read(cluster, { namespace: 'shop', selector: 'app=cart' });
    assert.ok(cluster.asked.includes('/api/v1/namespaces/shop/pods?labelSelector=app=cart&limit=500'));
  });

  it('a pod that cannot be read becomes a note', async (test) => {
    const broken = podOf({
      name: 'bad',
      node: 'a',
      spec: { containers: [{ name: 'x', resources: { limits: { memory: 'much' } } }] },
    });
    const view = await read(
      await fakeCluster(
        test,
        answers(broken, podOf({ name: 'p', node: 'a', report: JSON.stringify(figures) })),
      ),
    );
    assert.deepEqual(podNames(view), { a: ['shop/p'] });
    assert.deepEqual(view.notes, [
      note('shop'),
      'pod bad container x limits.memory: expected a quantity such as 64Mi, got "much"',
    ]);
  });

  it('the error of the pods is passed on', async (test) => {
    const cluster = await fakeCluster(test, {
      ...answers(),
      '/api/v1/namespaces/shop/pods': forbidden('pods'),
    });
    await assert.rejects(read(cluster), { name: 'ApiError', status: 403, message: /^pods is forbidden/ });
  });
});
