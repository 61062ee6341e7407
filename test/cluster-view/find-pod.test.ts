import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { findPod } from '../../src/cluster/find-pod.ts';
import { InputError, LocatedError } from '../../src/model/located-error.ts';
import { reportsPath } from '../../src/model/product.ts';
import { fakeCluster, forbidden } from './made/api.ts';
import { at, reportOf } from './made/made.ts';

const pods = [
  {
    namespace: 'shop',
    name: 'cart-1',
    workload: 'Deployment/cart',
    containers: [{ name: 'cart' }, { name: 'proxy' }],
  },
  { namespace: 'shop', name: 'pay-1', workload: 'Deployment/pay', containers: [{ name: 'pay' }] },
  {
    ...{ namespace: 'shop', name: 'pay-2', workload: 'Deployment/pay' },
    containers: [{ name: 'pay', real: '64Mi' }],
  },
  { namespace: 'data', name: 'db-0', workload: 'StatefulSet/db', containers: [{ name: 'main' }] },
];

async function cluster(test: TestContext) {
  const podPath = (namespace: string, name: string): string => `/api/v1/namespaces/${namespace}/pods/${name}`;
  return fakeCluster(test, {
    [reportsPath]: [reportOf('node-1', [], { pods })],
    [podPath('shop', 'cart-1')]: JSON.stringify({ spec: { nodeName: 'node-2' } }),
    [podPath('shop', 'waits')]: JSON.stringify({ spec: {}, status: { phase: 'Pending' } }),
    [podPath('data', 'db-0')]: forbidden('pods'),
  });
}

describe('a target in the cluster', () => {
  for (const [target, namespace] of [
    ['shop/cart-1', undefined],
    ['cart-1', 'shop'],
    ['pod/cart-1', 'shop'],
    ['po/cart-1', 'shop'],
  ] as const)
    it(`is a pod that the API knows: ${target} in ${namespace}`, async (test) => {
      const { kube, asked } = await cluster(test);
      const found = await findPod(kube, { target, now: at, ...(namespace && { namespace }) });
      assert.deepEqual(found, { namespace: 'shop', pod: 'cart-1', node: 'node-2' });
      assert.deepEqual(asked, ['/api/v1/namespaces/shop/pods/cart-1'], 'the reports are not needed');
    });

  it('is a container of such a pod', async (test) => {
    const { kube } = await cluster(test);
    const found = await findPod(kube, { target: 'shop/cart-1/proxy', now: at });
    assert.deepEqual(found, { namespace: 'shop', pod: 'cart-1', container: 'proxy', node: 'node-2' });
  });

  for (const [target, label] of [
    ['cart', 'shop/cart-1/cart'],
    ['proxy', 'shop/cart-1/proxy'],
    ['db', 'data/db-0/main'],
    ['db-0', 'data/db-0/main'],
    ['db-', 'data/db-0/main'],
    ['data/db', 'data/db-0/main'],
    ['data/db-0/main', 'data/db-0/main'],
    ['statefulset/db', 'data/db-0/main'],
    ['sts/db', 'data/db-0/main'],
    ['pay-2', 'shop/pay-2/pay'],
  ] as const)
    it(`is a name in the reports: ${target}`, async (test) => {
      const { kube } = await cluster(test);
      const { namespace, pod, container, node } = await findPod(kube, { target, now: at });
      // A pod whose container is not named may only be known by the API.
      assert.equal([namespace, pod, container].join('/'), label);
      assert.equal(node, 'node-1');
    });

  for (const [target, namespace, says] of [
    [
      'pay',
      undefined,
      /^pay: expected one container, got 2; choose one of shop\/pay-1\/pay, shop\/pay-2\/pay$/,
    ],
    ['cart', 'data', /^cart: expected the name of a pod, workload or container, got none; list them/],
    [
      'shop/cart-2',
      undefined,
      /^shop\/cart-2: expected a pod in the cluster, got none; did you mean shop\/cart-1\?$/,
    ],
    ['kart', undefined, /did you mean shop\/cart-1\?$/],
    ['/kubepods/x', undefined, /got a cgroup path; pass --local to read this machine$/],
    ['a//b', undefined, /expected NAME, namespace\/pod or namespace\/pod\/container, got other parts$/],
    ['a/b/c/d', undefined, /got other parts$/],
  ] as const)
    it(`is refused with names like it: ${target} in ${namespace}`, async (test) => {
      const { kube } = await cluster(test);
      await assert.rejects(
        findPod(kube, { target, now: at, ...(namespace && { namespace }) }),
        (error) => error instanceof InputError && says.test(error.message),
      );
    });

  describe('of which one replica is enough', () => {
    const find = async (test: TestContext, target: string, container?: string) => {
      const { kube } = await cluster(test);
      const wanted = { target, oneReplica: true, ...(container !== undefined && { container }) };
      const { namespace, pod, container: found } = await findPod(kube, { ...wanted, now: at });
      return [namespace, pod, found].join('/');
    };

    it('is the replica with most real memory', async (test) => {
      assert.equal(await find(test, 'deployment/pay'), 'shop/pay-2/pay');
      assert.equal(await find(test, 'pay'), 'shop/pay-2/pay');
    });

    it('is the container that is named', async (test) => {
      assert.equal(await find(test, 'deployment/cart', 'proxy'), 'shop/cart-1/proxy');
      assert.equal(await find(test, 'shop/cart-1', 'proxy'), 'shop/cart-1/proxy');
    });

    it('is refused if its containers differ, or if it has no such container', async (test) => {
      await assert.rejects(find(test, 'deployment/cart'), /expected one container, got 2; choose one of/);
      await assert.rejects(find(test, 'deployment/pay', 'web'), /got none/);
    });
  });

  it('is refused for a pod that no node runs yet', async (test) => {
    const { kube } = await cluster(test);
    await assert.rejects(
      findPod(kube, { target: 'shop/waits', now: at }),
      (error) =>
        error instanceof LocatedError &&
        error.message ===
          'shop/waits: expected a pod on a node, got a pod that is Pending; see kubectl -n shop describe pod waits',
    );
  });
});
