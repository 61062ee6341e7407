/** Checks like those of kube-linter, for every object of every case. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { skipWhere } from '../needs.ts';
import { helmMissing } from './helm.ts';
import { type Manifest, objectsOf, ofKind, type PodSpec } from './objects.ts';
import { caseFile, cases, templateWithHooks } from './render.ts';

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

/** Every fault of a pod. @param host the namespaces of the host that the values give to the agent */
function faultsOf(
  { name, kind, spec }: Pod,
  host: Pick<PodSpec, 'hostPID' | 'hostNetwork'> = {},
): readonly string[] {
  const pod = spec.securityContext ?? {};
  const faults: string[] = [];
  const expect = (holds: boolean | undefined, what: string): void => {
    if (holds !== true) faults.push(`${kind} ${name}: ${what}`);
  };
  expect(!spec.hostIPC, 'uses the IPC namespace of the host');
  for (const which of ['hostPID', 'hostNetwork'] as const)
    expect(
      spec[which] === (kind === 'DaemonSet' ? host[which] : undefined),
      `${which} differs from the values`,
    );
  expect(spec.automountServiceAccountToken !== undefined, 'automountServiceAccountToken is not set');
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  expect(containers.length > 0, 'no container');
  const hostPaths = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined);
  for (const { securityContext: own = {}, resources, image, ...container } of containers) {
    expect(
      (own.runAsNonRoot ?? pod.runAsNonRoot) && (own.runAsUser ?? pod.runAsUser) !== 0,
      'may run as root',
    );
    expect((own.seccompProfile ?? pod.seccompProfile)?.type === 'RuntimeDefault', 'no seccomp profile');
    expect(own.readOnlyRootFilesystem, 'the root file system is writable');
    expect(own.allowPrivilegeEscalation === false && !own.privileged, 'allows privilege escalation');
    expect(
      own.capabilities?.drop?.includes('ALL') && !own.capabilities.add,
      'does not drop all capabilities',
    );
    expect(resources?.requests?.['cpu'] !== undefined, 'no CPU request');
    expect(resources?.requests?.['memory'] !== undefined, 'no memory request');
    expect(resources?.limits?.['memory'] !== undefined, 'no memory limit');
    expect(
      /@sha256:[0-9a-f]{64}$|:[^:/]+$/.test(image) && !image.endsWith(':latest'),
      'the image has no fixed tag or digest',
    );
    if (kind === 'DaemonSet')
      expect(
        container.livenessProbe && container.readinessProbe && container.startupProbe ? true : undefined,
        'no probes',
      );
    for (const mount of container.volumeMounts ?? [])
      if (hostPaths.some((volume) => volume.name === mount.name))
        expect(
          mount.readOnly && mount.recursiveReadOnly === 'IfPossible',
          `the host mount ${mount.mountPath} is writable`,
        );
  }
  return faults;
}

const hostOf: Readonly<Record<string, Pick<PodSpec, 'hostPID' | 'hostNetwork'>>> = {
  'everything-values.yaml': { hostPID: true },
  'host-network-values.yaml': { hostNetwork: true },
};

describe('the rendered chart', { skip: skipWhere(helmMissing()) }, () => {
  const rendered = cases.map(
    (name) => [name, objectsOf(templateWithHooks('--values', caseFile(name)))] as const,
  );

  for (const [name, manifests] of rendered) {
    it(`has pods with minimal security contexts, fixed images and resources (${name})`, () => {
      const pods = podsIn(manifests);
      assert.ok(pods.some(({ kind }) => kind === 'DaemonSet') && pods.some(({ kind }) => kind === 'Pod'));
      assert.deepEqual(
        pods.flatMap((pod) => faultsOf(pod, hostOf[name])),
        [],
      );
    });

    it(`mounts only the documented host paths (${name})`, () => {
      const paths = podsIn(manifests).flatMap(({ kind, spec }) =>
        (spec.volumes ?? []).flatMap(({ hostPath }) => (hostPath ? [`${kind} ${hostPath.path}`] : [])),
      );
      const logs = /openshift|everything/.test(name) ? ['/var/log/pods', '/var/log/containers'] : [];
      assert.deepEqual(
        paths,
        ['/sys/fs/cgroup', ...logs].map((path) => `DaemonSet ${path}`),
      );
    });

    it(`grants no access to secrets, and has no wildcards in its roles (${name})`, () => {
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

  it('is checked by rules that find each fault of a weakened pod', () => {
    const [, manifests] = rendered.find(([name]) => name === 'default-values.yaml') ?? [];
    const [agent] = podsIn(manifests ?? []);
    const container = agent?.spec.containers?.[0];
    assert.ok(agent && container);
    const worse = (spec: Partial<PodSpec>, more: object): readonly string[] =>
      faultsOf({ ...agent, spec: { ...agent.spec, ...spec, containers: [{ ...container, ...more }] } });
    assert.deepEqual(worse({}, {}), []);
    assert.equal(worse({ hostPID: true }, {}).length, 1);
    assert.equal(worse({ hostNetwork: true }, {}).length, 1);
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

  it('cleans up at an uninstall with a service account and rights that exist only for that job', () => {
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

  it('never has the rights of the clean-up without its policies, at whatever step helm stops', () => {
    const [, manifests = []] = rendered.find(([name]) => name === 'everything-values.yaml') ?? [];
    const hooks = manifests.filter(
      ({ metadata }) => metadata.annotations?.['helm.sh/hook'] === 'post-delete',
    );
    const weightOf = ({ metadata }: Manifest): number =>
      Number(metadata.annotations?.['helm.sh/hook-weight']);
    const steps = hooks.toSorted((a, b) => weightOf(a) - weightOf(b));
    // helm may process objects of equal weight in any order.
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
        ['created, or removed after a success', steps.filter((one) => weightOf(one) <= weight)],
        ['removed after a failure', steps.filter((one) => weightOf(one) > weight)],
      ] as const)
        assert.ok(isHeld(there), `${order}, up to weight ${weight}`);
    // The same with only one object of the current weight.
    for (const one of steps) {
      const before = steps.filter((other) => weightOf(other) < weightOf(one));
      const after = steps.filter((other) => weightOf(other) > weightOf(one));
      assert.ok(isHeld([...before, one]) && isHeld([...after, one]), `${one.kind} ${one.metadata.name}`);
    }
  });
});
