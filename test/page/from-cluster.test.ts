import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pageOfCluster } from '../../src/page/from-cluster.ts';
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
