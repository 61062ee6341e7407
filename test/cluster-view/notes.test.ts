/** The lines below a cluster's table, without the table. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  attentionText,
  clusterLines,
  clusterWarnings,
  noPodsNote,
  noteLines,
  notesBelow,
  sentence,
  urgentOf,
} from '../../src/cluster/notes.ts';
import { clusterRows } from '../../src/cluster/rows.ts';
import type { ContainerView, NodeView } from '../../src/cluster/view.ts';
import type { Row } from '../../src/render/row.ts';
import { containerOf, MiB, nodeViewOf, podOf, shop, viewOf } from './made/made-view.ts';

const near: Partial<ContainerView> = { real: MiB(95), limit: MiB(100), verdict: 'NearLimit' };

const nodeWith = (name: string, figures: Partial<ContainerView>, more: Partial<NodeView> = {}): NodeView =>
  nodeViewOf(name, { pods: [podOf(`cart-${name}`, [containerOf('web', figures)], { node: name })], ...more });

const targetsOf = (rows: readonly Row[]): readonly string[] => rows.map(({ target }) => target);

describe('the rows that need attention', () => {
  it('are those at their limit, the largest share first, without those of stale nodes', () => {
    const view = viewOf([
      nodeWith('a', near),
      nodeWith('b', { ...near, real: MiB(99) }),
      nodeWith('c', { ...near, real: MiB(98) }, { isStale: true }),
      nodeWith('d', { real: MiB(5), limit: MiB(100), verdict: 'OK' }),
    ]);
    assert.deepEqual(targetsOf(urgentOf(clusterRows(view, 'container'))), [
      'shop/cart-b/web',
      'shop/cart-a/web',
    ]);
  });

  it('have their verdict, their share of the limit, and their OOM kills', () => {
    const textOf = (figures: Partial<ContainerView>): string | undefined =>
      attentionText(clusterRows(viewOf([nodeWith('a', figures)]), 'container'));
    assert.equal(textOf(near), 'ATTENTION shop/cart-a/web (NearLimit, 95% of 100Mi)');
    assert.equal(
      textOf({ verdict: 'OOMKilled', ooms: 2 }),
      'ATTENTION shop/cart-a/web (OOMKilled, 2 OOM kills)',
    );
  });

  it('are named up to the third one', () => {
    const textOf = (count: number): string =>
      attentionText(
        clusterRows(viewOf(Array.from({ length: count }, (_, at) => nodeWith(`${at}`, near))), 'container'),
      ) ?? '';
    assert.match(textOf(3), /cart-2\/web \([^)]*\)$/);
    assert.match(textOf(5), /cart-2\/web \([^)]*\), and 2 more \(--sort-by real%\)$/);
  });

  it('have no line in a table of groups, or if there are none', () => {
    const view = viewOf([nodeWith('a', near)]);
    for (const by of ['workload', 'namespace', 'node'] as const)
      assert.equal(attentionText(clusterRows(view, by)), undefined, by);
    assert.equal(attentionText([]), undefined);
  });
});

describe('the sums of a cluster', () => {
  it('have no share without the capacity of each node', () => {
    const known = { capacity: MiB(1024), real: MiB(512) };
    assert.deepEqual(clusterLines(viewOf([nodeViewOf('a', known), nodeViewOf('b', known)])), [
      'CLUSTER 2 nodes   0 pods   CAPACITY 2Gi   REAL 1Gi (50%)',
    ]);
    assert.deepEqual(clusterLines(viewOf([nodeViewOf('a', known), nodeViewOf('b', { real: MiB(512) })])), [
      'CLUSTER 2 nodes   0 pods   REAL 1Gi',
    ]);
  });

  it('of some pods count only the nodes that have one, and omit the cluster without figures', () => {
    const web = { real: MiB(60), request: MiB(128) };
    const nodes = [nodeWith('a', web), nodeViewOf('b')];
    assert.deepEqual(clusterLines(viewOf(nodes, { only: { selector: 'app=web' } })), [
      'SELECTOR app=web   1 pod on 1 node   REAL 60Mi   REQUESTS 128Mi',
    ]);
  });
});

describe('the warnings of a cluster', () => {
  it('say that a stale node has no time', () => {
    const { observedAt: _, ...node } = nodeViewOf('a', { isStale: true });
    assert.deepEqual(clusterWarnings(viewOf([node])), ['STALE a (no time): see kubectl realmem doctor']);
  });

  it('name conditions that are Unknown, and those of one type with another reason apart', () => {
    const complete = { type: 'Complete', status: 'False' } as const;
    const view = viewOf([
      nodeViewOf('a', { conditions: [{ ...complete, reason: 'TooMany', message: 'Too many cgroups.' }] }),
      nodeViewOf('b', {
        conditions: [{ ...complete, reason: 'Unread', message: 'Some are \u001b unread.' }],
      }),
      nodeViewOf('c', {
        conditions: [
          { ...complete, status: 'Unknown', reason: 'TooMany', message: 'Another text.' },
          { ...complete, status: 'True', reason: 'AllRead', message: 'All read.' },
        ],
      }),
    ]);
    assert.deepEqual(clusterWarnings(view), ['a, c: Too many cgroups.', 'b: Some are \\u001b unread.']);
  });

  it('are none for a cluster without faults', () =>
    assert.deepEqual(clusterWarnings(viewOf([nodeViewOf('a')])), []));

  it('stand in the colour of a warning, between the sums and the notes of the view', () => {
    const below = notesBelow({ ...shop, notes: ['may not \u001b list'] }, [], undefined);
    assert.deepEqual(
      below.map(({ parts, tone }) => [parts[0]?.trim(), tone]),
      [
        ['CLUSTER 2 nodes', undefined],
        ['STALE', 'warn'],
        ['MISSING', 'warn'],
        ['may', undefined],
      ],
    );
    assert.equal(below.at(-1)?.parts.join(' '), 'may not \\u001b list');
  });
});

describe('a note on a namespace without pods', () => {
  const noteOf = (namespace: string | undefined, namespaces?: readonly string[]): string | undefined =>
    noPodsNote(
      viewOf([nodeViewOf('a')], {
        only: namespace === undefined ? { selector: 'app=web' } : { namespace },
        ...(namespaces !== undefined && { namespaces }),
      }),
    );

  it('proposes three namespaces at most that contain the name', () =>
    assert.equal(
      noteOf('team', ['team-d', 'team-b', 'other', 'team-c', 'team-a']),
      'No pods of namespace "team" are in any report; did you mean team-a, team-b, team-c?',
    ));

  it('proposes none where the namespaces are not known', () =>
    assert.equal(noteOf('shop'), 'No pods found in namespace "shop".'));

  it('is absent without a namespace, and where a pod is shown', () => {
    assert.equal(noteOf(undefined, ['shop']), undefined);
    assert.equal(noPodsNote({ ...shop, only: { namespace: 'shpo' }, namespaces: [] }), undefined);
  });
});

describe('the lines of a note', () => {
  it('break between parts, and cut a part that is wider than the screen in its middle', () => {
    assert.deepEqual(noteLines(sentence('one two three'), 8), ['one two', 'three']);
    assert.deepEqual(noteLines(sentence('abcdefghijkl'), 5), ['ab…kl']);
    assert.deepEqual(noteLines(sentence('one two three')), ['one two three']);
  });
});
