import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clusterRows } from '../../src/cluster/rows.ts';
import { type ClusterTableOptions, clusterMarkdown, clusterTableLines } from '../../src/cluster/table.ts';
import type { ClusterView, NodeView } from '../../src/cluster/view.ts';
import { widthOf } from '../../src/layout/width.ts';
import { isPrintable } from '../../src/model/text.ts';
import type { Grouping } from '../../src/render/row.ts';
import { containerOf, MiB, nodeViewOf, podOf, shop, viewOf } from './made/made-view.ts';

const plain: ClusterTableOptions = {
  ...{ by: 'container', wide: false, headers: true, available: false, oneNamespace: false },
  ...{ colour: false, marks: false, ascii: false },
};
const lines = (view: ClusterView, options: Partial<ClusterTableOptions> = {}): readonly string[] => {
  const { by } = { ...plain, ...options };
  return [...clusterTableLines(view, clusterRows(view, by), { ...plain, ...options })].map((line) =>
    line.slice(0, -1),
  );
};
const headingsOf = (by: Grouping, options: Partial<ClusterTableOptions> = {}): readonly string[] =>
  (lines(shop, { by, ...options })[0] ?? '').split(/ {2,}/);

const urgent = (names: readonly string[]): NodeView =>
  nodeViewOf('a', {
    pods: names.map((name, index) =>
      podOf(name, [
        containerOf('web', { real: MiB(99 - index), limit: MiB(100), ooms: 1, verdict: 'OOMKilled' }),
      ]),
    ),
  });

describe('the columns of a cluster', () => {
  it('differ by what a row stands for', () => {
    const figures = ['REAL', 'LIMIT', 'REAL%', 'KUBECTL-TOP', 'REQUEST', '%REQ'];
    assert.deepEqual(headingsOf('container'), [
      ...['NAMESPACE', 'POD', 'CONTAINER', ...figures, 'PEAK', 'OOMS', 'VERDICT'],
    ]);
    assert.deepEqual(headingsOf('pod'), ['NAMESPACE', 'POD', ...figures, 'OOMS', 'VERDICT']);
    assert.deepEqual(headingsOf('workload'), [
      'NAMESPACE',
      'WORKLOAD',
      ...figures,
      'PODS',
      'OOMS',
      'VERDICT',
    ]);
    assert.deepEqual(headingsOf('node').slice(0, 4), ['NODE', 'REAL', 'CAPACITY', 'REAL%']);
    assert.deepEqual(headingsOf('node', { available: true }).slice(-2), ['REAL OF PODS', 'FREE BY REAL']);
  });

  it('are more in the wide table', () =>
    assert.deepEqual(headingsOf('container', { wide: true }).slice(-4), [
      ...['USAGE', 'SUGGEST-REQ', 'SUGGEST-LIM', 'NODE'],
    ]));

  it('have no namespace if all rows are of one', () =>
    assert.equal(headingsOf('pod', { oneNamespace: true })[0], 'POD'));
});

describe('the lines below the table of a cluster', () => {
  const below = (view: ClusterView, options: Partial<ClusterTableOptions> = {}): readonly string[] => {
    const all = lines(view, options);
    return all.slice(all.indexOf('') + 1);
  };

  it('name the sums, stale nodes and missing agents', () =>
    assert.deepEqual(below(shop), [
      'CLUSTER 2 nodes   3 pods',
      'STALE b (2h): see kubectl realmem doctor',
      'MISSING c: an agent should run there, and it has not reported; see kubectl realmem doctor',
    ]));

  const onlyShop = { only: { namespace: 'shop' }, namespaces: ['data', 'shop'] };

  it('keep the sums of a namespace apart from those of its nodes', () => {
    const [a, b] = shop.nodes as [NodeView, NodeView];
    const some = { capacity: MiB(8192), real: MiB(900) };
    const pods = b.pods.filter(({ namespace }) => namespace === 'shop');
    const nodes = [a, { ...b, ...some, pods }, nodeViewOf('c', some)];
    assert.deepEqual(below({ ...shop, ...onlyShop, nodes }).slice(0, 2), [
      'NAMESPACE shop   2 pods on 2 nodes   REAL 135Mi   REQUESTS 256Mi',
      'CLUSTER 3 nodes   CAPACITY 24Gi   REAL 2.6Gi (11%)',
    ]);
    const only = { namespace: 'shop', selector: 'app=web' };
    assert.match(below({ ...shop, only })[0] ?? '', /^NAMESPACE shop {3}SELECTOR app=web {3}3 pods on/);
  });

  for (const [namespace, says] of [
    ['shpo', 'No pods of namespace "shpo" are in any report; did you mean shop?'],
    ['sho', 'No pods of namespace "sho" are in any report; did you mean shop?'],
    ['unlike', 'No pods of namespace "unlike" are in any report.'],
    // Labels match none of its pods.
    ['shop', 'No matching rows.'],
  ] as const)
    it(`say of no pods in namespace ${namespace}: ${says}`, () =>
      assert.equal(lines(viewOf([nodeViewOf('a')], { ...onlyShop, only: { namespace } }))[0], says));

  it('have sums only if every node has the figure', () =>
    assert.equal(
      below(viewOf([nodeViewOf('a', { capacity: MiB(4096), real: MiB(1024), used: MiB(2048) })]), {
        by: 'node',
      }).at(0) ?? '',
      'CLUSTER 1 node   0 pods   CAPACITY 4Gi   REAL 1Gi (25%)   USED with cache 2Gi (50%)',
    ));

  it('name the three most urgent rows and what to type next', () =>
    assert.deepEqual(below(viewOf([urgent(['a', 'b', 'c', 'd'])])).slice(0, 2), [
      'ATTENTION shop/a/web (OOMKilled, 99% of 100Mi, 1 OOM kill), shop/b/web (OOMKilled, 98% of 100Mi, 1 OOM kill), shop/c/web (OOMKilled, 97% of 100Mi, 1 OOM kill), and 1 more (--sort-by real%)',
      'Next: kubectl realmem explain shop/a/web, or kubectl realmem suggest',
    ]));

  it('explain the verdict Learning if a row has it', () => {
    const learning = podOf('a', [containerOf('web', { verdict: 'Learning' })]);
    assert.match(
      below(viewOf([nodeViewOf('n', { pods: [learning] })]))[0] ?? '',
      /^Learning: less than a day/,
    );
    assert.doesNotMatch(below(shop).join(), /Learning/);
  });

  it('stand below a table in Markdown too, escaped, with the time', () => {
    const view = viewOf([urgent(['a*'])]);
    const text = clusterMarkdown(view, clusterRows(view, 'pod'), { ...plain, by: 'pod' });
    assert.deepEqual(text.split('\n\n').slice(1, 3), [
      'ATTENTION shop/a\\* \\(OOMKilled, 99% of 100Mi\\)',
      'CLUSTER 1 node, 1 pod',
    ]);
    assert.match(text, /\n\nRead at \d{4}-\d\d-\d\dT[\d.:]+Z by realmem [\d.]+\n$/);
    assert.doesNotMatch(
      clusterMarkdown(view, clusterRows(view, 'pod'), { ...plain, by: 'pod', headers: false }),
      /ATTENTION/,
    );
  });

  it('name five nodes at most', () => {
    const stale = Array.from({ length: 7 }, (_, index) =>
      nodeViewOf(`n${index}`, { isStale: true, observedAt: shop.at - 300_000 }),
    );
    assert.match(below(viewOf(stale)).join('\n'), /STALE n0 \(5m\), .*n4 \(5m\) and 2 more: see/);
  });

  it('say each condition once, with the nodes that have it', () => {
    const conditions = [
      ...[{ type: 'Complete', status: 'False', reason: 'Unread', message: 'Some cgroups are unread.' }],
      ...[{ type: 'NamesFresh', status: 'True', reason: 'Named', message: 'Fresh.' }],
    ] as const;
    const nodes = ['a', 'b'].map((name) => nodeViewOf(name, { conditions }));
    assert.deepEqual(below(viewOf(nodes), { by: 'node' }).slice(1), ['a, b: Some cgroups are unread.']);
  });

  it('are absent without headers', () =>
    assert.equal(lines(shop, { headers: false }).length, clusterRows(shop, 'container').length));

  it('follow a sentence if no row matches', () =>
    assert.deepEqual(lines(viewOf([])), ['No matching rows.', 'CLUSTER 0 nodes   0 pods']));

  const long = `recommendation-${'x'.repeat(230)}`;
  for (const columns of [30, 60, 80, 120])
    it(`have at most ${columns} cells in as many columns, whatever the names`, () => {
      const node = urgent([long, '数据库'.repeat(30), 'a']);
      const view = viewOf([{ ...node, name: long, isStale: true }, urgent([long, 'b'])], {
        missing: [long],
        notes: [`pod ${long}: no name`, '\u001b[2J'],
      });
      for (const colour of [false, true])
        for (const line of lines(view, { columns, colour, marks: true })) {
          // biome-ignore lint/suspicious/noControlCharactersInRegex: removes our own colours
          const text = line.replaceAll(/\u001b\[[\d;]*m/g, '');
          assert.ok(isPrintable(text), text);
          assert.ok(widthOf(text) <= columns, `${widthOf(text)}: ${text}`);
        }
    });

  it('proposes a command with a name only where it fits on one line', () => {
    const view = viewOf([urgent([long])]);
    assert.match(lines(view, { columns: 80 }).join('\n'), /^Next: kubectl realmem explain TARGET,/m);
    assert.match(lines(view).join('\n'), new RegExp(`^Next: kubectl realmem explain shop/${long}/web,`, 'm'));
  });
});
