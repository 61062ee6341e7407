import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onlyPods, podKey } from '../../src/cluster/labels.ts';
import type { ClusterView, PodView } from '../../src/cluster/view.ts';

const podOf = (namespace: string, name: string): PodView => ({
  namespace,
  name,
  node: 'a',
  ooms: 0,
  containers: [],
});

it('keeps the wanted pods of a view, and nodes without any', () => {
  const view: ClusterView = {
    at: 0,
    nodes: [
      { name: 'a', from: 'report', isStale: false, conditions: [], pods: [podOf('x', 'p'), podOf('y', 'p')] },
      { name: 'b', from: 'report', isStale: false, conditions: [], pods: [podOf('x', 'q')] },
    ],
    missing: [],
    notes: [],
  };
  const { nodes } = onlyPods(view, new Set([podKey('y', 'p')]));
  assert.deepEqual(
    nodes.map(({ name, pods }) => [name, pods.map(({ namespace }) => namespace)]),
    [
      ['a', ['y']],
      ['b', []],
    ],
  );
});
