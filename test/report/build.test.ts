import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../src/model/bytes.ts';
import type { CgroupRole } from '../../src/model/cgroup-role.ts';
import type { Accounted } from '../../src/model/observation.ts';
import type { Pod } from '../../src/model/pod.ts';
import type { NodeReport } from '../../src/model/report.ts';
import { buildReport, type Findings } from '../../src/report/build.ts';
import type { Figures } from './reports.ts';

const pod: Pod = {
  ...{
    uid: 'uid-1',
    namespace: 'shop',
    name: 'cart-x',
    qos: 'Burstable',
    workload: 'Deployment/cart',
    labels: {},
  },
  containers: [{ name: 'cart', type: 'container', ids: ['id-1'], running: true, runtime: 'containerd' }],
};

const accounted = (
  path: string,
  role: CgroupRole,
  usage: Figures,
  more: Partial<Accounted> = {},
): Accounted =>
  ({ role, sample: { id: { path, inode: 1 }, version: 2, faults: [] }, usage, ...more }) as Accounted;

const podRole: CgroupRole = { kind: 'pod', podUID: 'uid-1', qos: 'Guaranteed' };
const containerRole: CgroupRole = { kind: 'container', podUID: 'uid-1', id: 'id-1' };

const build = (all: readonly Accounted[], more: Partial<Findings> = {}): NodeReport =>
  buildReport({
    node: 'node-1',
    observed: { agent: '0.0.0' },
    accounted: all,
    skipped: [],
    conditions: [],
    ...more,
  });

describe('a report', () => {
  it('has a pod with its names from the API', () => {
    const [made] = build([accounted('/kubepods/pod1', podRole, { realBytes: 5 }, { pod })]).pods;
    assert.deepEqual(made, {
      ...{ namespace: 'shop', name: 'cart-x', uid: 'uid-1', qos: 'Burstable', workload: 'Deployment/cart' },
      ...{ cgroup: '/kubepods/pod1', realBytes: 5, restBytes: 5 },
    });
  });

  it('suggests only higher values while learning, such as after an OOM kill', () => {
    const bounds = { target: bytes(10), lower: bytes(5), upper: bytes(20) };
    const suggested = (limit: number): unknown => {
      const recommendation = {
        ...{ request: bounds, limit: bounds, confidence: 'low', days: 0.1, because: [] },
        learning: { peak: bytes(7), request: bytes(50), limit: bytes(limit), because: [] },
      } as const;
      const usage = { requestBytes: 50, limitBytes: 100 };
      return build([accounted('/p/c', containerRole, usage, { recommendation } as object)]).containers[0]
        ?.suggest;
    };
    assert.equal(suggested(100), undefined);
    assert.deepEqual(suggested(115), { limitBytes: 115, confidence: 'low' });
  });

  it('shows the tmpfs of a pod that no running container is charged for', () => {
    const [made] = build([
      accounted('/p', podRole, { realBytes: 50, shmemBytes: 30 }),
      accounted('/p/c', containerRole, { realBytes: 15, shmemBytes: 5 }),
    ]).pods;
    assert.deepEqual([made?.restBytes, made?.restShmemBytes], [35, 25]);
  });

  it('has a pod that the API does not know with UID and QoS class from its path', () => {
    const [made] = build([accounted('/kubepods/pod1', podRole, {})]).pods;
    assert.deepEqual(made, { uid: 'uid-1', qos: 'Guaranteed', cgroup: '/kubepods/pod1' });
  });

  it('has a container with its names from the API', () => {
    const container = { pod, type: 'sidecar', container: pod.containers[0] } as Accounted['container'];
    const [made] = build([
      accounted('/p/c', containerRole, { realBytes: 5 }, { pod, ...(container && { container }) }),
    ]).containers;
    assert.deepEqual(made, {
      ...{
        namespace: 'shop',
        pod: 'cart-x',
        podUID: 'uid-1',
        name: 'cart',
        id: 'id-1',
        runtime: 'containerd',
      },
      ...{ type: 'sidecar', cgroup: '/p/c', realBytes: 5 },
    });
  });

  it('has the containers of a static pod with the UID that the API shows', () => {
    const role: CgroupRole = { kind: 'container', podUID: 'hash', id: 'id-1' };
    assert.equal(build([accounted('/p/c', role, {}, { pod })]).containers[0]?.podUID, 'uid-1');
  });

  it('has an unknown container with the data from its path', () => {
    const role: CgroupRole = { ...containerRole, runtime: 'cri-o' };
    assert.deepEqual(build([accounted('/p/c', role, {})]).containers, [
      { podUID: 'uid-1', id: 'id-1', runtime: 'cri-o', type: 'unknown', cgroup: '/p/c' },
    ]);
  });

  it('has a sandbox without a name', () => {
    const [made] = build([
      accounted('/p/c', containerRole, {}, { pod, container: { pod, type: 'sandbox' } }),
    ]).containers;
    assert.deepEqual([made?.type, made?.pod, made && 'name' in made], ['sandbox', 'cart-x', false]);
  });

  it('has a cgroup outside pods if the kernel counts something for it', () => {
    const role: CgroupRole = { kind: 'other', type: 'service', name: 'ssh' };
    const all = [accounted('/a', role, { usageBytes: 5 }), accounted('/b', role, {})];
    assert.deepEqual(build(all).others, [{ cgroup: '/a', type: 'service', name: 'ssh', usageBytes: 5 }]);
  });

  it('has a container outside pods even without figures', () => {
    const role: CgroupRole = { kind: 'other', type: 'container', name: 'web' };
    assert.deepEqual(build([accounted('/docker/web', role, {})]).others, [
      { cgroup: '/docker/web', type: 'container', name: 'web' },
    ]);
  });

  it('has the name that docker has for a container outside pods, beside the one from its path', () => {
    const role: CgroupRole = { kind: 'other', type: 'container', name: '53a11f13c080' };
    const runtimeName = { name: 'web', runtime: 'docker' } as const;
    assert.deepEqual(build([accounted('/docker/53', role, { usageBytes: 5 }, { runtimeName })]).others, [
      {
        ...{ cgroup: '/docker/53', type: 'container', name: '53a11f13c080' },
        ...{ containerName: 'web', runtime: 'docker', usageBytes: 5 },
      },
    ]);
  });

  it('omits cgroups that only group others', () => {
    const all = (['root', 'kube', 'inner'] as const).map((kind) =>
      accounted(`/${kind}`, { kind }, { usageBytes: 5 }),
    );
    const { pods, containers, others } = build(all);
    assert.deepEqual([pods, containers, others], [[], [], []]);
  });

  it('is the same for any order of the cgroups', () => {
    const service = (path: string) =>
      accounted(path, { kind: 'other', type: 'service', name: path }, { usageBytes: 1 });
    const all = [
      ...['/b', '/a', '/a/b', '/B'].map(service),
      ...[1, 2].map((n) => accounted(`/p${n}`, { ...podRole, podUID: `${n}` }, { realBytes: n })),
      ...[2, 1].map((n) => accounted(`/p${n}/c`, { ...containerRole, podUID: `${n}` }, { realBytes: n })),
    ];
    const skipped = ['/z', '/y'].map((cgroup) => ({ cgroup, why: 'x' }));
    const report = build(all, { skipped });
    assert.deepEqual(build(all.toReversed(), { skipped: skipped.toReversed() }), report);
    assert.deepEqual(
      report.others.map(({ cgroup }) => cgroup),
      ['/B', '/a', '/a/b', '/b'],
    );
    assert.deepEqual(
      report.skipped.map(({ cgroup }) => cgroup),
      ['/y', '/z'],
    );
  });

  it('has the memory of the node only if it was read', () => {
    assert.equal('node' in build([]), false);
    const memory = {
      ...{
        totalBytes: bytes(9),
        freeBytes: bytes(1),
        usedBytes: bytes(8),
        buffersBytes: bytes(0),
        cachedBytes: bytes(0),
      },
      asPublished: { realUsedBytes: bytes(8), realFreeBytes: bytes(1) },
    };
    assert.deepEqual(build([], { memory }).node, memory);
  });
});

describe('a container that an OOM kill ended', () => {
  const killed: Pod = {
    ...pod,
    containers: [
      { name: 'cart', type: 'container', ids: ['id-1'], running: true },
      {
        ...{ name: 'job', type: 'init', ids: ['id-2'], running: false, oomKilled: [{ id: 'id-2' }] },
        ...{ request: bytes(1), limit: bytes(2) },
      },
    ],
  };
  const [cart, job] = killed.containers;
  const kills: Readonly<Record<string, number>> = { cart: 1, job: 3 };
  const killsOf = (uid: string, name: string): number | undefined =>
    uid === 'uid-1' ? kills[name] : undefined;
  const alive = (path: string, container = cart, id = 'id-1') =>
    accounted(
      path,
      { ...containerRole, id },
      { realBytes: 5, oomKills: kills[container?.name ?? ''] },
      {
        ...{ pod: killed },
        ...(container && { container: { pod: killed, type: container.type, container } }),
      },
    );
  const observedPod = accounted('/p', podRole, { realBytes: 5 }, { pod: killed });
  const expected = [{ name: 'job', type: 'init', oomKills: 3, requestBytes: 1, limitBytes: 2 }];

  it('is listed as killed in its pod until it runs again', () =>
    assert.deepEqual(build([observedPod, alive('/p/c')], { killsOf }).pods[0]?.killed, expected));

  it('is listed in a pod without a cgroup too, whose OOM kills are the sum over all containers', () => {
    const [made] = build([alive('/p/c')], { killsOf }).pods;
    assert.deepEqual([made?.killed, made?.oomKills], [expected, 4]);
  });

  it('counts its OOM kills once while the old cgroup exists next to the new one', () => {
    const [made] = build([alive('/p/c'), alive('/p/old')], { killsOf }).pods;
    assert.equal(made?.oomKills, 4);
  });

  it('is not listed as killed if it runs again or still has a cgroup', () => {
    const again = { ...killed, containers: killed.containers.map((one) => ({ ...one, running: true })) };
    const runs = accounted('/p', podRole, {}, { pod: again });
    assert.equal('killed' in (build([runs], { killsOf }).pods[0] ?? {}), false);
    assert.equal(
      'killed' in (build([observedPod, alive('/p/j', job, 'id-2')], { killsOf }).pods[0] ?? {}),
      false,
    );
  });

  it('is not listed as killed without a history or if the API reports no OOM kill', () => {
    assert.equal('killed' in (build([observedPod]).pods[0] ?? {}), false);
    assert.equal('killed' in (build([observedPod], { killsOf: () => undefined }).pods[0] ?? {}), false);
    const ended = { ...killed, containers: killed.containers.map(({ oomKilled: _, ...one }) => one) };
    const observed = accounted('/p', podRole, {}, { pod: ended });
    assert.equal('killed' in (build([observed], { killsOf }).pods[0] ?? {}), false);
  });
});

describe('a verdict', () => {
  it('is the last field of its container, if there is one', () => {
    const judged = { ...accounted('/p/c', containerRole, { realBytes: 5 }), verdict: 'OK' } as const;
    const [made, other] = build([judged, accounted('/p/d', containerRole, {})]).containers;
    assert.deepEqual(Object.entries(made ?? {}).at(-1), ['verdict', 'OK']);
    assert.equal('verdict' in (other ?? {}), false);
  });
});

describe('the rest of a pod', () => {
  const rest = (
    real: number | undefined,
    ...containers: readonly (number | undefined)[]
  ): number | undefined =>
    build([
      accounted('/p', podRole, real === undefined ? {} : { realBytes: real }),
      ...containers.map((one, index) =>
        accounted(`/p/${index}`, containerRole, one === undefined ? {} : { realBytes: one }),
      ),
      accounted('/p2/c', containerRole, { realBytes: 1000 }),
    ]).pods[0]?.restBytes;

  it('is the real of the pod minus that of its containers and sandbox', () =>
    assert.equal(rest(100, 60, 30), 10));

  it('is the whole real of the pod if no container is left', () => assert.equal(rest(100), 100));

  it('can be negative, because cgroups are read one after another', () =>
    assert.equal(rest(100, 60, 45), -5));

  it('is unknown if the real of one container is unknown', () => {
    assert.equal(rest(undefined, 60), undefined);
    assert.equal(rest(100, 60, undefined), undefined);
  });
});
