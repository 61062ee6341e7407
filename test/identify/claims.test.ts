import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { openNode } from '../../src/agent/source.ts';
import { tick } from '../../src/agent/tick.ts';
import { resolveClaims } from '../../src/identify/claims.ts';
import { roleOf } from '../../src/identify/role.ts';
import type { Observation } from '../../src/model/observation.ts';
import { normalUid } from '../../src/model/pod.ts';
import { lay, tempDir } from '../temp.ts';

const UID = '8712f785-1a3e-41ec-a00b-e2dcc77431cb';
const U_U = UID.replaceAll('-', '_');
const NODE = 'd'.repeat(64);
const idOf = (char: string): string => char.repeat(64);

const sightingsOf = (paths: readonly string[]): readonly Observation[] =>
  paths.map((path, inode) => ({
    role: roleOf(path),
    sample: { id: { path, inode }, version: 2, faults: [] },
  }));

const pathOf = ({ sample }: Observation): string => sample.id.path;
const kept = (...paths: readonly string[]): readonly string[] =>
  resolveClaims(sightingsOf(paths)).observations.map(pathOf);

const home = `/kubepods/burstable/pod${UID}`;
const nested = `/docker/${NODE}${home}`;
const stray = (service: string, id: string): string =>
  `/system.slice/${service}.service/kubepods-burstable-pod${U_U}.slice:cri-containerd:${id}`;

describe('a pod that two cgroups claim', () => {
  it('is the host’s own, not one in a container, wherever they are met', () => {
    for (const paths of [
      [home, nested],
      [nested, home],
    ]) {
      const { observations, refused } = resolveClaims(sightingsOf(paths));
      assert.deepEqual(observations.map(pathOf), [home]);
      assert.deepEqual(refused, [
        { cgroup: nested, why: `it claims the pod ${UID}, which stands at ${home}` },
      ]);
    }
  });

  it('is the host’s own even where only the other has containers', () =>
    assert.deepEqual(kept(home, nested, `${nested}/${idOf('a')}`), [home]));

  it('is the one with containers, where a kubelet has changed its driver', () => {
    const slice = `/kubepods.slice/kubepods-pod${U_U}.slice`;
    const container = `${slice}/cri-containerd-${idOf('a')}.scope`;
    assert.deepEqual(kept(home, slice, container), [slice, container]);
    assert.deepEqual(kept(slice, container, home), [slice, container]);
  });

  it('is one, however its UID is written', () => {
    for (const uid of [UID.toUpperCase(), UID.replaceAll('-', ''), U_U])
      assert.deepEqual(kept(home, `/docker/${NODE}/kubepods/pod${uid}`), [home], uid);
  });

  it('takes the containers of the other with it', () => {
    const { observations, refused } = resolveClaims(
      sightingsOf([home, `${home}/${idOf('a')}`, nested, `${nested}/${idOf('b')}`]),
    );
    assert.deepEqual(observations.map(pathOf), [home, `${home}/${idOf('a')}`]);
    assert.deepEqual(
      refused.map(({ cgroup }) => cgroup),
      [nested, `${nested}/${idOf('b')}`],
    );
  });

  it('of nodes in containers is the first of them: neither knows better', () =>
    assert.deepEqual(kept(`/docker/${idOf('f')}${home}`, `/docker/${idOf('e')}${home}`), [
      `/docker/${idOf('e')}${home}`,
    ]));
});

describe('a container outside its pod', () => {
  it('is believed where the drivers disagree: its pod stands empty', () =>
    assert.deepEqual(kept(home, stray('containerd', idOf('a'))), [home, stray('containerd', idOf('a'))]));

  it('is a stranger where the pod has containers of its own', () => {
    const { observations, refused } = resolveClaims(
      sightingsOf([home, `${home}/${idOf('a')}`, stray('evil', idOf('b'))]),
    );
    assert.deepEqual(observations.map(pathOf), [home, `${home}/${idOf('a')}`]);
    assert.deepEqual(refused, [
      {
        cgroup: stray('evil', idOf('b')),
        why: `it claims the pod ${UID}, whose containers stand in ${home}`,
      },
    ]);
  });

  it('is a stranger beside those of the runtime, which has more of them', () => {
    const others = [1, 2, 3].map(
      (n) => `/system.slice/containerd.service/kubepods-pod${n}.slice:cri-containerd:${idOf(String(n))}`,
    );
    const own = stray('containerd', idOf('a'));
    for (const evil of [stray('aaa', idOf('b')), stray('zzz', idOf('b'))])
      assert.deepEqual(kept(home, evil, own, ...others), [home, own, ...others], evil);
  });
});

describe('an ID that two containers claim', () => {
  it('is that of the host’s own', () => {
    const own = `/kubepods/pod${UID}/${idOf('a')}`;
    const other = `/docker/${NODE}/kubepods/podother/${idOf('a')}`;
    assert.deepEqual(kept(other, `/kubepods/pod${UID}`, own), [`/kubepods/pod${UID}`, own]);
  });
});

describe('Kata’s overhead', () => {
  const overhead = `/kata_overhead/${idOf('a')}`;

  for (const name of [`kata_${idOf('a')}`, idOf('a'), `cri-containerd-${idOf('a')}.scope`])
    it(`is a second cgroup of the sandbox ${name.slice(0, 20)}…`, () => {
      const { observations, refused } = resolveClaims(sightingsOf([overhead, home, `${home}/${name}`]));
      const sandbox = { kind: 'container', podUID: UID, id: idOf('a'), runtime: 'kata', sandbox: true };
      assert.deepEqual(
        observations.map(({ role }) => role),
        [sandbox, roleOf(home), sandbox],
      );
      assert.deepEqual(refused, []);
    });

  it('of no pod that is seen stays outside pods', () =>
    assert.deepEqual(
      resolveClaims(sightingsOf([overhead, home])).observations,
      sightingsOf([overhead, home]),
    ));

  it('of a cgroup that only claims to be the pod is not that pod’s', () => {
    const { observations } = resolveClaims(
      sightingsOf([home, nested, `${nested}/kata_${idOf('a')}`, overhead]),
    );
    assert.equal(observations.at(-1)?.role.kind, 'other');
  });
});

describe('what is settled', () => {
  const part = fc.constantFrom(
    ...['kubepods', 'kubepods.slice', 'burstable', `pod${UID}`, `pod${UID.toUpperCase()}`, 'podx'],
    ...[`kubepods-pod${U_U}.slice`, idOf('a'), idOf('b'), `kata_${idOf('a')}`, `crio-${idOf('b')}.scope`],
    ...['docker', 'kata_overhead', 'system.slice', 'x.service', 'kubelet', 'container', NODE],
    ...['a', 'b'].map((id) => `kubepods-pod${U_U}.slice:cri-containerd:${idOf(id)}`),
  );
  /** A tree: with each path all that stands above it. */
  const tree = fc
    .array(fc.array(part, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 })
    .map((paths) => [
      ...new Set(paths.flatMap((parts) => parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`))),
    ]);

  it('has each pod and each container once, and tells of every one that it refused', () =>
    fc.assert(
      fc.property(tree, (paths) => {
        const all = sightingsOf(paths);
        const { observations, refused } = resolveClaims(all);
        const pods = observations.flatMap(({ role }) =>
          role.kind === 'pod' ? [normalUid(role.podUID)] : [],
        );
        assert.equal(new Set(pods).size, pods.length);
        const ids = observations.flatMap(({ role, sample }) =>
          role.kind === 'container' && !sample.id.path.includes('kata_overhead') ? [role.id] : [],
        );
        assert.equal(new Set(ids).size, ids.length);
        assert.deepEqual(
          [...observations.map(pathOf), ...refused.map(({ cgroup }) => cgroup)].toSorted(),
          paths.toSorted(),
        );
        for (const { why } of refused) assert.match(why, /^it /);
      }),
      { numRuns: 2000 },
    ));

  it('is the same in whatever order the cgroups are met', () =>
    fc.assert(
      fc.property(
        tree.chain((paths) =>
          fc.tuple(fc.constant(paths), fc.shuffledSubarray(paths, { minLength: paths.length })),
        ),
        ([paths, shuffled]) => assert.deepEqual(kept(...shuffled).toSorted(), kept(...paths).toSorted()),
      ),
      { numRuns: 1000 },
    ));

  it('has no container below another', () =>
    fc.assert(
      fc.property(tree, (paths) => {
        const believed = resolveClaims(sightingsOf(paths)).observations.filter(
          ({ role }) => role.kind === 'container',
        );
        for (const { sample } of believed)
          for (const other of believed) assert.ok(!sample.id.path.startsWith(`${pathOf(other)}/`));
      }),
      { numRuns: 1000 },
    ));
});

describe('the report of a node', () => {
  const figures = (cgroup: string, usage: number) => ({
    [`sys/fs/cgroup${cgroup}/memory.current`]: `${usage}\n`,
    [`sys/fs/cgroup${cgroup}/memory.stat`]: 'active_file 0\ninactive_file 0\n',
  });

  it('counts what is refused where it stands, and not for the pod', async (test) => {
    const root = tempDir(test);
    for (const files of [
      { 'sys/fs/cgroup/cgroup.controllers': 'memory\n' },
      figures(home, 100),
      figures(`${home}/${idOf('a')}`, 90),
      figures(`/docker/${NODE}`, 500),
      figures(nested, 400),
      figures(`${nested}/${idOf('b')}`, 300),
    ])
      lay(root, files);
    const node = openNode({ root }, []);
    test.after(() => node.host.close());
    const { report } = await tick(node, 0, true);
    assert.deepEqual(
      report?.pods.map(({ cgroup, realBytes, restBytes }) => [cgroup, realBytes, restBytes]),
      [[home, 100, 10]],
    );
    assert.deepEqual(
      report?.containers.map(({ cgroup }) => cgroup),
      [`${home}/${idOf('a')}`],
    );
    assert.equal(report?.others.find(({ cgroup }) => cgroup === `/docker/${NODE}`)?.realBytes, 500);
    assert.match(
      report?.skipped.find(({ cgroup }) => cgroup === nested)?.why ?? '',
      /^it claims the pod .*, which stands at /,
    );
  });

  it('adds Kata’s overhead to its pod once', async (test) => {
    const root = tempDir(test);
    for (const files of [
      { 'sys/fs/cgroup/cgroup.controllers': 'memory\n' },
      figures(home, 100),
      figures(`${home}/kata_${idOf('a')}`, 90),
      figures('/kata_overhead', 70),
      figures(`/kata_overhead/${idOf('a')}`, 60),
    ])
      lay(root, files);
    const node = openNode({ root }, []);
    test.after(() => node.host.close());
    const { report } = await tick(node, 0, true);
    assert.deepEqual(
      report?.pods.map(({ realBytes, restBytes }) => [realBytes, restBytes]),
      [[160, 10]],
    );
    assert.deepEqual(
      report?.containers.map(({ cgroup, runtime, realBytes }) => [cgroup, runtime, realBytes]),
      [
        [`/kata_overhead/${idOf('a')}`, 'kata', 60],
        [`${home}/kata_${idOf('a')}`, 'kata', 90],
      ],
    );
  });
});

describe('the ID of a container outside the cgroups of pods', () => {
  const idsOf = (...paths: readonly string[]): readonly (string | undefined)[] =>
    resolveClaims(sightingsOf(paths)).observations.map(({ role }) =>
      role.kind === 'other' ? role.id : undefined,
    );

  it('is believed where it stands once', () =>
    assert.deepEqual(idsOf(`/docker/${idOf('a')}`, `/crio-${idOf('b')}`), [idOf('a'), idOf('b')]));

  it('is not believed where a container in a pod has it, or another one outside', () => {
    assert.deepEqual(idsOf(home, `${home}/${idOf('a')}`, `/docker/${idOf('a')}`), [
      undefined,
      undefined,
      undefined,
    ]);
    assert.deepEqual(idsOf(`/docker/${idOf('a')}`, `/moby/${idOf('a')}`), [undefined, undefined]);
  });

  it('that is not believed leaves all else as it is', () => {
    const { observations, refused } = resolveClaims(
      sightingsOf([`/docker/${idOf('a')}`, `/moby/${idOf('a')}`]),
    );
    assert.deepEqual(refused, []);
    assert.deepEqual(
      observations.map(({ role }) => role),
      Array.from({ length: 2 }, () => ({ kind: 'other', type: 'container', name: 'aaaaaaaaaaaa' })),
    );
  });
});
