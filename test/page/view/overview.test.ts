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

  const partsOf = (...given: Parameters<typeof overviewOf>) =>
    overviewOf(...given).parts.map(({ title, bytes }) => [title, bytes]);

  it('has one part of nodes without a split, and no part of a node without figures', () => {
    const { podsReal: _, systemReal: __, ...whole } = node;
    const nodes = [whole, { name: 'n2', real: 5 }];
    const model = modelWith([], { nodes });
    assert.deepEqual(partsOf(model, {}), [['Real', 40]]);
    assert.deepEqual([overviewOf(model, {}).whole, overviewOf(model, {}).tmpfs], [100, 5]);
  });

  it('cuts parts of a node that together exceed its real, which was read before', () => {
    const model = modelWith([], { nodes: [{ ...node, podsReal: 35, systemReal: 9 }] });
    assert.deepEqual(partsOf(model, {}), [
      ['Pods', 35],
      ['Services', 5],
      ['Kernel and root', 0],
    ]);
    const more = modelWith([], { nodes: [{ ...node, podsReal: 45 }] });
    assert.deepEqual(
      partsOf(more, {}).map(([, bytes]) => bytes),
      [40, 0, 0],
    );
  });

  it('is of one node where the scope names one', () => {
    const model = modelWith([], { nodes: [node, { ...node, name: 'n2', capacity: 300 }] });
    assert.deepEqual([overviewOf(model, {}).whole, overviewOf(model, { node: 'n2' }).whole], [400, 300]);
    assert.deepEqual([overviewOf(model, {}).nodes, overviewOf(model, { node: 'n2' }).nodes], [2, 1]);
  });

  it('has no page cache and nothing free where the figures of a node exceed each other', () => {
    const model = modelWith([], { nodes: [{ ...node, real: 120, used: 110 }] });
    const { cache, free } = overviewOf(model, {});
    assert.deepEqual([cache, free], [0, 0]);
  });

  for (const [what, container, parts] of [
    ['real alone', { real: 20 }, [20, 0, 0]],
    ['tmpfs and kernel memory', { real: 20, tmpfs: 5, kernel: 3 }, [12, 5, 3]],
    ['more tmpfs than real', { real: 20, tmpfs: 30, kernel: 3 }, [0, 20, 0]],
    ['more kernel memory than the rest', { real: 20, tmpfs: 15, kernel: 9 }, [0, 15, 5]],
  ] as const)
    it(`splits a namespace with ${what}`, () => {
      const found = overviewOf(modelWith([pod('a/x', [container])]), { namespace: 'a' }).parts;
      assert.deepEqual(
        found.map(({ bytes }) => bytes),
        parts,
      );
      assert.equal(found[0]?.title, parts[1] + parts[2] > 0 ? 'Processes' : 'Real');
    });

  for (const [what, container, whole, title] of [
    ['its usage', { real: 20, usage: 30, request: 10 }, 30, 'usage'],
    ['its requests', { real: 20, usage: 30, request: 40, limit: 35 }, 40, 'requests'],
    ['a byte, where nothing is known', {}, 1, 'limits'],
  ] as const)
    it(`draws a namespace against ${what}`, () => {
      const found = overviewOf(modelWith([pod('a/x', [container])]), { namespace: 'a' });
      assert.deepEqual([found.whole, found.wholeTitle], [whole, title]);
    });

  it('counts services outside pods only where no pod runs', () => {
    const others = [{ node: 'n1', type: 'service', name: 'sshd.service', real: 5, workingSet: 6 }] as const;
    const found = (pods: readonly ReturnType<typeof pod>[]) => {
      const { real, containers, pods: count } = overviewOf(modelWith(pods, { others }), {});
      return [real, containers, count];
    };
    assert.deepEqual(found([]), [5, 1, 0]);
    assert.deepEqual(found([pod('a/x', [{ real: 20, workingSet: 30 }])]), [20, 1, 1]);
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

  for (const [what, node, about] of [
    ['figures of 5 s ago', { observedAt: 55_000 }, ['observed 5 s earlier']],
    ['figures of less than 5 s ago', { observedAt: 55_001 }, []],
    ['stale figures', { observedAt: 0, staleSeconds: 60 }, ['Stale: the agent observed it 1 min ago.']],
    ['figures from annotations', { from: 'annotations' }, ['figures from annotations of pods']],
    ['one omitted cgroup', { omitted: 1 }, ['The report leaves out 1 cgroup.']],
  ] as const)
    it(`says ${about.join() || 'nothing'} of a node with ${what}`, () =>
      assert.deepEqual(aboutNode({ name: 'n', ...node }, 60_000), about));

  it('does not say how old figures are where the time of the page is unknown', () =>
    assert.deepEqual(aboutNode({ name: 'n', observedAt: 0 }, undefined), []));
});
