import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { identify, Names } from '../../src/identify/names.ts';
import { roleOf } from '../../src/identify/role.ts';
import type { CgroupId } from '../../src/model/cgroup.ts';
import type { CgroupRole } from '../../src/model/cgroup-role.ts';
import type { Identified, Observation } from '../../src/model/observation.ts';
import type { ContainerType, Pod, PodContainer } from '../../src/model/pod.ts';

const UID = '8712f785-1a3e-41ec-a00b-e2dcc77431cb';
const other = '0c7d2d3e-5f1a-4b6c-9e8f-1a2b3c4d5e6f';

const containerOf = (
  name: string,
  ids: readonly string[],
  running = ids.length > 0,
  type: ContainerType = 'container',
): PodContainer => ({
  name,
  type,
  ids,
  running,
});

const podOf = (more: Partial<Pod> = {}): Pod => ({
  uid: UID,
  namespace: 'shop',
  name: 'cart',
  labels: {},
  containers: [containerOf('cart', ['cart-id'])],
  ...more,
});

const role = (id: string, podUID = UID): Extract<CgroupRole, { kind: 'container' }> => ({
  kind: 'container',
  podUID,
  id,
});
const observation = (where: CgroupRole, path = '/x'): Observation => ({
  role: where,
  sample: { id: { path, inode: 1 }, version: 2, faults: [] },
});
const observations = (...ids: readonly string[]): readonly Observation[] =>
  ids.map((id) => observation(role(id), `/${id}`));

/** The name of each container, or its type when it has no name. */
const namesOrTypes = (pods: readonly Pod[], ...ids: readonly string[]): readonly (string | undefined)[] =>
  identify(observations(...ids), new Names(pods)).map(({ container }) =>
    container === undefined ? undefined : (container.container?.name ?? container.type),
  );

describe('Names', () => {
  it('finds a pod by its UID in lower case, upper case and without dashes', () => {
    const names = new Names([podOf()]);
    for (const uid of [UID, UID.replaceAll('-', ''), UID.toUpperCase()])
      assert.equal(names.pod(uid)?.name, 'cart');
    assert.equal(names.pod(other), undefined);
  });

  it('finds a static pod by the hash of its cgroup and by the UID of its mirror', () => {
    const configHash = '4ad3ccf1a9b2c38c1d6b7a1d5ee60ab1';
    const names = new Names([podOf({ configHash })]);
    assert.equal(names.pod(configHash)?.name, 'cart');
    assert.equal(names.pod(UID)?.name, 'cart');
    // A hash of 32 digits may also be written like a UID.
    assert.equal(names.pod('4ad3ccf1-a9b2-c38c-1d6b-7a1d5ee60ab1')?.name, 'cart');
  });

  it('does not return a pod that claims the UID of another pod as its hash', () => {
    const thief = podOf({ uid: other, name: 'thief', configHash: UID });
    for (const pods of [
      [podOf(), thief],
      [thief, podOf()],
    ])
      assert.equal(new Names(pods).pod(UID)?.name, 'cart');
  });

  it('returns neither of two pods that claim the same hash, and reports both', () => {
    const configHash = '4ad3ccf1a9b2c38c1d6b7a1d5ee60ab1';
    const names = new Names([podOf({ configHash }), podOf({ uid: other, name: 'thief', configHash })]);
    assert.equal(names.pod(configHash), undefined);
    assert.deepEqual(names.faults, [
      `shop/cart and shop/thief both claim to be the static pod ${configHash}`,
    ]);
    assert.deepEqual([names.pod(UID)?.name, names.pod(other)?.name], ['cart', 'thief']);
  });

  it('keeps the pods in the order given', () => {
    const pods = [podOf({ uid: other, configHash: 'hash' }), podOf()];
    const names = new Names(pods.values());
    assert.deepEqual(names.pods, pods);
    // Users compare the list to detect changes, so it must be the same object.
    assert.equal(names.pods, names.pods);
  });

  it('returns the UIDs of the pods that match a condition', () => {
    const names = new Names([
      podOf({ configHash: '4ad3ccf1a9b2c38c1d6b7a1d5ee60ab1' }),
      podOf({ uid: other, namespace: 'data' }),
    ]);
    assert.deepEqual([...names.matching(({ namespace }) => namespace === 'shop')], [UID]);
    assert.deepEqual([...names.matching(() => true)].toSorted(), [other, UID].toSorted());
    assert.deepEqual([...names.matching(() => false)], []);
  });
});

describe('identify', () => {
  it('names a container by the status with its ID', () =>
    assert.deepEqual(namesOrTypes([podOf()], 'cart-id'), ['cart']));

  it('names a container that has just ended by its successor', () =>
    assert.deepEqual(
      namesOrTypes([podOf({ containers: [containerOf('cart', ['new', 'old'])] })], 'old', 'new'),
      ['cart', 'cart'],
    ));

  for (const type of ['init', 'sidecar', 'ephemeral'] as const)
    it(`returns the type ${type} from the API`, () => {
      const pod = podOf({ containers: [containerOf('x', ['id'], true, type)] });
      assert.equal(identify(observations('id'), new Names([pod]))[0]?.container?.type, type);
    });

  it('does not change the observation of an unknown pod', () =>
    assert.deepEqual(identify([observation(role('id', other))], new Names([podOf()])), [
      observation(role('id', other)),
    ]));

  it('asks the runtime for the names of containers outside pods only', () => {
    const asked: string[] = [];
    const at = (path: string): Observation => ({
      role: roleOf(path),
      sample: { id: { path, inode: 1 }, version: 2, faults: [] },
    });
    const found = identify(
      [at(`/docker/${'a'.repeat(64)}`), at('/system.slice/ssh.service'), observation(role('cart-id'))],
      new Names([podOf()]),
      ({ path }) => {
        asked.push(path);
        return { name: 'web', runtime: 'docker' };
      },
    );
    assert.deepEqual(asked, [`/docker/${'a'.repeat(64)}`]);
    assert.deepEqual(
      found.map(({ runtimeName }) => runtimeName?.name),
      ['web', undefined, undefined],
    );
  });

  it('does not name a container by the status of another pod', () => {
    const [found] = identify(
      [observation(role('cart-id', other))],
      new Names([podOf(), podOf({ uid: other, name: 'b', containers: [] })]),
    );
    assert.equal(found?.pod?.name, 'b');
    assert.equal(found?.container?.container, undefined);
  });
});

describe('identify, for a container in no status,', () => {
  const two = podOf({ containers: [containerOf('a', ['a-id']), containerOf('b', ['b-id'])] });

  it('returns sandbox when all running containers have their own cgroups', () =>
    assert.deepEqual(namesOrTypes([two], 'a-id', 'b-id', 'pause'), ['a', 'b', 'sandbox']));

  it('returns unknown while a running container has no cgroup', () =>
    assert.deepEqual(namesOrTypes([two], 'a-id', 'x'), ['a', 'unknown']));

  it('returns unknown for both when two cgroups are unnamed', () =>
    assert.deepEqual(namesOrTypes([two], 'a-id', 'b-id', 'x', 'y'), ['a', 'b', 'unknown', 'unknown']));

  it('returns sandbox next to containers that have ended', () => {
    const pod = podOf({
      containers: [containerOf('a', ['a-id']), containerOf('migrate', ['m-id'], false, 'init')],
    });
    assert.deepEqual(namesOrTypes([pod], 'a-id', 'pause'), ['a', 'sandbox']);
  });

  it('returns sandbox for a pod whose containers have not started', () => {
    const pod = podOf({ containers: [containerOf('a', [])] });
    assert.deepEqual(namesOrTypes([pod], 'pause'), ['sandbox']);
  });

  it('returns sandbox while the previous lifetime of a container still has its cgroup', () => {
    const pod = podOf({ containers: [containerOf('a', ['new', 'old'])] });
    assert.deepEqual(namesOrTypes([pod], 'new', 'old', 'pause'), ['a', 'a', 'sandbox']);
  });

  it('decides for each pod separately', () => {
    const pods = [podOf(), podOf({ uid: other, containers: [containerOf('b', ['b-id'])] })];
    const all = [
      ...observations('cart-id', 'pause'),
      observation(role('b-id', other)),
      observation(role('pause-b', other)),
    ];
    assert.deepEqual(
      identify(all, new Names(pods)).map(({ container }) => container?.type),
      ['container', 'sandbox', 'container', 'sandbox'],
    );
  });
});

describe('a sandbox', () => {
  const cart = podOf();
  const see = (pods: readonly Pod[], seen: readonly Observation[], sandboxes = new WeakSet<CgroupId>()) =>
    identify(seen, new Names(pods, sandboxes)).map(
      ({ container }) => container?.container?.name ?? container?.type,
    );

  it('stays one in the next index of the pods when another container starts next to it', () => {
    const sandboxes = new WeakSet<CgroupId>();
    const [app, pause, next] = observations('cart-id', 'pause', 'cart-id-2') as [
      Observation,
      Observation,
      Observation,
    ];
    assert.deepEqual(see([cart], [app, pause], sandboxes), ['cart', 'sandbox']);
    assert.deepEqual(see([cart], [pause, next], sandboxes), ['sandbox', 'unknown']);
    // A new cgroup with the same path is not a known sandbox.
    assert.deepEqual(see([cart], observations('pause', 'cart-id-2'), sandboxes), ['unknown', 'unknown']);
  });

  it('is not remembered from cgroups of different times', () => {
    const names = new Names([cart]);
    identify(observations('cart-id', 'cart-id-2'), names, undefined, false);
    // The API reports the new container only now.
    const later = new Names([podOf({ containers: [containerOf('cart', ['cart-id'])] })], names.sandboxes);
    const alone = identify(observations('cart-id-2', 'cart-id-3'), later);
    assert.deepEqual(
      alone.map(({ container }) => container?.type),
      ['unknown', 'unknown'],
    );
  });

  it('becomes a container when the API reports its ID later', () => {
    const sandboxes = new WeakSet<CgroupId>();
    const [one] = observations('x') as [Observation];
    assert.deepEqual(see([podOf({ containers: [containerOf('a', [])] })], [one], sandboxes), ['sandbox']);
    assert.deepEqual(see([podOf({ containers: [containerOf('a', ['x'])] })], [one], sandboxes), ['a']);
  });

  it('of CRI-O is recognised only when no container can be starting', () => {
    const crio = (id: string): Observation => observation({ ...role(id), runtime: 'cri-o' });
    const waits = podOf({ containers: [containerOf('a', [])] });
    assert.deepEqual(see([waits], [crio('x')]), ['unknown']);
    assert.deepEqual(see([cart], [crio('cart-id'), crio('x')]), ['cart', 'sandbox']);
  });

  it('of gVisor is recognised when it is the only cgroup of its running pod', () => {
    assert.deepEqual(see([cart], observations('x')), ['unknown']);
    assert.deepEqual(see([podOf({ runtimeClass: 'gvisor' })], observations('x')), ['sandbox']);
    // No container runs yet: the general rule applies.
    const waits = podOf({ runtimeClass: 'gvisor', containers: [containerOf('a', [])] });
    assert.deepEqual(see([waits], observations('x')), ['sandbox']);
    assert.deepEqual(see([podOf({ runtimeClass: 'gvisor' })], observations('x', 'y')), [
      'unknown',
      'unknown',
    ]);
  });

  it('of Kata is recognised by its path, and so is its overhead', () => {
    const kata = observation({ ...role('vm'), runtime: 'kata', sandbox: true });
    const overhead = observation({ ...role('vm'), runtime: 'kata', sandbox: true }, '/kata_overhead/vm');
    assert.deepEqual(see([cart], [kata, overhead]), ['sandbox', 'sandbox']);
  });
});

describe('a node that is a container', () => {
  const nested = (podUID: string): Observation =>
    observation({ kind: 'pod', podUID, qos: 'Burstable', inside: '/docker/node' });

  it('gets the pod names when the host has no pods of its own', () =>
    assert.equal(identify([nested(UID)], new Names([podOf()]))[0]?.pod?.name, 'cart'));

  it('does not get the pod names of a host with its own pods', () => {
    const own = observation({ kind: 'pod', podUID: other, qos: 'Burstable' });
    const found = identify([nested(UID), own], new Names([podOf(), podOf({ uid: other, name: 'b' })]));
    assert.deepEqual(
      found.map(({ pod }) => pod?.name),
      [undefined, 'b'],
    );
  });
});

describe('identify, for a pod known from its log directories,', () => {
  const logged = (...containers: readonly PodContainer[]): Pod => podOf({ from: 'logs', containers });
  const a = containerOf('a', ['a-id'], false, 'unknown');
  const unlinked = containerOf('b', [], false, 'unknown');

  it('names the container whose ID a link shows, and the sandbox', () =>
    assert.deepEqual(namesOrTypes([logged(a)], 'a-id', 'x'), ['a', 'sandbox']));

  it('returns unknown when a log directory has no ID and the sandbox is unknown', () => {
    assert.deepEqual(namesOrTypes([logged(a, unlinked)], 'a-id', 'x'), ['a', 'unknown']);
    assert.deepEqual(namesOrTypes([logged(unlinked)], 'x', 'y'), ['unknown', 'unknown']);
    assert.deepEqual(namesOrTypes([logged(unlinked)], 'x'), ['unknown']);
  });

  it('names the only cgroup next to the sandbox by the only log directory', () => {
    const sandbox = observation({ ...role('pause'), sandbox: true });
    const found = identify([sandbox, ...observations('x')], new Names([logged(unlinked)]));
    assert.deepEqual(
      found.map(({ container }) => [container?.type, container?.container?.name]),
      [
        ['sandbox', undefined],
        ['unknown', 'b'],
      ],
    );
    const more = identify([sandbox, ...observations('x', 'y')], new Names([logged(unlinked)]));
    assert.deepEqual(
      more.map(({ container }) => container?.container?.name),
      [undefined, undefined, undefined],
    );
  });
});

describe('an observation', () => {
  const roles: readonly CgroupRole[] = [
    { kind: 'kube' },
    { kind: 'other', type: 'service', name: 'ssh' },
    { kind: 'pod', podUID: other, qos: 'Guaranteed' },
  ];
  for (const where of roles)
    it(`of kind ${where.kind} without a known pod is not changed`, () => {
      const seen: Identified = observation(where);
      assert.deepEqual(identify([seen], new Names([podOf()])), [seen]);
    });

  it('of a pod gets the known pod', () => {
    const where: CgroupRole = {
      kind: 'pod',
      podUID: UID.replaceAll('-', '_').replaceAll('_', '-'),
      qos: 'Burstable',
    };
    assert.equal(identify([observation(where)], new Names([podOf()]))[0]?.pod?.name, 'cart');
  });

  it('keeps its position in the list', () =>
    assert.deepEqual(
      identify(observations('b', 'a', 'c'), new Names([])).map(({ sample }) => sample.id.path),
      ['/b', '/a', '/c'],
    ));
});

describe('a container outside the cgroups of pods', () => {
  const id = 'a'.repeat(64);
  const outside = (more: Partial<Extract<CgroupRole, { kind: 'other' }>> = {}): CgroupRole => ({
    ...{ kind: 'other', type: 'container', name: id.slice(0, 12), id },
    ...more,
  });
  const known = podOf({ containers: [containerOf('cart', [id])] });
  const identified = (where: CgroupRole, pods: readonly Pod[] = [known]): Identified =>
    identify([observation(where)], new Names(pods))[0] as Identified;

  it('becomes a container of the pod whose status has its ID, with the runtime of its path', () => {
    const { role: found, pod, container } = identified(outside({ runtime: 'cri-o' }));
    assert.deepEqual(found, { kind: 'container', podUID: UID, id, runtime: 'cri-o' });
    assert.deepEqual([pod?.name, container?.container?.name], ['cart', 'cart']);
  });

  it('is not changed when no pod, two pods, or only a log directory has its ID', () => {
    const thief = podOf({ uid: other, name: 'thief', containers: [containerOf('x', [id])] });
    for (const pods of [[], [podOf()], [known, thief], [podOf({ ...known, from: 'logs' })]])
      assert.deepEqual(identified(outside(), pods), observation(outside()));
  });

  it('is not changed when users other than root can create its cgroup', () => {
    const { id: _, ...withoutId } = outside() as Extract<CgroupRole, { kind: 'other' }>;
    assert.deepEqual(identified(withoutId), observation(withoutId));
  });

  it('counts as present when the sandbox of its pod is recognised', () => {
    const found = identify(
      [observation(role('pause-id'), '/pod/pause'), observation(outside(), '/x')],
      new Names([known]),
    );
    assert.deepEqual(
      found.map(({ container }) => container?.type),
      ['sandbox', 'container'],
    );
  });
});
