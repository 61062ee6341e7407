import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PagePod } from '../../src/page/data.ts';
import { pageOfCluster } from '../../src/page/from-cluster.ts';
import { reportedSuggestions } from '../../src/page/from-reported.ts';
import { restriction } from '../../src/page/view/words.ts';
import { containerOf, MiB, nodeViewOf, podOf, shop, viewOf } from '../cluster-view/made/made-view.ts';

describe('pageOfCluster', () => {
  it('has nodes with the age of a stale one, missing nodes, and all pods with their nodes', () => {
    const page = pageOfCluster(shop, 'prod');
    assert.deepEqual([page.scope, page.name, page.at], ['cluster', 'prod', shop.at]);
    assert.deepEqual(
      page.nodes.map(({ name, staleSeconds }) => [name, staleSeconds]),
      [
        ['a', undefined],
        ['b', 7200],
      ],
    );
    assert.deepEqual(page.missing, ['c']);
    assert.deepEqual(
      page.pods.map(({ node, name, ooms }) => `${node}/${name} ${ooms}`),
      ['a/cart-1 0', 'b/cart-2 2', 'b/lonely 0'],
    );
  });

  it('says which pods it is restricted to, and names near namespaces where it has none', () => {
    const only = { namespace: 'shpo' };
    const page = pageOfCluster(viewOf([nodeViewOf('a')], { only, namespaces: ['shop'] }));
    assert.deepEqual(page.only, only);
    assert.equal(restriction(page), 'namespace shpo');
    assert.equal(restriction({ only: { namespace: 'a', selector: 'b=c' } }), 'namespace a · pods with b=c');
    assert.equal(restriction(pageOfCluster(shop)), undefined);
    assert.match(page.notes?.join() ?? '', /did you mean shop\?/);
  });

  it('has the limit of a pod only where its containers do not add up to it', () => {
    const sized = [containerOf('a', { limit: MiB(1) }), containerOf('b', { limit: MiB(2) })];
    const limitOf = (limit: number) =>
      pageOfCluster(viewOf([nodeViewOf('a', { pods: [podOf('p', sized, { limit: MiB(limit) })] })])).pods[0]
        ?.limit;
    assert.deepEqual([limitOf(3), limitOf(2)], [undefined, MiB(2)]);
  });

  it('names the type of a container that is not a main container', () => {
    const containers = [containerOf('a', { type: 'container' }), containerOf('b', { type: 'init' })];
    const page = pageOfCluster(viewOf([nodeViewOf('a', { pods: [podOf('p', containers)] })]));
    assert.deepEqual(page.pods[0]?.containers, [{ name: 'a' }, { name: 'b', type: 'init' }]);
  });
});

describe('reportedSuggestions', () => {
  const replica = (name: string, container: Partial<PagePod['containers'][number]>, node = 'a'): PagePod => ({
    ...{ namespace: 'shop', name, node, workload: 'Deployment/cart', ooms: 0 },
    containers: [{ name: 'web', request: 100, limit: 200, ...container }],
  });

  it('suggests the most that any replica needs, and counts what all of them free', () => {
    const pods = [
      replica('1', { suggestRequest: 40, suggestLimit: 90 }),
      replica('2', { suggestRequest: 60, suggestLimit: 80, verdict: 'Oversized' }, 'b'),
    ];
    assert.deepEqual(reportedSuggestions(pods), [
      {
        ...{ namespace: 'shop', workload: 'Deployment/cart', container: 'web', replicas: 2 },
        ...{ requestNow: 100, limitNow: 200, request: 60, limit: 90, frees: 80, risk: 'too much' },
        because: ['Suggested by the agents of 2 nodes.'],
      },
    ]);
  });

  it('has none for a container without a suggested value, and one per pod without an owner', () => {
    assert.deepEqual(reportedSuggestions([replica('1', {})]), []);
    const { workload: _, ...bare } = replica('lonely', { suggestRequest: 50 });
    assert.equal(reportedSuggestions([bare])[0]?.workload, 'Pod/lonely');
  });

  it('names the worst risk of all replicas, and sums up their OOM kills', () => {
    const pods = [
      replica('1', { suggestLimit: 300, verdict: 'Oversized', ooms: 1 }),
      replica('2', { suggestLimit: 300, verdict: 'OOMKilled', ooms: 2 }),
    ];
    const [one] = reportedSuggestions(pods);
    assert.deepEqual([one?.risk, one?.kills, one?.frees], ['killed', 3, 0]);
  });

  it('lists what frees most first', () => {
    const other = { ...replica('x', { suggestRequest: 10 }), workload: 'Deployment/api' };
    const found = reportedSuggestions([replica('1', { suggestRequest: 90 }), other]);
    assert.deepEqual(
      found.map(({ workload, frees }) => [workload, frees]),
      [
        ['Deployment/api', 90],
        ['Deployment/cart', 10],
      ],
    );
  });
});
