/** Every command that `realmem suggest -o patch` prints, shown to the API server: it takes each, and each changes resources alone. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { run } from '../cli/run.ts';
import { busyboxImage, hostNode, openBed } from './bed.ts';
import { releaseOn } from './release.ts';

const mine = 'realmem-patches-test';
const bed = await openBed();
const release = releaseOn(bed);

const sleeps = `image: ${busyboxImage}, imagePullPolicy: Never, command: [sleep, infinity]`;
const sized = 'resources: {requests: {memory: 64Mi, cpu: 1m}, limits: {memory: 128Mi}}';
const onHost = `nodeName: ${hostNode}, terminationGracePeriodSeconds: 0`;

/** @param pod the spec of its pods, as YAML in one line */
const deployment = (name: string, pod: string, annotations = '{}'): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${mine}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}, annotations: ${annotations}}
    spec: {${onHost}, ${pod}}
`;

const definition = (
  group: string,
  version: string,
  plural: string,
  kind: string,
): string => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${plural}.${group}}
spec:
  group: ${group}
  scope: Namespaced
  names: {plural: ${plural}, singular: ${kind.toLowerCase()}, kind: ${kind}}
  versions:
  - name: ${version}
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;

const definitions = [
  definition('argoproj.io', 'v1alpha1', 'rollouts', 'Rollout'),
  definition('apps.openshift.io', 'v1', 'deploymentconfigs', 'DeploymentConfig'),
];

/** Their controllers do not run: what they would make is made here. */
const custom = [
  `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web, namespace: ${mine}}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: rollout}}
    spec: {containers: [{name: first, ${sleeps}}, {name: main, ${sleeps}, ${sized}}]}
`,
  `apiVersion: apps.openshift.io/v1
kind: DeploymentConfig
metadata: {name: legacy, namespace: ${mine}}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: legacy}}
    spec: {containers: [{name: main, ${sleeps}, ${sized}}]}
`,
];

const ownedBy = (apiVersion: string, kind: string, name: string, uid: string): string =>
  `[{apiVersion: ${apiVersion}, kind: ${kind}, name: ${name}, uid: ${uid}, controller: true}]`;

const madeByThem = (rollout: string, config: string): string => `apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: web-6d4f8b7c9
  namespace: ${mine}
  labels: {rollouts-pod-template-hash: 6d4f8b7c9}
  ownerReferences: ${ownedBy('argoproj.io/v1alpha1', 'Rollout', 'web', rollout)}
spec:
  replicas: 1
  selector: {matchLabels: {rollouts-pod-template-hash: 6d4f8b7c9}}
  template:
    metadata: {labels: {app: rollout, rollouts-pod-template-hash: 6d4f8b7c9}}
    spec: {${onHost}, containers: [{name: first, ${sleeps}}, {name: main, ${sleeps}, ${sized}}]}
---
apiVersion: v1
kind: ReplicationController
metadata:
  name: legacy-7
  namespace: ${mine}
  annotations: {openshift.io/deployment-config.name: legacy, openshift.io/deployment-config.latest-version: '7'}
  ownerReferences: ${ownedBy('apps.openshift.io/v1', 'DeploymentConfig', 'legacy', config)}
spec:
  replicas: 1
  selector: {deployment: legacy-7}
  template:
    metadata:
      labels: {app: legacy, deployment: legacy-7, deploymentconfig: legacy}
      annotations: {openshift.io/deployment-config.name: legacy, openshift.io/deployment.name: legacy-7, openshift.io/deployment-config.latest-version: '7'}
    spec: {${onHost}, containers: [{name: main, ${sleeps}, ${sized}}]}
`;

const istio = `{sidecar.istio.io/status: '{"initContainers":[],"containers":["istio-proxy"]}'}`;
const workloads = [
  deployment(
    'meshed',
    `containers: [{name: istio-proxy, ${sleeps}, ${sized}}, {name: app, ${sleeps}, ${sized}}]`,
    istio,
  ),
  deployment('besteffort', `containers: [{name: main, ${sleeps}}]`),
  deployment(
    'guaranteed',
    `containers: [{name: main, ${sleeps}, resources: {requests: {memory: 64Mi, cpu: 1m}, limits: {memory: 64Mi, cpu: 1m}}}]`,
  ),
  deployment(
    'whole',
    `resources: {requests: {memory: 64Mi}, limits: {memory: 96Mi}}, containers: [{name: a, ${sleeps}}, {name: b, ${sleeps}}]`,
  ),
  deployment(
    'kinds',
    `initContainers: [{name: first, image: ${busyboxImage}, imagePullPolicy: Never, command: [sleep, '6'], ${sized}}, ` +
      `{name: beside, ${sleeps}, restartPolicy: Always, ${sized}}], containers: [{name: main, ${sleeps}, ${sized}}]`,
  ),
  `apiVersion: v1
kind: Pod
metadata: {name: bare, namespace: ${mine}}
spec: {${onHost}, containers: [{name: main, ${sleeps}, ${sized}}]}
`,
];
const fixed = `apiVersion: v1
kind: Pod
metadata: {name: fixed, namespace: ${mine}}
spec: {terminationGracePeriodSeconds: 0, containers: [{name: main, ${sleeps}, ${sized}}]}
`;

const wanted = [
  ...[
    'Deployment/meshed',
    'Deployment/besteffort',
    'Deployment/guaranteed',
    'Deployment/whole',
    'Deployment/kinds',
  ],
  ...['Pod/bare', `Pod/fixed-${hostNode}`, 'Rollout/web', 'DeploymentConfig/legacy'],
];

async function suggest(...flags: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run([
    ...['suggest', '--kubeconfig', bed.kubeconfig, '-n', mine, '--min-confidence', 'low'],
    ...flags,
  ]);
  assert.equal(code, 0, stderr);
  return stdout;
}

const uidOf = (resource: string): Promise<string> =>
  bed.kubectl('get', resource, '-n', mine, '-o', 'jsonpath={.metadata.uid}');

before(async () => {
  await bed.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${mine}}\n`);
  await bed.apply(definitions.join('---\n'));
  for (const name of ['rollouts.argoproj.io', 'deploymentconfigs.apps.openshift.io'])
    await bed.kubectl('wait', '--for=condition=Established', `crd/${name}`, '--timeout=60s');
  await bed.apply([...workloads, ...custom].join('---\n'));
  await bed.apply(
    madeByThem(
      await uidOf('rollouts.argoproj.io/web'),
      await uidOf('deploymentconfigs.apps.openshift.io/legacy'),
    ),
  );
  await bed.putStaticPod(hostNode, 'fixed', fixed);
  await bed.kubectl('rollout', 'status', 'deployment/meshed', '-n', mine, '--timeout=180s');
  // As a webhook would have it: in the pods that run, and not in the template.
  await bed.kubectl('rollout', 'pause', 'deployment/meshed', '-n', mine);
  await bed.kubectl(
    ...['patch', 'deployment', 'meshed', '-n', mine, '--type', 'json'],
    ...['-p', '[{"op":"remove","path":"/spec/template/spec/containers/0"}]'],
  );
  await release.install({ 'config.historyPeriod': '3s' });
});

after(async () => {
  await bed.removeStaticPod(hostNode, 'fixed');
  await bed.kubectl('delete', 'namespace', mine, '--ignore-not-found');
  for (const name of ['rollouts.argoproj.io', 'deploymentconfigs.apps.openshift.io'])
    await bed.kubectl('delete', 'crd', name, '--ignore-not-found');
  await release.uninstall();
});

type Fields = Readonly<Record<string, unknown>>;

/** Without what each write changes, and without any `resources`. */
function withoutResources(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutResources);
  if (typeof value !== 'object' || value === null) return value;
  const {
    resources: _,
    managedFields: __,
    resourceVersion: ___,
    generation: ____,
    ...others
  } = value as Fields;
  return Object.fromEntries(Object.entries(others).map(([key, one]) => [key, withoutResources(one)]));
}

const commandsIn = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith('kubectl'));

/** What the API server would make of it, and what is there now, but for resources. */
async function differences(line: string): Promise<readonly [unknown, unknown]> {
  // As a shell takes it apart.
  const [, patch = ''] = /-p '(.*)'$/.exec(line) ?? [];
  const words = line.slice(0, line.indexOf(" -p '")).split(' ').slice(1);
  const [, namespace = '', , resource = '', name = ''] = words;
  const live: unknown = JSON.parse(await bed.kubectl('get', resource, name, '-n', namespace, '-o', 'json'));
  const made: unknown = JSON.parse(
    await bed.kubectl(...words, '-p', patch, '--dry-run=server', '-o', 'json'),
  );
  assert.notDeepEqual((made as Fields)['spec'], (live as Fields)['spec'], `${line} changes nothing`);
  const specOf = (object: unknown): unknown => withoutResources((object as Fields)['spec']);
  return [specOf(made), specOf(live)];
}

describe('every command that suggest prints', { timeout: 600_000 }, () => {
  it('comes once all workloads are remembered under the names of their owners', async () => {
    await bed.waitFor(
      'all workloads',
      async () => {
        const { items } = JSON.parse(await suggest('-o', 'json')) as {
          readonly items: readonly { readonly workload: string }[];
        };
        const known = new Set(items.map(({ workload }) => workload));
        const missing = wanted.filter((workload) => !known.has(workload));
        if (missing.length > 0)
          throw new Error(`missing: ${missing.join(', ')}; known: ${[...known].join(', ')}`);
        return true;
      },
      { timeoutMs: 180_000 },
    );
  });

  it('is taken by the API server for each owner, and changes resources alone', async () => {
    const text = await suggest('-o', 'patch');
    const commands = commandsIn(text);
    for (const name of [
      'rollouts.argoproj.io web',
      'deploymentconfigs.apps.openshift.io legacy',
      'deployment whole',
    ])
      assert.ok(
        commands.some((line) => line.includes(` patch ${name} `)),
        `no command for ${name}:\n${text}`,
      );
    assert.doesNotMatch(commands.join('\n'), /istio-proxy/);
    assert.match(text, /^# istio-proxy: .*sidecar\.istio\.io\/proxyMemory/m);
    assert.match(text, new RegExp(`^# ${mine}/Pod/fixed-${hostNode}: no command, it is a static pod`, 'm'));
    for (const line of commands) {
      const [made, live] = await differences(line);
      assert.deepEqual(made, live, line);
    }
  });

  it('is taken by the API server for each pod in place, and changes resources alone', async () => {
    const text = await suggest('-o', 'patch', '--in-place');
    const commands = commandsIn(text);
    assert.ok(
      commands.some((line) => / patch pod bare --subresource resize /.test(line)),
      text,
    );
    for (const name of ['besteffort', 'whole', 'fixed']) {
      assert.doesNotMatch(commands.join('\n'), new RegExp(` patch pod ${name}-`));
      assert.match(text, new RegExp(`^# ${mine}/${name}-\\S+: no command`, 'm'));
    }
    for (const line of commands) {
      const [made, live] = await differences(line);
      assert.deepEqual(made, live, line);
    }
  });
});
