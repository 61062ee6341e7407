import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clusterRows, staleSeconds } from '../../src/cluster/rows.ts';
import { itemOf } from '../../src/render/items.ts';
import type { Grouping } from '../../src/render/row.ts';
import { at } from './made/made.ts';
import { containerOf, MiB, nodeViewOf, podOf, shop, viewOf } from './made/made-view.ts';

const items = (by: Grouping) => clusterRows(shop, by).map(itemOf);

describe('clusterRows', () => {
  it('has a row for each container, with its own figures and those of no other', () =>
    assert.deepEqual(items('container'), [
      {
        ...{ node: 'a', namespace: 'shop', pod: 'cart-1', container: 'web', target: 'shop/cart-1/web' },
        ...{ realBytes: MiB(64), limitBytes: MiB(256), realPercent: 25, requestBytes: MiB(128) },
        ...{ peakRealBytes: MiB(80), kubectlTopBytes: MiB(100), usageBytes: MiB(200), oomKills: 0 },
        ...{ verdict: 'OK', suggestRequestBytes: MiB(70), suggestLimitBytes: MiB(90) },
      },
      {
        ...{ node: 'a', namespace: 'shop', pod: 'cart-1', container: 'proxy', target: 'shop/cart-1/proxy' },
        ...{ realBytes: MiB(6), oomKills: 0 },
      },
      {
        ...{ node: 'b', namespace: 'shop', pod: 'cart-2', container: 'web', target: 'shop/cart-2/web' },
        ...{ realBytes: MiB(64), limitBytes: MiB(256), realPercent: 25, requestBytes: MiB(128) },
        ...{ peakRealBytes: MiB(80), kubectlTopBytes: MiB(100), usageBytes: MiB(200), verdict: 'OK' },
        ...{ suggestRequestBytes: MiB(70), suggestLimitBytes: MiB(90), staleSeconds: 7200 },
      },
      {
        ...{ node: 'b', namespace: 'data', pod: 'lonely', container: 'main', target: 'data/lonely/main' },
        ...{ oomKills: 0, staleSeconds: 7200 },
      },
    ]));

  it("has a row for each pod: its own figures, else its containers' sums, if all of them have one", () =>
    assert.deepEqual(items('pod'), [
      {
        ...{ node: 'a', namespace: 'shop', pod: 'cart-1', target: 'shop/cart-1', realBytes: MiB(70) },
        ...{ requestBytes: MiB(128), oomKills: 0, verdict: 'OK' },
      },
      {
        ...{ node: 'b', namespace: 'shop', pod: 'cart-2', target: 'shop/cart-2', realBytes: MiB(65) },
        ...{ limitBytes: MiB(300), realPercent: 21.7, requestBytes: MiB(128), kubectlTopBytes: MiB(100) },
        ...{ usageBytes: MiB(200), oomKills: 2, verdict: 'OK', staleSeconds: 7200 },
      },
      {
        ...{ node: 'b', namespace: 'data', pod: 'lonely', target: 'data/lonely', oomKills: 0 },
        staleSeconds: 7200,
      },
    ]));

  it('has a row for each workload over all nodes; a pod without an owner is its own', () =>
    assert.deepEqual(items('workload'), [
      {
        ...{ namespace: 'shop', workload: 'Deployment/cart', target: 'shop/Deployment/cart', pods: 2 },
        ...{ realBytes: MiB(135), requestBytes: MiB(256), oomKills: 2, verdict: 'OK', staleSeconds: 7200 },
      },
      {
        ...{ namespace: 'data', workload: 'Pod/lonely', target: 'data/Pod/lonely', pods: 1, oomKills: 0 },
        staleSeconds: 7200,
      },
    ]));

  it('has a row for each namespace', () =>
    assert.deepEqual(
      items('namespace').map(({ target, pods, realBytes }) => [target, pods, realBytes]),
      [
        ['shop', 2, MiB(135)],
        ['data', 1, undefined],
      ],
    ));

  it("has a row for each node, with the node's own figures and its pods' requests and kills", () =>
    assert.deepEqual(items('node'), [
      {
        ...{ node: 'a', target: 'a', realBytes: MiB(900), limitBytes: MiB(8192), realPercent: 11 },
        ...{
          requestBytes: MiB(128),
          kubectlTopBytes: MiB(1500),
          usageBytes: MiB(3000),
          oomKills: 0,
          pods: 1,
        },
        ...{ allocatableBytes: MiB(7000), podsRealBytes: MiB(70) },
      },
      {
        ...{ node: 'b', target: 'b', requestBytes: MiB(128), oomKills: 2, pods: 2, staleSeconds: 7200 },
      },
    ]));

  it('counts no kills for a container only if its pod has none, or its other containers are counted', () => {
    const kills = (ooms: number, ...counts: readonly (number | undefined)[]) =>
      clusterRows(
        viewOf([
          nodeViewOf('a', {
            pods: [
              podOf(
                'p',
                counts.map((count) => containerOf('c', count === undefined ? {} : { ooms: count })),
                { ooms },
              ),
            ],
          }),
        ]),
        'container',
      ).map(({ usage }) => usage.oomKills);
    assert.deepEqual(kills(0, undefined), [0]);
    assert.deepEqual(kills(3, 3, undefined), [3, 0]);
    assert.deepEqual(kills(3, undefined, undefined), [undefined, undefined]);
  });

  it('shows the worst verdict of a group', () => {
    const pods = [
      podOf('p', [containerOf('a', { verdict: 'OK' }), containerOf('b', { verdict: 'OOMKilled' })]),
    ];
    const view = viewOf([nodeViewOf('a', { pods })]);
    for (const by of ['pod', 'workload', 'namespace'] as const)
      assert.equal(clusterRows(view, by)[0]?.verdict, 'OOMKilled', by);
  });

  it('has no row for a cluster without nodes, and no memory of pods for a node without pods', () => {
    assert.deepEqual(clusterRows(viewOf([]), 'container'), []);
    assert.equal(clusterRows(viewOf([nodeViewOf('a')]), 'node')[0]?.podsReal, 0);
  });
});

describe('staleSeconds', () => {
  it('is the age of a stale report, and absent for a current one', () => {
    assert.equal(staleSeconds(nodeViewOf('a'), at), undefined);
    assert.equal(staleSeconds(nodeViewOf('a', { isStale: true, observedAt: at - 61_000 }), at), 61);
    assert.equal(staleSeconds(nodeViewOf('a', { isStale: true, observedAt: at + 9_000 }), at), 0);
  });
});
