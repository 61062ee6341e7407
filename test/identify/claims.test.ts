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

const observationsOf = (paths: readonly string[]): readonly Observation[] =>
  paths.map((path, inode) => ({
    role: roleOf(path),
    sample: { id: { path, inode }, version: 2, faults: [] },
  }));

const pathOf = ({ sample }: Observation): string => sample.id.path;
const kept = (...paths: readonly string[]): readonly string[] =>
  resolveClaims(observationsOf(paths)).observations.map(pathOf);

const home = `/kubepods/burstable/pod${UID}`;
const nested = `/docker/${NODE}${home}`;
const stray = (service: string, id: string): string =>
  `/system.slice/${service}.service/kubepods-burstable-pod${U_U}.slice:cri-containerd:${id}`;

describe('resolveClaims, for a pod that two cgroups claim,', () => {
  it('accepts the claim of the host, not the one inside a container, in either order', () => {
    for (const paths of [
      [home, nested],
      [nested, home],
    ]) {
      const { observations, refused } = resolveClaims(observationsOf(paths));
      assert.deepEqual(observations.map(pathOf), [home]);
      assert.deepEqual(refused, [{ cgroup: nested, why: `its path claims pod ${UID}, which is at ${home}` }]);
    }
  });

  it('accepts the claim of the host even when only the other cgroup has containers', () =>
    assert.deepEqual(kept(home, nested, `${nested}/${idOf('a')}`), [home]));

  it('accepts the cgroup with containers after a kubelet changed its cgroup driver', () => {
    const slice = `/kubepods.slice/kubepods-pod${U_U}.slice`;
    const container = `${slice}/cri-containerd-${idOf('a')}.scope`;
    assert.deepEqual(kept(home, slice, container), [slice, container]);
    assert.deepEqual(kept(slice, container, home), [slice, container]);
  });

  it('accepts one cgroup for a UID in different notations', () => {
    for (const uid of [UID.toUpperCase(), UID.replaceAll('-', ''), U_U])
      assert.deepEqual(kept(home, `/docker/${NODE}/kubepods/pod${uid}`), [home], uid);
  });

  it('refuses the containers of the refused cgroup too', () => {
    const { observations, refused } = resolveClaims(
      observationsOf([home, `${home}/${idOf('a')}`, nested, `${nested}/${idOf('b')}`]),
    );
    assert.deepEqual(observations.map(pathOf), [home, `${home}/${idOf('a')}`]);
    assert.deepEqual(
      refused.map(({ cgroup }) => cgroup),
      [nested, `${nested}/${idOf('b')}`],
    );
  });

  it('accepts the first path when both are inside containers', () =>
    assert.deepEqual(kept(`/docker/${idOf('f')}${home}`, `/docker/${idOf('e')}${home}`), [
      `/docker/${idOf('e')}${home}`,
    ]));
});

describe('resolveClaims, for a container outside the cgroup of its pod,', () => {
  it('accepts it when the cgroup of its pod is empty', () =>
    assert.deepEqual(kept(home, stray('containerd', idOf('a'))), [home, stray('containerd', idOf('a'))]));

  it('refuses it when the cgroup of its pod has containers', () => {
    const { observations, refused } = resolveClaims(
      observationsOf([home, `${home}/${idOf('a')}`, stray('evil', idOf('b'))]),
    );
    assert.deepEqual(observations.map(pathOf), [home, `${home}/${idOf('a')}`]);
    assert.deepEqual(refused, [
      {
        cgroup: stray('evil', idOf('b')),
        why: `its path claims pod ${UID}, whose containers are in ${home}`,
      },
    ]);
  });

  it('refuses it when another parent has more such containers and one of the same pod', () => {
    const others = [1, 2, 3].map(
      (n) => `/system.slice/containerd.service/kubepods-pod${n}.slice:cri-containerd:${idOf(String(n))}`,
    );
    const own = stray('containerd', idOf('a'));
    for (const evil of [stray('aaa', idOf('b')), stray('zzz', idOf('b'))])
      assert.deepEqual(kept(home, evil, own, ...others), [home, own, ...others], evil);
  });
});

describe('resolveClaims, for an ID that two containers claim,', () => {
  it('accepts the container of the host', () => {
    const own = `/kubepods/pod${UID}/${idOf('a')}`;
    const other = `/docker/${NODE}/kubepods/podother/${idOf('a')}`;
    assert.deepEqual(kept(other, `/kubepods/pod${UID}`, own), [`/kubepods/pod${UID}`, own]);
  });
});

describe('Kata’s overhead', () => {
  const overhead = `/kata_overhead/${idOf('a')}`;

  for (const name of [`kata_${idOf('a')}`, idOf('a'), `cri-containerd-${idOf('a')}.scope`])
    it(`becomes a second cgroup of the sandbox ${name.slice(0, 20)}…`, () => {
      const { observations, refused } = resolveClaims(observationsOf([overhead, home, `${home}/${name}`]));
      const sandbox = { kind: 'container', podUID: UID, id: idOf('a'), runtime: 'kata', sandbox: true };
      assert.deepEqual(
        observations.map(({ role }) => role),
        [sandbox, roleOf(home), sandbox],
      );
      assert.deepEqual(refused, []);
    });

  it('stays outside pods when its sandbox is not observed', () =>
    assert.deepEqual(
      resolveClaims(observationsOf([overhead, home])).observations,
      observationsOf([overhead, home]),
    ));

  it('stays outside pods when its sandbox is in a refused cgroup', () => {
    const { observations } = resolveClaims(
      observationsOf([home, nested, `${nested}/kata_${idOf('a')}`, overhead]),
    );
    assert.equal(observations.at(-1)?.role.kind, 'other');
  });
});

describe('resolveClaims, for any tree,', () => {
  const part = fc.constantFrom(
    ...['kubepods', 'kubepods.slice', 'burstable', `pod${UID}`, `pod${UID.toUpperCase()}`, 'podx'],
    ...[`kubepods-pod${U_U}.slice`, idOf('a'), idOf('b'), `kata_${idOf('a')}`, `crio-${idOf('b')}.scope`],
    ...['docker', 'kata_overhead', 'system.slice', 'x.service', 'kubelet', 'container', NODE],
    ...['a', 'b'].map((id) => `kubepods-pod${U_U}.slice:cri-containerd:${idOf(id)}`),
  );
  /** A tree: paths with all their parents. */
  const tree = fc
    .array(fc.array(part, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 })
    .map((paths) => [
      ...new Set(paths.flatMap((parts) => parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`))),
    ]);

  it('returns each pod and each container once, and a reason for each refused cgroup', () =>
    fc.assert(
      fc.property(tree, (paths) => {
        const all = observationsOf(paths);
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
        for (const { why } of refused) assert.match(why, /^its /);
      }),
      { numRuns: 2000 },
    ));

  it('returns the same result for any order of the observations', () =>
    fc.assert(
      fc.property(
        tree.chain((paths) =>
          fc.tuple(fc.constant(paths), fc.shuffledSubarray(paths, { minLength: paths.length })),
        ),
        ([paths, shuffled]) => assert.deepEqual(kept(...shuffled).toSorted(), kept(...paths).toSorted()),
      ),
      { numRuns: 1000 },
    ));

  it('returns no container below another container', () =>
    fc.assert(
      fc.property(tree, (paths) => {
        const accepted = resolveClaims(observationsOf(paths)).observations.filter(
          ({ role }) => role.kind === 'container',
        );
        for (const { sample } of accepted)
          for (const other of accepted) assert.ok(!sample.id.path.startsWith(`${pathOf(other)}/`));
      }),
      { numRuns: 1000 },
    ));
});

describe('the report of a node', () => {
  const figures = (cgroup: string, usage: number) => ({
    [`sys/fs/cgroup${cgroup}/memory.current`]: `${usage}\n`,
    [`sys/fs/cgroup${cgroup}/memory.stat`]: 'active_file 0\ninactive_file 0\n',
  });

  it('counts the memory of a refused cgroup in its parent, not in the pod', async (test) => {
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
      /^its path claims pod .*, which is at /,
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

describe('resolveClaims, for the ID of a container outside pods,', () => {
  const idsOf = (...paths: readonly string[]): readonly (string | undefined)[] =>
    resolveClaims(observationsOf(paths)).observations.map(({ role }) =>
      role.kind === 'other' ? role.id : undefined,
    );

  it('keeps an ID that occurs once', () =>
    assert.deepEqual(idsOf(`/docker/${idOf('a')}`, `/crio-${idOf('b')}`), [idOf('a'), idOf('b')]));

  it('drops an ID that another container, in a pod or outside, has too', () => {
    assert.deepEqual(idsOf(home, `${home}/${idOf('a')}`, `/docker/${idOf('a')}`), [
      undefined,
      undefined,
      undefined,
    ]);
    assert.deepEqual(idsOf(`/docker/${idOf('a')}`, `/moby/${idOf('a')}`), [undefined, undefined]);
  });

  it('does not refuse the cgroups whose ID it drops', () => {
    const { observations, refused } = resolveClaims(
      observationsOf([`/docker/${idOf('a')}`, `/moby/${idOf('a')}`]),
    );
    assert.deepEqual(refused, []);
    assert.deepEqual(
      observations.map(({ role }) => role),
      Array.from({ length: 2 }, () => ({ kind: 'other', type: 'container', name: 'aaaaaaaaaaaa' })),
    );
  });
});
