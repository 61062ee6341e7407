import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { identify, Names } from '../../src/identify/names.ts';
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

/** What each container is taken for: the type, and the name where there is one. */
const taken = (pods: readonly Pod[], ...ids: readonly string[]): readonly (string | undefined)[] =>
  identify(observations(...ids), new Names(pods)).map(({ container }) =>
    container === undefined ? undefined : (container.container?.name ?? container.type),
  );

describe('the names of pods', () => {
  it('are found by UID, however it is written', () => {
    const names = new Names([podOf()]);
    for (const uid of [UID, UID.replaceAll('-', ''), UID.toUpperCase()])
      assert.equal(names.pod(uid)?.name, 'cart');
    assert.equal(names.pod(other), undefined);
  });

  it('of static pods are found by the hash in their cgroup’s name, and by the UID of their mirror', () => {
    const configHash = '4ad3ccf1a9b2c38c1d6b7a1d5ee60ab1';
    const names = new Names([podOf({ configHash })]);
    assert.equal(names.pod(configHash)?.name, 'cart');
    assert.equal(names.pod(UID)?.name, 'cart');
    // A hash of 32 digits can be written as a UID as well.
    assert.equal(names.pod('4ad3ccf1-a9b2-c38c-1d6b-7a1d5ee60ab1')?.name, 'cart');
  });

  it('are not taken over by a pod that gives another’s UID for its hash', () => {
    const thief = podOf({ uid: other, name: 'thief', configHash: UID });
    for (const pods of [
      [podOf(), thief],
      [thief, podOf()],
    ])
      assert.equal(new Names(pods).pod(UID)?.name, 'cart');
  });

  it('are given to none of two that claim the same hash, and both are told', () => {
    const configHash = '4ad3ccf1a9b2c38c1d6b7a1d5ee60ab1';
    const names = new Names([podOf({ configHash }), podOf({ uid: other, name: 'thief', configHash })]);
    assert.equal(names.pod(configHash), undefined);
    assert.deepEqual(names.faults, [
      `shop/cart and shop/thief both claim to be the static pod ${configHash}`,
    ]);
    assert.deepEqual([names.pod(UID)?.name, names.pod(other)?.name], ['cart', 'thief']);
  });

  it('keep the list of pods as it came, each once', () => {
    const pods = [podOf({ uid: other, configHash: 'hash' }), podOf()];
    const names = new Names(pods.values());
    assert.deepEqual(names.pods, pods);
    // Whoever remembers by it tells from the list being the same that there is no news.
    assert.equal(names.pods, names.pods);
  });

  it('are chosen by what holds for the pod', () => {
    const names = new Names([
      podOf({ configHash: '4ad3ccf1a9b2c38c1d6b7a1d5ee60ab1' }),
      podOf({ uid: other, namespace: 'data' }),
    ]);
    assert.deepEqual([...names.matching(({ namespace }) => namespace === 'shop')], [UID]);
    assert.deepEqual([...names.matching(() => true)].toSorted(), [other, UID].toSorted());
    assert.deepEqual([...names.matching(() => false)], []);
  });
});

describe('a container', () => {
  it('goes by the name whose status has its ID', () =>
    assert.deepEqual(taken([podOf()], 'cart-id'), ['cart']));

  it('that has just died goes by the name of its successor', () =>
    assert.deepEqual(taken([podOf({ containers: [containerOf('cart', ['new', 'old'])] })], 'old', 'new'), [
      'cart',
      'cart',
    ]));

  for (const type of ['init', 'sidecar', 'ephemeral'] as const)
    it(`is ${type} where the API says so`, () => {
      const pod = podOf({ containers: [containerOf('x', ['id'], true, type)] });
      assert.equal(identify(observations('id'), new Names([pod]))[0]?.container?.type, type);
    });

  it('of a pod that is not known has no name', () =>
    assert.deepEqual(identify([observation(role('id', other))], new Names([podOf()])), [
      observation(role('id', other)),
    ]));

  it('goes by no name of another pod', () => {
    const [found] = identify(
      [observation(role('cart-id', other))],
      new Names([podOf(), podOf({ uid: other, name: 'b', containers: [] })]),
    );
    assert.equal(found?.pod?.name, 'b');
    assert.equal(found?.container?.container, undefined);
  });
});

describe('a container that is in no status', () => {
  const two = podOf({ containers: [containerOf('a', ['a-id']), containerOf('b', ['b-id'])] });

  it('is the sandbox where all that run have cgroups of their own', () =>
    assert.deepEqual(taken([two], 'a-id', 'b-id', 'pause'), ['a', 'b', 'sandbox']));

  it('may be a container as long as one that runs has none', () =>
    assert.deepEqual(taken([two], 'a-id', 'x'), ['a', 'unknown']));

  it('may be either where there are two of them', () =>
    assert.deepEqual(taken([two], 'a-id', 'b-id', 'x', 'y'), ['a', 'b', 'unknown', 'unknown']));

  it('is the sandbox beside containers that have ended', () => {
    const pod = podOf({
      containers: [containerOf('a', ['a-id']), containerOf('migrate', ['m-id'], false, 'init')],
    });
    assert.deepEqual(taken([pod], 'a-id', 'pause'), ['a', 'sandbox']);
  });

  it('is the sandbox of a pod of which nothing runs yet', () => {
    const pod = podOf({ containers: [containerOf('a', [])] });
    assert.deepEqual(taken([pod], 'pause'), ['sandbox']);
  });

  it('is the sandbox while the last life of a container still has its cgroup', () => {
    const pod = podOf({ containers: [containerOf('a', ['new', 'old'])] });
    assert.deepEqual(taken([pod], 'new', 'old', 'pause'), ['a', 'a', 'sandbox']);
  });

  it('is counted in its own pod alone', () => {
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
  const known = new WeakSet<CgroupId>();
  const see = (pods: readonly Pod[], seen: readonly Observation[]) =>
    identify(seen, new Names(pods), known).map(
      ({ container }) => container?.container?.name ?? container?.type,
    );

  it('that was told once stays one, whatever starts beside it', () => {
    const [app, pause, next] = observations('cart-id', 'pause', 'cart-id-2') as [
      Observation,
      Observation,
      Observation,
    ];
    assert.deepEqual(see([cart], [app, pause]), ['cart', 'sandbox']);
    assert.deepEqual(see([cart], [pause, next]), ['sandbox', 'unknown']);
    // Another cgroup under its name is another matter.
    assert.deepEqual(see([cart], observations('pause', 'cart-id-2')), ['unknown', 'unknown']);
  });

  it('that the API names after all is what the API says', () => {
    const [one] = observations('x') as [Observation];
    assert.deepEqual(see([podOf({ containers: [containerOf('a', [])] })], [one]), ['sandbox']);
    assert.deepEqual(see([podOf({ containers: [containerOf('a', ['x'])] })], [one]), ['a']);
  });

  it('of CRI-O is told only where nothing else can be starting', () => {
    const crio = (id: string): Observation => observation({ ...role(id), runtime: 'cri-o' });
    const waits = podOf({ containers: [containerOf('a', [])] });
    assert.deepEqual(see([waits], [crio('x')]), ['unknown']);
    assert.deepEqual(see([cart], [crio('cart-id'), crio('x')]), ['cart', 'sandbox']);
  });

  it('of gVisor may be all there is of its pod', () => {
    assert.deepEqual(see([cart], observations('x')), ['unknown']);
    assert.deepEqual(see([podOf({ runtimeClass: 'gvisor' })], observations('x')), ['sandbox']);
    // Nothing runs yet: then it is the sandbox as everywhere.
    const waits = podOf({ runtimeClass: 'gvisor', containers: [containerOf('a', [])] });
    assert.deepEqual(see([waits], observations('x')), ['sandbox']);
    assert.deepEqual(see([podOf({ runtimeClass: 'gvisor' })], observations('x', 'y')), [
      'unknown',
      'unknown',
    ]);
  });

  it('of Kata is told by its path, and its overhead with it', () => {
    const kata = observation({ ...role('vm'), runtime: 'kata', sandbox: true });
    const overhead = observation({ ...role('vm'), runtime: 'kata', sandbox: true }, '/kata_overhead/vm');
    assert.deepEqual(see([cart], [kata, overhead]), ['sandbox', 'sandbox']);
  });
});

describe('a node that is a container', () => {
  const nested = (podUID: string): Observation =>
    observation({ kind: 'pod', podUID, qos: 'Burstable', inside: '/docker/node' });

  it('has the names where the host has no pods of its own', () =>
    assert.equal(identify([nested(UID)], new Names([podOf()]))[0]?.pod?.name, 'cart'));

  it('has none of the host’s', () => {
    const own = observation({ kind: 'pod', podUID: other, qos: 'Burstable' });
    const found = identify([nested(UID), own], new Names([podOf(), podOf({ uid: other, name: 'b' })]));
    assert.deepEqual(
      found.map(({ pod }) => pod?.name),
      [undefined, 'b'],
    );
  });
});

describe('a pod that is known from its logs', () => {
  const logged = (...containers: readonly PodContainer[]): Pod => podOf({ from: 'logs', containers });
  const a = containerOf('a', ['a-id'], false, 'unknown');
  const unlinked = containerOf('b', [], false, 'unknown');

  it('has the containers whose ID a link tells, and the sandbox', () =>
    assert.deepEqual(taken([logged(a)], 'a-id', 'x'), ['a', 'sandbox']));

  it('leaves unnamed what cannot be told', () => {
    assert.deepEqual(taken([logged(a, unlinked)], 'a-id', 'x'), ['a', 'unknown']);
    assert.deepEqual(taken([logged(unlinked)], 'x', 'y'), ['unknown', 'unknown']);
    assert.deepEqual(taken([logged(unlinked)], 'x'), ['unknown']);
  });

  it('has one directory and one cgroup beside the sandbox: they are the same', () => {
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

describe('what was sighted', () => {
  const roles: readonly CgroupRole[] = [
    { kind: 'kube' },
    { kind: 'other', type: 'service', name: 'ssh' },
    { kind: 'pod', podUID: other, qos: 'Guaranteed' },
  ];
  for (const where of roles)
    it(`stays as it is: ${where.kind}`, () => {
      const seen: Identified = observation(where);
      assert.deepEqual(identify([seen], new Names([podOf()])), [seen]);
    });

  it('has its pod where that is known', () => {
    const where: CgroupRole = {
      kind: 'pod',
      podUID: UID.replaceAll('-', '_').replaceAll('_', '-'),
      qos: 'Burstable',
    };
    assert.equal(identify([observation(where)], new Names([podOf()]))[0]?.pod?.name, 'cart');
  });

  it('stays in its order', () =>
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

  it('gets the name of the pod that says it is its own, with the runtime of its path', () => {
    const { role: found, pod, container } = identified(outside({ runtime: 'cri-o' }));
    assert.deepEqual(found, { kind: 'container', podUID: UID, id, runtime: 'cri-o' });
    assert.deepEqual([pod?.name, container?.container?.name], ['cart', 'cart']);
  });

  it('keeps its own where no pod, or two pods, or only a log directory says so', () => {
    const thief = podOf({ uid: other, name: 'thief', containers: [containerOf('x', [id])] });
    for (const pods of [[], [podOf()], [known, thief], [podOf({ ...known, from: 'logs' })]])
      assert.deepEqual(identified(outside(), pods), observation(outside()));
  });

  it('keeps its own where others than root can make its cgroup, whose place has no ID', () => {
    const { id: _, ...unbelieved } = outside() as Extract<CgroupRole, { kind: 'other' }>;
    assert.deepEqual(identified(unbelieved), observation(unbelieved));
  });

  it('is not taken for missing when its pod’s sandbox is told apart', () => {
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
