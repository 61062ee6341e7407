/** What kube-linter and its like look for, in every object of every case. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { skipWhere } from '../needs.ts';
import { type Manifest, objectsOf, ofKind, type PodSpec } from './objects.ts';
import { caseFile, cases, helmMissing, templateWithHooks } from './render.ts';

interface Pod {
  readonly name: string;
  readonly kind: string;
  readonly spec: PodSpec;
}

const podsIn = (manifests: readonly Manifest[]): readonly Pod[] =>
  manifests.flatMap(({ kind, metadata: { name }, spec }) => {
    const pod = kind === 'Pod' ? spec : spec?.template?.spec;
    return pod === undefined ? [] : [{ name, kind, spec: pod }];
  });

/** Everything that is wrong with a pod. */
function faultsOf({ name, kind, spec }: Pod): readonly string[] {
  const pod = spec.securityContext ?? {};
  const faults: string[] = [];
  const expect = (holds: boolean | undefined, what: string): void => {
    if (holds !== true) faults.push(`${kind} ${name}: ${what}`);
  };
  expect(!spec.hostPID && !spec.hostIPC && !spec.hostNetwork, 'namespaces of the host');
  expect(spec.automountServiceAccountToken !== undefined, 'whether it has a token is not said');
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  expect(containers.length > 0, 'no container');
  const hostPaths = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined);
  for (const { securityContext: own = {}, resources, image, ...container } of containers) {
    expect((own.runAsNonRoot ?? pod.runAsNonRoot) && (own.runAsUser ?? pod.runAsUser) !== 0, 'may be root');
    expect((own.seccompProfile ?? pod.seccompProfile)?.type === 'RuntimeDefault', 'no seccomp profile');
    expect(own.readOnlyRootFilesystem, 'a root file system that can be written to');
    expect(own.allowPrivilegeEscalation === false && !own.privileged, 'privileges');
    expect(own.capabilities?.drop?.includes('ALL') && !own.capabilities.add, 'capabilities');
    expect(resources?.requests?.['cpu'] !== undefined, 'no CPU request');
    expect(resources?.requests?.['memory'] !== undefined, 'no memory request');
    expect(resources?.limits?.['memory'] !== undefined, 'no memory limit');
    expect(/@sha256:[0-9a-f]{64}$|:[^:/]+$/.test(image) && !image.endsWith(':latest'), 'no fixed image');
    if (kind === 'DaemonSet')
      expect(
        container.livenessProbe && container.readinessProbe && container.startupProbe ? true : undefined,
        'no probes',
      );
    for (const mount of container.volumeMounts ?? [])
      if (hostPaths.some((volume) => volume.name === mount.name))
        expect(
          mount.readOnly && mount.recursiveReadOnly === 'IfPossible',
          `${mount.mountPath} of the host can be written to`,
        );
  }
  return faults;
}

describe('what is rendered', { skip: skipWhere(helmMissing()) }, () => {
  const rendered = cases.map(
    (name) => [name, objectsOf(templateWithHooks('--values', caseFile(name)))] as const,
  );

  for (const [name, manifests] of rendered) {
    it(`has no more rights on its node than it needs (${name})`, () => {
      const pods = podsIn(manifests);
      assert.ok(pods.some(({ kind }) => kind === 'DaemonSet') && pods.some(({ kind }) => kind === 'Pod'));
      assert.deepEqual(pods.flatMap(faultsOf), []);
    });

    it(`has of the host what it says (${name})`, () => {
      const paths = podsIn(manifests).flatMap(({ kind, spec }) =>
        (spec.volumes ?? []).flatMap(({ hostPath }) => (hostPath ? [`${kind} ${hostPath.path}`] : [])),
      );
      const logs = /openshift|everything/.test(name) ? ['/var/log/pods', '/var/log/containers'] : [];
      assert.deepEqual(
        paths,
        ['/sys/fs/cgroup', ...logs].map((path) => `DaemonSet ${path}`),
      );
    });

    it(`asks for no secret and for nothing by a star (${name})`, () => {
      for (const { metadata, rules = [] } of manifests)
        for (const { apiGroups = [], resources = [], nonResourceURLs = [], verbs } of rules) {
          for (const word of [...apiGroups, ...resources, ...nonResourceURLs, ...verbs])
            assert.doesNotMatch(word, /\*/, metadata.name);
          assert.doesNotMatch(
            resources.join(),
            /secrets|nodes\/|pods\/(?!status)|token(?!reviews)|serviceaccounts/,
          );
          assert.doesNotMatch(verbs.join(), /impersonate|escalate|bind|update|deletecollection/);
        }
    });
  }

  it('finds what is wrong', () => {
    const [, manifests] = rendered.find(([name]) => name === 'default-values.yaml') ?? [];
    const [agent] = podsIn(manifests ?? []);
    const container = agent?.spec.containers?.[0];
    assert.ok(agent && container);
    const worse = (spec: Partial<PodSpec>, more: object): readonly string[] =>
      faultsOf({ ...agent, spec: { ...agent.spec, ...spec, containers: [{ ...container, ...more }] } });
    assert.deepEqual(worse({}, {}), []);
    assert.equal(worse({ hostPID: true }, {}).length, 1);
    assert.equal(worse({ securityContext: {} }, {}).length, 2);
    assert.equal(worse({}, { securityContext: {} }).length, 3);
    assert.equal(worse({}, { resources: {} }).length, 3);
    assert.equal(worse({}, { image: 'realmem:latest' }).length, 1);
    assert.equal(worse({}, { image: 'registry.example.org:5000/realmem' }).length, 1);
    assert.equal(worse({}, { livenessProbe: undefined }).length, 1);
    assert.equal(
      worse({}, { volumeMounts: [{ name: 'cgroup', mountPath: '/a', readOnly: true }] }).length,
      1,
    );
  });

  it('changes the cluster at an uninstall with a service account of that moment alone', () => {
    const [, manifests = []] = rendered.find(([name]) => name === 'everything-values.yaml') ?? [];
    const hooks = manifests.filter(
      ({ metadata }) => metadata.annotations?.['helm.sh/hook'] === 'post-delete',
    );
    assert.deepEqual(hooks.map(({ kind }) => kind).sort(), [
      'ClusterRole',
      'ClusterRoleBinding',
      'Job',
      'Role',
      'RoleBinding',
      'ServiceAccount',
      'ValidatingAdmissionPolicy',
      'ValidatingAdmissionPolicy',
      'ValidatingAdmissionPolicyBinding',
      'ValidatingAdmissionPolicyBinding',
    ]);
    for (const { metadata } of hooks)
      assert.equal(
        metadata.annotations?.['helm.sh/hook-delete-policy'],
        'before-hook-creation,hook-succeeded',
        metadata.name,
      );
    const [job] = ofKind('Job', hooks);
    assert.equal(job?.spec?.template?.spec.serviceAccountName, 'memory-cleanup');
    assert.deepEqual(
      hooks.flatMap(({ rules = [] }) =>
        rules.map(({ verbs, resources }) => `${verbs.join(', ')} ${resources?.join(', ')}`),
      ),
      ['list pods', 'patch pods/status', 'list, delete nodememoryreports', 'list, delete configmaps'],
    );
  });

  it('has no right to clean up without the policies over it, wherever helm is stopped', () => {
    const [, manifests = []] = rendered.find(([name]) => name === 'everything-values.yaml') ?? [];
    const hooks = manifests.filter(
      ({ metadata }) => metadata.annotations?.['helm.sh/hook'] === 'post-delete',
    );
    const weightOf = ({ metadata }: Manifest): number =>
      Number(metadata.annotations?.['helm.sh/hook-weight']);
    const steps = hooks.toSorted((a, b) => weightOf(a) - weightOf(b));
    // Of equal weights helm may take any first.
    const weights = [...new Set(steps.map(weightOf))];
    const has = (there: readonly Manifest[], kind: string, count: number): boolean =>
      ofKind(kind, there).length === count;
    const isHeld = (there: readonly Manifest[]): boolean =>
      (has(there, 'ClusterRole', 0) || has(there, 'ClusterRoleBinding', 0)) &&
      (has(there, 'Role', 0) || has(there, 'RoleBinding', 0))
        ? true
        : has(there, 'ValidatingAdmissionPolicy', 2) && has(there, 'ValidatingAdmissionPolicyBinding', 2);
    for (const weight of weights)
      for (const [order, there] of [
        ['made, or removed after a success', steps.filter((one) => weightOf(one) <= weight)],
        ['removed after a failure', steps.filter((one) => weightOf(one) > weight)],
      ] as const)
        assert.ok(isHeld(there), `${order}, up to weight ${weight}`);
    // And one that is half done.
    for (const one of steps) {
      const before = steps.filter((other) => weightOf(other) < weightOf(one));
      const after = steps.filter((other) => weightOf(other) > weightOf(one));
      assert.ok(isHeld([...before, one]) && isHeld([...after, one]), `${one.kind} ${one.metadata.name}`);
    }
  });
});
