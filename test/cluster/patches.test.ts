/**
 * Sends every command that `realmem suggest -o patch` prints to the API server. It must accept each one, and each must
 * change only memory resources.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { busyboxImage, hostNode, openBed } from './bed/bed.ts';
import { releaseOn } from './release/release.ts';
import { suggestOn } from './release/suggest.ts';

const testNamespace = 'realmem-patches-test';
const bed = await openBed();
const release = releaseOn(bed);

const sleeps = `image: ${busyboxImage}, imagePullPolicy: Never, command: [sleep, infinity]`;
const sized = 'resources: {requests: {memory: 64Mi, cpu: 1m}, limits: {memory: 128Mi}}';
const onHost = `nodeName: ${hostNode}, terminationGracePeriodSeconds: 0`;

/** @param pod the pod spec, as YAML on one line */
const deployment = (name: string, pod: string, annotations = '{}'): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${testNamespace}}
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

/** Custom workloads. Their controllers do not run here, so the test creates their replicas itself. */
const custom = [
  `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web, namespace: ${testNamespace}}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: rollout}}
    spec: {containers: [{name: first, ${sleeps}}, {name: main, ${sleeps}, ${sized}}]}
`,
  `apiVersion: apps.openshift.io/v1
kind: DeploymentConfig
metadata: {name: legacy, namespace: ${testNamespace}}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: legacy}}
    spec: {containers: [{name: main, ${sleeps}, ${sized}}]}
`,
];

const ownedBy = (apiVersion: string, kind: string, name: string, uid: string): string =>
  `[{apiVersion: ${apiVersion}, kind: ${kind}, name: ${name}, uid: ${uid}, controller: true}]`;

const replicasOf = (rollout: string, config: string): string => `apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: web-6d4f8b7c9
  namespace: ${testNamespace}
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
  namespace: ${testNamespace}
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
    `initContainers: [{name: first, image: ${busyboxImage}, imagePullPolicy: Never, command: [sleep, '15'], ${sized}}, ` +
      `{name: beside, ${sleeps}, restartPolicy: Always, ${sized}}], containers: [{name: main, ${sleeps}, ${sized}}]`,
  ),
  `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: ${testNamespace}}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {${onHost}, containers: [{name: main, ${sleeps}, ${sized}}]}
`,
  // A Job with the name that the controller would give it. Waiting for the schedule would take a minute.
  `apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: ${testNamespace}}
spec:
  schedule: 0 2 * * *
  suspend: true
  jobTemplate:
    spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, ${sleeps}, ${sized}}]}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: nightly-29740000, namespace: ${testNamespace}}
spec: {template: {spec: {restartPolicy: Never, ${onHost}, containers: [{name: main, ${sleeps}, ${sized}}]}}}
`,
  `apiVersion: v1
kind: Pod
metadata: {name: bare, namespace: ${testNamespace}}
spec: {${onHost}, containers: [{name: main, ${sleeps}, ${sized}}]}
`,
];
const fixed = `apiVersion: v1
kind: Pod
metadata: {name: fixed, namespace: ${testNamespace}}
spec: {terminationGracePeriodSeconds: 0, containers: [{name: main, ${sleeps}, ${sized}}]}
`;

/** Workloads and containers, as suggestions name them. */
const wanted = [
  ...['meshed app', 'meshed istio-proxy', 'besteffort main', 'guaranteed main', 'whole a', 'whole b'],
  ...['kinds first', 'kinds beside', 'kinds main'],
]
  .map((name) => `Deployment/${name}`)
  .concat(
    ...['StatefulSet/db main', 'CronJob/nightly main', 'Pod/bare main', `Pod/fixed-${hostNode} main`],
    ...['Rollout/web first', 'Rollout/web main', 'DeploymentConfig/legacy main'],
  );

const suggest = suggestOn(bed, testNamespace);

const uidOf = (resource: string): Promise<string> =>
  bed.kubectl('get', resource, '-n', testNamespace, '-o', 'jsonpath={.metadata.uid}');

before(async () => {
  await bed.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${testNamespace}}\n`);
  await bed.apply(definitions.join('---\n'));
  for (const name of ['rollouts.argoproj.io', 'deploymentconfigs.apps.openshift.io'])
    await bed.kubectl('wait', '--for=condition=Established', `crd/${name}`, '--timeout=60s');
  await bed.apply([...workloads, ...custom].join('---\n'));
  await bed.apply(
    replicasOf(
      await uidOf('rollouts.argoproj.io/web'),
      await uidOf('deploymentconfigs.apps.openshift.io/legacy'),
    ),
  );
  await bed.putStaticPod(hostNode, 'fixed', fixed);
  await bed.kubectl('rollout', 'status', 'deployment/meshed', '-n', testNamespace, '--timeout=180s');
  // Imitates an injecting webhook: the container is in the running pods, but not in the template.
  await bed.kubectl('rollout', 'pause', 'deployment/meshed', '-n', testNamespace);
  await bed.kubectl(
    ...['patch', 'deployment', 'meshed', '-n', testNamespace, '--type', 'json'],
    ...['-p', '[{"op":"remove","path":"/spec/template/spec/containers/0"}]'],
  );
  await release.install({ 'config.historyPeriod': '3s' });
  // The init container of `kinds` ended before the agent started. The restart runs it again, so the agent sees it.
  await bed.kubectl('rollout', 'restart', 'deployment/kinds', '-n', testNamespace);
});

after(async () => {
  await bed.removeStaticPod(hostNode, 'fixed');
  await bed.kubectl('delete', 'namespace', testNamespace, '--ignore-not-found');
  for (const name of ['rollouts.argoproj.io', 'deploymentconfigs.apps.openshift.io'])
    await bed.kubectl('delete', 'crd', name, '--ignore-not-found');
  await release.uninstall();
});

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Removes memory requests and limits at any depth. CPU and devices stay. */
function withoutMemory(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMemory);
  if (!isFields(value)) return value;
  const fields = Object.entries(value).map(([key, one]) => [
    key,
    key === 'resources' && isFields(one) ? otherResources(one) : withoutMemory(one),
  ]);
  // Drops `resources` that have become empty, because the object before may have none.
  return Object.fromEntries(fields.filter(([key, one]) => key !== 'resources' || !isEmpty(one)));
}

const isEmpty = (value: unknown): boolean => isFields(value) && Object.keys(value).length === 0;

function otherResources({ requests, limits, ...others }: Fields): Fields {
  const amounts = Object.entries({ requests, limits }).map(([kind, one]) => {
    const { memory: _, ...rest } = isFields(one) ? one : {};
    return [kind, rest] as const;
  });
  return { ...others, ...Object.fromEntries(amounts.filter(([, rest]) => !isEmpty(rest))) };
}

/** Removes fields that every write changes, and those that controllers change in the meantime. */
function comparable(object: unknown): unknown {
  const { status: _, metadata, ...others } = object as Fields;
  const { managedFields: __, resourceVersion: ___, generation: ____, ...kept } = metadata as Fields;
  return { ...(withoutMemory(others) as Fields), metadata: kept };
}

const commandsIn = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith('kubectl'));

/** Splits the line as a shell would. */
const wordsOf = (line: string): readonly string[] =>
  execFileSync('sh', ['-c', `kubectl() { printf '%s\\0' "$@"; }\n${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

/** Asserts by a server-side dry run that the command changes the object, and only its memory. */
async function assertChangesOnlyMemory(line: string): Promise<void> {
  const words = wordsOf(line);
  const [, namespace = '', , resource = '', name = ''] = words;
  const live: unknown = JSON.parse(await bed.kubectl('get', resource, name, '-n', namespace, '-o', 'json'));
  const made: unknown = JSON.parse(await bed.kubectl(...words, '--dry-run=server', '-o', 'json'));
  assert.notDeepEqual((made as Fields)['spec'], (live as Fields)['spec'], `${line} changes nothing`);
  assert.deepEqual(comparable(made), comparable(live), line);
}

const commandFor = (text: string, name: string): string =>
  commandsIn(text).find((line) => line.includes(` patch ${name}`)) ??
  assert.fail(`no command for ${name}:\n${text}`);

describe('every command that realmem suggest prints', { timeout: 600_000 }, () => {
  it("covers each workload once the histories have all its containers under its owner's name", async () => {
    await bed.waitFor(
      'all workloads in the suggestions',
      async () => {
        const { items } = JSON.parse(await suggest('-o', 'json')) as {
          readonly items: readonly { readonly workload: string; readonly container?: string }[];
        };
        const known = new Set(items.map(({ workload, container = '' }) => `${workload} ${container}`));
        const missing = wanted.filter((name) => !known.has(name));
        if (missing.length > 0)
          throw new Error(`missing: ${missing.join(', ')}; known: ${[...known].join(', ')}`);
        return true;
      },
      { timeoutMs: 180_000 },
    );
  });

  it('for an owner is accepted by the API server, and changes only memory', async () => {
    const text = await suggest('-o', 'patch');
    const commands = commandsIn(text);
    for (const [name, containers] of [
      ['deployment meshed', ['app']],
      ['deployment besteffort', ['main']],
      ['deployment guaranteed', ['main']],
      ['deployment kinds', ['main', 'first', 'beside']],
      ['statefulset db', ['main']],
      ['cronjob nightly', ['main']],
      ['rollouts.argoproj.io web', ['first', 'main']],
      ['deploymentconfigs.apps.openshift.io legacy', ['main']],
      // The pod-level resources cover both containers, so there is no patch per container.
      ['deployment whole', []],
    ] as const) {
      const command = commandFor(text, `${name} `);
      for (const container of containers) assert.ok(command.includes(`"${container}"`), command);
    }
    assert.doesNotMatch(commands.join('\n'), /istio-proxy/);
    assert.match(text, /^# istio-proxy: .*sidecar\.istio\.io\/proxyMemory/m);
    assert.match(
      text,
      new RegExp(`^# ${testNamespace}/Pod/fixed-${hostNode}: no command, because it is a static pod`, 'm'),
    );
    for (const line of commands) await assertChangesOnlyMemory(line);
  });

  it('for a pod in place is accepted by the API server, and changes only memory', async () => {
    const text = await suggest('-o', 'patch', '--in-place');
    const commands = commandsIn(text);
    commandFor(text, 'pod bare --subresource resize ');
    commandFor(text, 'pod meshed-');
    const kinds = commandFor(text, 'pod kinds-');
    assert.match(kinds, /"initContainers":\[\{"name":"beside"/);
    assert.doesNotMatch(kinds, /"first"/);
    assert.match(
      text,
      new RegExp(`^# ${testNamespace}/kinds-\\S+: no resize of first, because it is an init container`, 'm'),
    );
    for (const name of ['besteffort', 'whole', 'fixed']) {
      assert.doesNotMatch(commands.join('\n'), new RegExp(` patch pod ${name}-`));
      assert.match(text, new RegExp(`^# ${testNamespace}/${name}-\\S+: no command`, 'm'));
    }
    for (const line of commands) await assertChangesOnlyMemory(line);
  });
});
