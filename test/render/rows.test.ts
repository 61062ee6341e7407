import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Grouping, groupings, type Row, rowsOf } from '../../src/render/rows.ts';
import { containerOf, nodeOf, otherOf, podOf, recorded, reportOf } from '../report/reports.ts';

const rows = (report: Parameters<typeof rowsOf>[0], by: Grouping, all = false): readonly Row[] =>
  rowsOf(report, { by, all, sortBy: 'real' }).rows;
const targets = (...args: Parameters<typeof rows>): readonly string[] =>
  rows(...args).map(({ target }) => target);

const cart = containerOf({
  ...{ namespace: 'shop', pod: 'cart-x', name: 'cart', cgroup: '/p/cart' },
  realBytes: 50,
});
const proxy = containerOf({
  ...{ namespace: 'shop', pod: 'cart-x', name: 'proxy', cgroup: '/p/proxy' },
  realBytes: 70,
});
const pause = containerOf({ type: 'sandbox', cgroup: '/p/pause', realBytes: 1 });
const ssh = otherOf({ realBytes: 60 });
const slice = otherOf({ cgroup: '/system.slice', type: 'slice', name: 'system', realBytes: 66 });
const docker = otherOf({ cgroup: '/docker/web', type: 'container', name: 'web', realBytes: 65 });
const machine = otherOf({ cgroup: '/machine.slice/vm', type: 'vm', name: 'vm', realBytes: 10 });

describe('KUBECTL-TOP of a namespace', () => {
  const pods = ['a', 'b'].map((uid) => podOf({ uid, name: uid, namespace: 'shop', cgroup: `/${uid}` }));
  const ofNamespace = (containers: readonly Parameters<typeof containerOf>[0][]) =>
    rows(reportOf({ pods, containers: containers.map(containerOf) }), 'namespace')[0]?.kubectlTop;

  it('is the sum of the pods that kubectl lists: a pod with its sandbox alone is none of them', () =>
    assert.equal(
      ofNamespace([
        { podUID: 'a', workingSetBytes: 50 },
        { podUID: 'b', type: 'sandbox', workingSetBytes: 1 },
      ]),
      50,
    ));

  it('is not known where the working set of one container is not', () =>
    assert.equal(ofNamespace([{ podUID: 'a', workingSetBytes: 50 }, { podUID: 'b' }]), undefined));

  it('is absent where no pod runs a container', () => assert.equal(ofNamespace([]), undefined));
});

describe('rows by container', () => {
  const report = reportOf({ containers: [cart, proxy, pause], others: [ssh, slice, docker, machine] });

  it('are containers and machines, the largest real first', () =>
    assert.deepEqual(targets(report, 'container'), [
      'shop/cart-x/proxy',
      '/docker/web',
      'shop/cart-x/cart',
      '/machine.slice/vm',
    ]));

  it('count what they hide: services, slices, sandboxes', () => {
    assert.equal(rowsOf(report, { by: 'container', all: false, sortBy: 'real' }).hidden, 3);
    assert.equal(rowsOf(report, { by: 'container', all: true, sortBy: 'real' }).hidden, 0);
  });

  it('show what has a memory.high of its own, and not what has only that of an ancestor', () => {
    const user = otherOf({ cgroup: '/user.slice/user-1000.slice', type: 'slice', name: 'user-1000' });
    const shown = (more: Parameters<typeof otherOf>[0]) =>
      targets(reportOf({ containers: [cart], others: [otherOf({ ...user, ...more })] }), 'container');
    assert.deepEqual(shown({ highBytes: 60 }), ['shop/cart-x/cart', user.cgroup]);
    assert.deepEqual(shown({ highBytes: 60, highFrom: '/user.slice' }), ['shop/cart-x/cart']);
  });

  it('are everything where all is asked for', () => {
    assert.equal(rows(report, 'container', true).length, 7);
    assert.equal(targets(report, 'container', true)[1], '/system.slice');
  });

  it('are services on a host without containers', () => {
    const {
      headings,
      rows: shown,
      hidden,
    } = rowsOf(reportOf({ others: [ssh, slice] }), { by: 'container', all: false, sortBy: 'real' });
    assert.deepEqual(headings, ['TYPE', 'NAME']);
    assert.deepEqual(
      shown.map(({ labels }) => [labels['TYPE'], labels['NAME']]),
      [['service', 'ssh']],
    );
    assert.equal(hidden, 1);
  });

  it('are whatever there is on a host without services', () =>
    assert.deepEqual(targets(reportOf({ others: [slice] }), 'container'), ['/system.slice']));

  it('are sandboxes where nothing else has any memory, as gVisor keeps its containers to itself', () => {
    const { rows: shown, hidden } = rowsOf(reportOf({ containers: [pause] }), {
      by: 'container',
      all: false,
      sortBy: 'real',
    });
    assert.deepEqual([shown.length, hidden], [1, 0]);
  });

  it('show a service or slice with a limit of its own, and hide one with the limit of what holds it', () => {
    const limited = otherOf({ cgroup: '/a.slice', type: 'slice', realBytes: 1, limitBytes: 9 });
    const below = otherOf({
      cgroup: '/a.slice/b',
      type: 'slice',
      realBytes: 1,
      limitBytes: 9,
      limitFrom: '/a.slice',
    });
    assert.deepEqual(targets(reportOf({ containers: [cart], others: [limited, below] }), 'container'), [
      'shop/cart-x/cart',
      '/a.slice',
    ]);
  });

  it('show what is larger than every container, and hide what holds it and no more', () => {
    const large = otherOf({ cgroup: '/new/runtime/x1', type: 'slice', realBytes: 80 });
    const holder = otherOf({ cgroup: '/new/runtime', type: 'slice', realBytes: 90 });
    const top = otherOf({ cgroup: '/new', type: 'slice', realBytes: 95 });
    const report = reportOf({ containers: [cart, proxy], others: [top, holder, large] });
    assert.deepEqual(targets(report, 'container'), [
      '/new/runtime/x1',
      'shop/cart-x/proxy',
      'shop/cart-x/cart',
    ]);
  });

  it('show what holds many small ones that are hidden, once they are larger together', () => {
    const small = ['a', 'b', 'c'].map((name) =>
      otherOf({ cgroup: `/new/${name}`, type: 'slice', name, realBytes: 30 }),
    );
    const holder = otherOf({ cgroup: '/new', type: 'slice', realBytes: 90 });
    const report = reportOf({ containers: [cart, proxy], others: [holder, ...small] });
    assert.deepEqual(targets(report, 'container'), ['/new', 'shop/cart-x/proxy', 'shop/cart-x/cart']);
  });

  it('hide a slice of which most stands in containers, their pods and services with limits', () => {
    const kubelet = otherOf({ cgroup: '/p', type: 'slice', realBytes: 1000 });
    const big = containerOf({
      ...{ namespace: 'shop', pod: 'big', name: 'big', cgroup: '/p/q/big' },
      realBytes: 600,
    });
    const home = podOf({ cgroup: '/p/q', realBytes: 950 });
    const report = reportOf({ containers: [big], pods: [home], others: [kubelet] });
    assert.deepEqual(targets(report, 'container'), ['shop/big/big']);
  });

  it('go by type and name where no pods are there, and by pod where there are', () => {
    assert.deepEqual(
      rowsOf(reportOf({ others: [docker] }), { by: 'container', all: false, sortBy: 'real' }).headings,
      ['TYPE', 'NAME'],
    );
    assert.deepEqual(rowsOf(report, { by: 'container', all: false, sortBy: 'real' }).headings, [
      'NAMESPACE',
      'POD',
      'CONTAINER',
    ]);
  });

  it('say what an unnamed container is', () => {
    const [row] = rows(reportOf({ containers: [containerOf({ type: 'unknown' })] }), 'container');
    assert.deepEqual(row?.labels, { NAMESPACE: undefined, POD: 'uid', CONTAINER: '0123456789ab (unknown)' });
    assert.equal(row?.target, '/kubepods/poduid/id');
  });

  it('have what has no real last, and a real of zero before it', () => {
    const others = [
      otherOf({ cgroup: '/c' }),
      otherOf({ cgroup: '/b', realBytes: 0 }),
      otherOf({ cgroup: '/a' }),
      otherOf({ cgroup: '/d', realBytes: 5 }),
    ];
    assert.deepEqual(targets(reportOf({ others }), 'container'), ['/d', '/b', '/a', '/c']);
  });

  it('are in the order of their names where they are equal', () => {
    const equal = ['/b', '/c', '/a'].map((cgroup) => otherOf({ cgroup, realBytes: 5 }));
    assert.deepEqual(targets(reportOf({ others: equal }), 'container'), ['/a', '/b', '/c']);
  });
});

const pods = [
  podOf({
    ...{ namespace: 'shop', name: 'cart-1', workload: 'Deployment/cart', cgroup: '/1' },
    realBytes: 10,
    usageBytes: 100,
    limitBytes: 500,
    requestBytes: 64,
  }),
  podOf({
    ...{ namespace: 'shop', name: 'cart-2', workload: 'Deployment/cart', cgroup: '/2' },
    realBytes: 30,
    usageBytes: 300,
    limitBytes: 500,
  }),
  podOf({ ...{ namespace: 'shop', name: 'toolbox', cgroup: '/3' }, realBytes: 5, usageBytes: 6 }),
  podOf({
    ...{ namespace: 'data', name: 'cart-1', workload: 'Deployment/cart', cgroup: '/4' },
    realBytes: 20,
  }),
  podOf({ uid: 'unknown', cgroup: '/5', realBytes: 1 }),
];

describe('rows by pod', () => {
  const {
    headings,
    rows: shown,
    hidden,
  } = rowsOf(reportOf({ pods }), { by: 'pod', all: false, sortBy: 'real' });

  it('are all pods', () => {
    assert.deepEqual([headings, hidden], [['NAMESPACE', 'POD'], 0]);
    assert.deepEqual(
      shown.map(({ target }) => target),
      ['shop/cart-2', 'data/cart-1', 'shop/cart-1', 'shop/toolbox', '/5'],
    );
  });

  it('go by UID where the API does not know the pod', () =>
    assert.deepEqual(shown.at(-1)?.labels, { NAMESPACE: undefined, POD: 'unknown' }));
});

describe('rows by workload', () => {
  const shown = rows(reportOf({ pods }), 'workload');
  const usageOf = (target: string) => shown.find((row) => row.target === target)?.usage;

  it('are one for each workload of each namespace', () =>
    assert.deepEqual(
      shown.map(({ labels }) => [labels['NAMESPACE'], labels['WORKLOAD']]),
      [
        ['shop', 'Deployment/cart'],
        ['data', 'Deployment/cart'],
        ['shop', 'Pod/toolbox'],
        [undefined, 'Pod/unknown'],
      ],
    ));

  it('add their pods up', () => {
    const { realBytes, usageBytes, limitBytes } = usageOf('shop/Deployment/cart') ?? {};
    assert.deepEqual([realBytes, usageBytes, limitBytes], [40, 400, 1000]);
  });

  it('count a pod that asks for nothing as asking for 0, and know none where nobody asks', () => {
    assert.equal(usageOf('shop/Deployment/cart')?.requestBytes, 64);
    assert.equal('requestBytes' in (usageOf('shop/Pod/toolbox') ?? {}), false);
  });

  it('have no figure that one of their pods lacks: absent is not zero', () => {
    const some = [podOf({ name: 'a', realBytes: 5, shmemBytes: 2 }), podOf({ name: 'b', realBytes: 5 })].map(
      (pod) => ({
        ...pod,
        ...{ namespace: 'n', workload: 'W/w' },
      }),
    );
    assert.deepEqual(rows(reportOf({ pods: some }), 'workload')[0]?.usage, { realBytes: 10 });
  });

  it('have no limit where it comes from above the pods: it would be counted twice', () => {
    const shared = [1, 2].map((n) =>
      podOf({
        ...{ namespace: 'n', name: `${n}`, workload: 'W/w' },
        limitBytes: 500,
        limitFrom: '/kubepods',
      }),
    );
    assert.equal('limitBytes' in (rows(reportOf({ pods: shared }), 'workload')[0]?.usage ?? {}), false);
  });
});

describe('rows by namespace', () => {
  it('are one for each namespace', () =>
    assert.deepEqual(
      rows(reportOf({ pods }), 'namespace').map(({ labels, usage }) => [
        labels['NAMESPACE'],
        usage.realBytes,
      ]),
      [
        ['shop', 45],
        ['data', 20],
        [undefined, 1],
      ],
    ));
});

describe('the row of the node', () => {
  it('is its real of its total, and what its pods ask for', () => {
    const node = nodeOf({ realUsedBytes: 500 });
    assert.deepEqual(rowsOf(reportOf({ node, pods }), { by: 'node', all: false, sortBy: 'real' }), {
      headings: ['NODE'],
      rows: [
        {
          labels: { NODE: 'node-1' },
          target: 'node-1',
          usage: { realBytes: 500, usageBytes: 600, limitBytes: 1000, requestBytes: 64 },
        },
      ],
      hidden: 0,
    });
  });

  it('is there without figures', () => assert.deepEqual(rows(reportOf(), 'node')[0]?.usage, {}));
});

describe('rows of a recorded node', () => {
  const report = recorded('kubernetes-v1');

  it('add up to the same real by pod, workload and namespace', () => {
    const sum = (by: Grouping): number =>
      rows(report, by).reduce((all, { usage }) => all + (usage.realBytes ?? 0), 0);
    assert.ok(sum('pod') > 0);
    assert.deepEqual([sum('workload'), sum('namespace')], [sum('pod'), sum('pod')]);
  });

  for (const by of groupings)
    it(`by ${by} never change their order`, () =>
      assert.deepEqual(
        targets(
          {
            ...report,
            pods: report.pods.toReversed(),
            containers: report.containers.toReversed(),
            others: report.others.toReversed(),
          },
          by,
          true,
        ),
        targets(report, by, true),
      ));
});
