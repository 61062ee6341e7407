import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aboutNode, overviewOf } from '../../../src/page/view/overview.ts';
import { modelWith, pod, rows } from '../some.ts';

describe('overviewOf', () => {
  const node = {
    name: 'n1',
    capacity: 100,
    allocatable: 90,
    real: 40,
    used: 70,
    tmpfs: 5,
    podsReal: 22,
    systemReal: 8,
  };

  it('splits the memory of all nodes', () => {
    const overview = overviewOf(
      modelWith([pod('a/x', [{ real: 20, workingSet: 30, request: 9, limit: 50 }])], { nodes: [node] }),
      {},
    );
    const { parts, cache, free, whole, requests, limits, kubectlTop, real } = overview;
    assert.deepEqual(
      parts.map(({ bytes }) => bytes),
      [22, 8, 10],
    );
    assert.deepEqual(
      { cache, free, whole, requests, limits, kubectlTop, real },
      {
        ...{ cache: 30, free: 30, whole: 100, requests: 9, limits: 50, kubectlTop: 30, real: 20 },
      },
    );
  });

  it('compares pods that have both figures, and counts the others', () => {
    const overview = overviewOf(
      modelWith([pod('a/x', [{ real: 20, workingSet: 30 }]), pod('a/y', [{ real: 7 }])]),
      {},
    );
    assert.deepEqual([overview.real, overview.kubectlTop, overview.unknown], [20, 30, 1]);
  });

  it('draws a namespace against its limits', () => {
    const model = modelWith([pod('a/x', [{ real: 20, usage: 30, limit: 50, request: 10 }])], {
      nodes: [node],
    });
    const { whole, wholeTitle, nodes } = overviewOf(model, { namespace: 'a' });
    assert.deepEqual([whole, wholeTitle, nodes], [50, 'limits', 0]);
  });

  it('does not draw the requests of some pods on the memory of all nodes', () => {
    const pods = [pod('a/x', [{ real: 20, usage: 30, limit: 50, request: 10 }])];
    const model = modelWith(pods, { nodes: [node], only: { namespace: 'a' } });
    const { whole, wholeTitle, nodes, allocatable } = overviewOf(model, {});
    assert.deepEqual([whole, wholeTitle, nodes, allocatable], [50, 'limits', 0, undefined]);
    assert.deepEqual(
      rows(model, 'node').map(({ real, limit, request }) => [real, limit, request]),
      [[20, 100, 10]],
    );
  });

  it('of no pods has no figures', () => {
    const { kubectlTop, real, pods } = overviewOf(modelWith([]), {});
    assert.deepEqual([kubectlTop, real, pods], [undefined, undefined, 0]);
  });
});

describe('aboutNode', () => {
  it('says where the figures come from and how old they are', () => {
    const node = { name: 'n', kernel: '6.1', cgroupVersion: 2, agent: '0.1.0', observedAt: 40_000 } as const;
    assert.deepEqual(aboutNode(node, 60_000), [
      'Linux 6.1 · cgroup v2 · realmem 0.1.0 · observed 20 s earlier',
    ]);
  });

  it('says what is wrong, and nothing about a node of which it knows nothing', () => {
    const conditions = [{ type: 'NamesFresh', status: 'False', message: 'The API server\u202e is away.' }];
    assert.deepEqual(aboutNode({ name: 'n', staleSeconds: 900, omitted: 2, conditions }, 0), [
      'Stale: the agent observed it 15 min ago.',
      'The report leaves out 2 cgroups.',
      'NamesFresh: The API server\\u202e is away.',
    ]);
    assert.deepEqual(aboutNode({ name: 'n' }, 0), []);
  });
});
