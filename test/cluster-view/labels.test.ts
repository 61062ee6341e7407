import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCluster } from '../../src/cluster/read.ts';
import { reportsPath } from '../../src/model/product.ts';
import { fakeCluster, forbidden } from './made/api.ts';
import { at, podNames, reportOf } from './made/made.ts';

const reports = [
  reportOf('a', [
    ['shop', 'cart-1'],
    ['data', 'cart-1'],
  ]),
  reportOf('b', [['shop', 'web-1']]),
];
const metadataOf = (namespace: string, name: string): object => ({ metadata: { namespace, name } });

describe('-l', () => {
  it('keeps the pods that the API selects, by namespace and name, and nodes without any', async (test) => {
    const { kube, asked } = await fakeCluster(test, {
      [reportsPath]: reports,
      '/api/v1/pods': [metadataOf('shop', 'cart-1'), metadataOf('shop', 'gone')],
    });
    const view = await readCluster(kube, { now: at, selector: 'app in (a, b),!canary' });
    assert.deepEqual(podNames(view), { a: ['shop/cart-1'], b: [] });
    assert.ok(asked.includes('/api/v1/pods?labelSelector=app in (a, b),!canary&limit=500'));
  });

  it('selects pods of the namespace alone, which needs no right on others', async (test) => {
    const { kube } = await fakeCluster(test, {
      [reportsPath]: reports,
      '/api/v1/pods': forbidden('pods'),
      '/api/v1/namespaces/data/pods': [metadataOf('data', 'cart-1')],
    });
    const view = await readCluster(kube, { now: at, namespace: 'data', selector: 'app=cart' });
    assert.deepEqual(podNames(view), { a: ['data/cart-1'], b: [] });
  });

  it('reads the pods of all pages', async (test) => {
    const names = Array.from({ length: 7 }, (_, index) => `p-${index}`);
    const pods = names.map((name) => ['n', name] as const);
    const answers = {
      [reportsPath]: [reportOf('a', pods)],
      '/api/v1/pods': names.map((name) => metadataOf('n', name)),
    };
    const { kube } = await fakeCluster(test, answers, 3);
    const view = await readCluster(kube, { now: at, selector: 'app' });
    assert.deepEqual(podNames(view), { a: names.map((name) => `n/${name}`) });
  });

  it('fails before any call for a text that is no selector', async (test) => {
    const { kube, asked } = await fakeCluster(test, { [reportsPath]: reports });
    await assert.rejects(readCluster(kube, { now: at, selector: 'a=b=c' }), {
      message: '-l: expected a label selector such as app=web or env in (a, b), got "a=b=c"',
    });
    assert.deepEqual(asked, []);
  });

  it('says to pass a namespace where the user may not list the pods of all', async (test) => {
    const { kube } = await fakeCluster(test, { [reportsPath]: reports, '/api/v1/pods': forbidden('pods') });
    await assert.rejects(readCluster(kube, { now: at, selector: 'app=cart' }), {
      message:
        'the API server: expected the right to list pods, got pods is forbidden: User "jane" cannot list resource ' +
        '"pods" in API group "" at the cluster scope; pass -n NAMESPACE to read the pods of one namespace',
    });
  });
});
