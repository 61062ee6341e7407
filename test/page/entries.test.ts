import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheOf, podsIn, shareOf } from '../../src/page/view/entries.ts';
import { modelOf } from '../../src/page/view/leaves.ts';
import { aboutNode, overviewOf } from '../../src/page/view/overview.ts';
import { tilesOf } from '../../src/page/view/tiles.ts';
import { madePage } from './made-page.ts';
import { Gi, Mi, modelWith, pod, rows } from './some.ts';

describe('entriesOf', () => {
  it('adds up a pod, and leaves a sum unknown if a part is', () => {
    const model = modelWith([
      pod('a/x', [
        { real: 10, usage: 20, request: 5 },
        { real: 1, usage: 2 },
      ]),
      pod('a/y', [{ real: 10 }, { usage: 2 }]),
    ]);
    const [x, y] = rows(model, 'pod');
    assert.deepEqual([x?.real, x?.usage, x?.request, x?.limit], [11, 22, 5, undefined]);
    assert.deepEqual([y?.real, y?.usage, y?.request], [undefined, undefined, undefined]);
  });

  it("prefers the pod's own figures to the sum of its containers", () => {
    const model = modelWith([pod('a/x', [{ real: 10, limit: 5 }], { real: 12, limit: 9, request: 3 })]);
    const [x] = rows(model, 'pod');
    assert.deepEqual([x?.real, x?.limit, x?.request], [12, 9, 3]);
  });

  it('groups pods of one workload, but not of two namespaces', () => {
    const model = modelWith([
      pod('a/x', [{ real: 1 }]),
      pod('a/y', [{ real: 2 }]),
      pod('b/z', [{ real: 4 }]),
    ]);
    assert.deepEqual(
      rows(model, 'workload').map(({ key, real, pods }) => [key, real, pods.length]),
      [
        ['a/Deployment/cart', 3, 2],
        ['b/Deployment/cart', 4, 1],
      ],
    );
    assert.deepEqual(
      rows(model, 'namespace').map(({ key, real }) => [key, real]),
      [
        ['a', 3],
        ['b', 4],
      ],
    );
  });

  it('takes the worst verdict of a group', () => {
    const model = modelWith([
      pod('a/x', [{ verdict: 'OK' }, { verdict: 'NearLimit' }]),
      pod('a/y', [{ verdict: 'NoLimit' }]),
    ]);
    assert.deepEqual(
      rows(model, 'workload').map(({ verdict }) => verdict),
      ['NearLimit'],
    );
  });

  it("shows a node's own figures, and those of its pods inside a namespace", () => {
    const model = modelWith([pod('a/x', [{ real: 1 * Gi }])], {
      nodes: [{ name: 'n1', capacity: 8 * Gi, real: 3 * Gi, used: 4 * Gi, staleSeconds: 900 }],
    });
    const [all] = rows(model, 'node');
    assert.deepEqual([all?.real, all?.limit, all?.staleSeconds], [3 * Gi, 8 * Gi, 900]);
    const [part] = rows(model, 'node', { namespace: 'a' });
    assert.deepEqual([part?.real, part?.limit], [1 * Gi, 8 * Gi]);
    assert.deepEqual(rows(model, 'node', { namespace: 'b' }), []);
  });

  it('does not say that a container has no OOM kills if only those of its pod are known', () => {
    const model = modelWith([pod('a/x', [{}], { ooms: 2 }), pod('a/y', [{}])]);
    assert.deepEqual(
      rows(model, 'container').map(({ ooms }) => ooms),
      [undefined, 0],
    );
  });

  it('makes names printable, whatever they are', () => {
    const model = modelWith([pod('a/\u202Egnp', [{ name: 'x\u0007' }])]);
    const [container] = rows(model, 'container');
    assert.equal(container?.name, '\\u202egnp/x\\u0007');
  });

  it('keeps two reports of a pod that moves apart', () => {
    const model = modelWith([pod('a/x', [{ real: 1 }]), pod('a/x', [{ real: 2 }], { node: 'n2' })]);
    assert.equal(new Set(rows(model, 'container').map(({ key }) => key)).size, 2);
    assert.equal(new Set(rows(model, 'pod').map(({ key }) => key)).size, 2);
  });

  it('opens the container of a pod that has only one', () => {
    const model = modelWith([pod('a/x', [{}]), pod('a/y', [{}, {}])]);
    assert.deepEqual(
      rows(model, 'pod').map(({ leaf }) => leaf?.key),
      ['a/x/c0', undefined],
    );
  });

  it("does not count a limit of all pods of a node as a container's own", () => {
    const model = modelWith([
      pod('a/x', [{ limit: 9, limitFrom: 'node' }, { limit: 5 }]),
      pod('a/y', [
        { limit: 7, limitFrom: 'pod' },
        { limit: 7, limitFrom: 'pod' },
      ]),
    ]);
    assert.deepEqual(
      rows(model, 'pod').map(({ limit }) => limit),
      [undefined, 7],
    );
    assert.deepEqual(
      rows(model, 'container').map(({ limit }) => limit),
      [undefined, 5, 7, 7],
    );
  });

  it('lists services beside pods only where someone looks for them', () => {
    const model = modelWith([pod('a/x', [{}])], {
      others: [{ node: 'n1', type: 'service', name: 'sshd.service' }],
    });
    const names = (...given: Parameters<typeof rows> extends [unknown, ...infer Rest] ? Rest : never) =>
      rows(model, ...given).map(({ name }) => name);
    assert.deepEqual(names('pod'), ['x']);
    assert.deepEqual(names('namespace'), ['a', '(outside pods)']);
    assert.deepEqual(names('container', { namespace: '(outside pods)' }), ['sshd.service']);
  });

  it('lists cgroups outside pods by their type', () => {
    const model = modelWith([], { others: [{ node: 'n1', type: 'service', name: 'sshd.service', real: 5 }] });
    assert.equal(model.hasPods, false);
    assert.deepEqual(
      rows(model, 'container').map(({ name, detail, real }) => [name, detail, real]),
      [['sshd.service', 'service · n1', 5]],
    );
  });
});

describe('shareOf and cacheOf', () => {
  it('are unknown without a limit or a figure', () => {
    assert.equal(shareOf({ real: 1, limit: undefined }), undefined);
    assert.equal(shareOf({ real: 1, limit: 0 }), undefined);
    assert.equal(shareOf({ real: 1, limit: 4 }), 0.25);
    assert.equal(cacheOf({ real: 1, usage: undefined }), undefined);
    assert.equal(cacheOf({ real: 3, usage: 2 }), 0);
  });
});

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

describe('tilesOf', () => {
  const model = modelOf(madePage(5000));
  const into = { x: 0, y: 0, width: 1200, height: 300 };
  const groups = tilesOf(model, model.pods, {}, into);

  it('has groups for namespaces, the largest first', () => {
    const sizes = groups.map(({ bytes }) => bytes);
    assert.deepEqual(
      sizes,
      sizes.toSorted((a, b) => b - a),
    );
    assert.equal(groups.length, 8);
  });

  it('shows no more than 41 tiles of a group, the last for all others', () => {
    for (const { tiles, bytes } of groups) {
      assert.ok(tiles.length <= 41, `${tiles.length}`);
      const sum = tiles.reduce((total, tile) => total + tile.bytes, 0);
      assert.ok(Math.abs(sum - bytes) < 1);
    }
    assert.match(groups[0]?.tiles.at(-1)?.name ?? '', /^\d+ more$/);
  });

  it('shows pods in a workload, and containers in a pod', () => {
    const [first] = model.pods;
    assert.ok(first !== undefined);
    const { namespace, workload, name } = first;
    const tiles = (scope: object) => tilesOf(model, podsIn(model, scope), scope, into)[0]?.tiles ?? [];
    assert.equal(tiles({ namespace, workload })[0]?.entry?.level, 'pod');
    assert.equal(tiles({ namespace, workload, pod: name })[0]?.entry?.level, 'container');
  });

  it('leaves out what has no figures', () => {
    const without = modelWith([pod('a/x', [{}]), pod('b/y', [{ real: 5 * Mi }])]);
    assert.deepEqual(
      tilesOf(without, without.pods, {}, into).map(({ name }) => name),
      ['b'],
    );
  });
});
