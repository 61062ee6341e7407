import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Grouping, groupings, type Row } from '../../src/render/row.ts';
import { rowsOf } from '../../src/render/rows.ts';
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

  it('is the sum over the pods that kubectl lists, without pods that have only a sandbox', () =>
    assert.equal(
      ofNamespace([
        { podUID: 'a', workingSetBytes: 50 },
        { podUID: 'b', type: 'sandbox', workingSetBytes: 1 },
      ]),
      50,
    ));

  it('is unknown if the working set of one container is unknown', () =>
    assert.equal(ofNamespace([{ podUID: 'a', workingSetBytes: 50 }, { podUID: 'b' }]), undefined));

  it('is absent if no pod runs a container', () => assert.equal(ofNamespace([]), undefined));
});

describe('rows by container', () => {
  const report = reportOf({ containers: [cart, proxy, pause], others: [ssh, slice, docker, machine] });

  it('are containers and virtual machines, the largest real memory first', () =>
    assert.deepEqual(targets(report, 'container'), [
      'shop/cart-x/proxy',
      '/docker/web',
      'shop/cart-x/cart',
      '/machine.slice/vm',
    ]));

  it('count hidden services, slices and sandboxes', () => {
    assert.equal(rowsOf(report, { by: 'container', all: false, sortBy: 'real' }).hidden, 3);
    assert.equal(rowsOf(report, { by: 'container', all: true, sortBy: 'real' }).hidden, 0);
  });

  it('show a cgroup with a memory.high of its own, and hide one with that of an ancestor', () => {
    const user = otherOf({ cgroup: '/user.slice/user-1000.slice', type: 'slice', name: 'user-1000' });
    const shown = (more: Parameters<typeof otherOf>[0]) =>
      targets(reportOf({ containers: [cart], others: [otherOf({ ...user, ...more })] }), 'container');
    assert.deepEqual(shown({ highBytes: 60 }), ['shop/cart-x/cart', user.cgroup]);
    assert.deepEqual(shown({ highBytes: 60, highFrom: '/user.slice' }), ['shop/cart-x/cart']);
  });

  it('name a container outside pods by the name that docker has for it', () => {
    const named = otherOf({ ...docker, containerName: 'shop-web-1', runtime: 'docker' });
    const label = (report: Parameters<typeof rows>[0], heading: string) =>
      rows(report, 'container').find(({ cgroup }) => cgroup === named.cgroup)?.labels[heading];
    assert.equal(label(reportOf({ others: [named] }), 'NAME'), 'shop-web-1 (docker)');
    assert.equal(
      label(reportOf({ containers: [cart], others: [named] }), 'CONTAINER'),
      'shop-web-1 (docker)',
    );
  });

  it('are all cgroups with --all', () => {
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

  it('are all cgroups on a host without containers and services', () =>
    assert.deepEqual(targets(reportOf({ others: [slice] }), 'container'), ['/system.slice']));

  it('show sandboxes if nothing else has memory, as with gVisor, which hides its containers', () => {
    const { rows: shown, hidden } = rowsOf(reportOf({ containers: [pause] }), {
      by: 'container',
      all: false,
      sortBy: 'real',
    });
    assert.deepEqual([shown.length, hidden], [1, 0]);
  });

  it('show a service or slice with a limit of its own, and hide one with the limit of an ancestor', () => {
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

  it('show a cgroup larger than every container, and hide its ancestors with no more memory', () => {
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

  it('show the parent of many small hidden cgroups if they are larger together than every row', () => {
    const small = ['a', 'b', 'c'].map((name) =>
      otherOf({ cgroup: `/new/${name}`, type: 'slice', name, realBytes: 30 }),
    );
    const holder = otherOf({ cgroup: '/new', type: 'slice', realBytes: 90 });
    const report = reportOf({ containers: [cart, proxy], others: [holder, ...small] });
    assert.deepEqual(targets(report, 'container'), ['/new', 'shop/cart-x/proxy', 'shop/cart-x/cart']);
  });

  it('hide a slice if rows of containers, pods and services with limits cover most of its memory', () => {
    const kubelet = otherOf({ cgroup: '/p', type: 'slice', realBytes: 1000 });
    const big = containerOf({
      ...{ namespace: 'shop', pod: 'big', name: 'big', cgroup: '/p/q/big' },
      realBytes: 600,
    });
    const home = podOf({ cgroup: '/p/q', realBytes: 950 });
    const report = reportOf({ containers: [big], pods: [home], others: [kubelet] });
    assert.deepEqual(targets(report, 'container'), ['shop/big/big']);
  });

  it('have the headings TYPE and NAME without pods, and NAMESPACE, POD and CONTAINER with pods', () => {
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

  it('show the short ID and the type of an unnamed container', () => {
    const [row] = rows(reportOf({ containers: [containerOf({ type: 'unknown' })] }), 'container');
    assert.deepEqual(row?.labels, { NAMESPACE: undefined, POD: 'uid', CONTAINER: '0123456789ab (unknown)' });
    assert.equal(row?.target, '/kubepods/poduid/id');
  });

  it('sort rows without real last, after a real of 0', () => {
    const others = [
      otherOf({ cgroup: '/c' }),
      otherOf({ cgroup: '/b', realBytes: 0 }),
      otherOf({ cgroup: '/a' }),
      otherOf({ cgroup: '/d', realBytes: 5 }),
    ];
    assert.deepEqual(targets(reportOf({ others }), 'container'), ['/d', '/b', '/a', '/c']);
  });

  it('sort equal rows by name', () => {
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

  it('include every pod', () => {
    assert.deepEqual([headings, hidden], [['NAMESPACE', 'POD'], 0]);
    assert.deepEqual(
      shown.map(({ target }) => target),
      ['shop/cart-2', 'data/cart-1', 'shop/cart-1', 'shop/toolbox', '/5'],
    );
  });

  it('show the UID of a pod that the API does not know', () =>
    assert.deepEqual(shown.at(-1)?.labels, { NAMESPACE: undefined, POD: 'unknown' }));
});

describe('rows by workload', () => {
  const shown = rows(reportOf({ pods }), 'workload');
  const usageOf = (target: string) => shown.find((row) => row.target === target)?.usage;

  it('have one row per workload and namespace', () =>
    assert.deepEqual(
      shown.map(({ labels }) => [labels['NAMESPACE'], labels['WORKLOAD']]),
      [
        ['shop', 'Deployment/cart'],
        ['data', 'Deployment/cart'],
        ['shop', 'Pod/toolbox'],
        [undefined, 'Pod/unknown'],
      ],
    ));

  it('add up the figures of their pods', () => {
    const { realBytes, usageBytes, limitBytes } = usageOf('shop/Deployment/cart') ?? {};
    assert.deepEqual([realBytes, usageBytes, limitBytes], [40, 400, 1000]);
  });

  it('count a missing request as 0, and have no request if no pod has one', () => {
    assert.equal(usageOf('shop/Deployment/cart')?.requestBytes, 64);
    assert.equal('requestBytes' in (usageOf('shop/Pod/toolbox') ?? {}), false);
  });

  it('have no figure that one of their pods lacks, because absent is not zero', () => {
    const some = [podOf({ name: 'a', realBytes: 5, shmemBytes: 2 }), podOf({ name: 'b', realBytes: 5 })].map(
      (pod) => ({
        ...pod,
        ...{ namespace: 'n', workload: 'W/w' },
      }),
    );
    assert.deepEqual(rows(reportOf({ pods: some }), 'workload')[0]?.usage, { realBytes: 10 });
  });

  it('have no limit if it comes from above the pods, because it would count twice', () => {
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
  it('have one row per namespace', () =>
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
  it('has real, usage, the total as limit, and the sum of all requests', () => {
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

  it('exists even without figures', () => assert.deepEqual(rows(reportOf(), 'node')[0]?.usage, {}));
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
    it(`by ${by} have the same order for any order in the report`, () =>
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
