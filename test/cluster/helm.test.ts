/** Tests a release from install to uninstall, with helm 3 and helm 4. It checks which objects stay and which go. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { ApiError } from '../../src/kube/api-error.ts';
import { openKube } from '../../src/kube/client.ts';
import { reportsPath } from '../../src/model/product.ts';
import { conditionsOf } from '../../src/publish/publish.ts';
import type { PublishedReport } from '../../src/publish/published.ts';
import { objectsOf } from '../chart/objects.ts';
import { caseFile, cases } from '../chart/render.ts';
import { tempDir } from '../temp.ts';
import { type Bed, guestNode, hostNode, openBed } from './bed/bed.ts';
import { pki } from './bed/certificates.ts';
import { objectsIn, objectsWith } from './bed/objects.ts';
import { idlePod } from './bed/pods.ts';
import { serviceAddress } from './machine/paths.ts';
import { makePreviousChart, newColumn, newField } from './release/previous-chart.ts';
import { asShipped, chart, fast, namespace, releaseOn, setting, type Values } from './release/release.ts';

type Helm = Bed['helm'];

const bed = await openBed();
const { podOf } = releaseOn(bed);
const testNamespace = 'realmem-helm-test';
const ofRelease = 'app.kubernetes.io/instance=realmem';
const definition = 'customresourcedefinition.apiextensions.k8s.io/nodememoryreports.realmem.dev';
/** The emulated node would add no coverage, and it is slow. */
const hostOnly: Values = { 'nodeSelector.kubernetes\\.io/hostname': hostNode };
/** `realmem.dev/kept` has the product's prefix, but no agent writes it. */
const foreign = { 'example.org/kept': 'yes', 'realmem.dev/kept': 'yes' };

const inRelease = (...args: string[]): Promise<string> => bed.kubectl(...args, '--namespace', namespace);
const install = (helm: Helm, from: string, values: Values): Promise<string> =>
  helm('install', 'realmem', from, '--namespace', namespace, ...setting(values));
const change = (helm: Helm, values: Values): Promise<string> =>
  helm('upgrade', 'realmem', chart, '-n', namespace, '--reset-then-reuse-values', ...setting(values));
const uninstall = (helm: Helm, ...args: string[]): Promise<string> =>
  helm('uninstall', 'realmem', '--namespace', namespace, ...args);
const rolledOut = (): Promise<string> =>
  inRelease('rollout', 'status', 'daemonset/realmem', '--timeout=120s');

const reportOf = async (node: string) =>
  JSON.parse(await bed.kubectl('get', 'nmr', node, '--output', 'json')) as PublishedReport & {
    readonly metadata: { readonly uid: string };
  };
const annotationsOfTestPod = async (): Promise<Readonly<Record<string, string>>> =>
  JSON.parse(
    await bed.kubectl('get', 'pod', 'idle', '-n', testNamespace, '-o', 'jsonpath={.metadata.annotations}'),
  );
/** Waits until the agent has written its report, its ConfigMap and its annotations. */
const written = () =>
  bed.waitFor('a report, a ConfigMap, annotations', async () => {
    await inRelease('get', 'configmap', `realmem-${hostNode}`);
    const annotations = await annotationsOfTestPod();
    return (
      annotations['realmem.dev/memory'] !== undefined && { report: await reportOf(hostNode), annotations }
    );
  });
const onlyLeft = (...names: string[]) =>
  bed.waitFor(`only these objects of the release: ${names.join(', ')}`, async () => {
    assert.deepEqual(await objectsWith(bed, ofRelease), names);
    return true;
  });
const mayAgent = (...what: string[]): Promise<string> =>
  bed.kubectl('auth', 'can-i', ...what, '--as', `system:serviceaccount:${namespace}:realmem`);
const isClusters = (name: string): boolean => /^(clusterrole|validatingadmission|customresource)/.test(name);

/**
 * Uses the token of the clean-up job while all its rights exist. Tries forbidden requests, and then those that the job needs.
 */
async function assertCleanUpRights(): Promise<void> {
  const token = (await inRelease('create', 'token', 'realmem-cleanup')).trim();
  const kube = openKube(async () => ({
    server: `https://${serviceAddress}`,
    authorization: `Bearer ${token}`,
    ca: fs.readFileSync(pki('ca.crt')),
  }));
  const tried = async (
    method: 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<number | undefined> => {
    try {
      await kube.call({
        method,
        path: `${path}${path.includes('?') ? '&' : '?'}dryRun=All`,
        ...(body !== undefined && { body, contentType: 'application/merge-patch+json' }),
      });
      return undefined;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 422) assert.match(error.message, /ValidatingAdmissionPolicy 'realmem-cleanup/);
      return error.status;
    }
  };
  const pod = `/api/v1/namespaces/${testNamespace}/pods/idle/status`;
  const map = (name: string, of = namespace): string => `/api/v1/namespaces/${of}/configmaps/${name}`;
  const noted = (annotations: object): object => ({ metadata: { annotations } });
  try {
    // The API server enforces a new policy only after a moment, and each of the two for itself.
    await bed.waitFor(
      'the admission policies to take effect',
      async () =>
        (await tried('DELETE', map('realmem-foreign'))) === 422 &&
        (await tried('PATCH', pod, noted({ 'example.org/admin': 'yes' }))) === 422,
    );
    const attempts: readonly [string, number | undefined, 'PATCH' | 'DELETE', string, object?][] = [
      ['delete kube-root-ca.crt', 422, 'DELETE', map('kube-root-ca.crt')],
      ['delete a ConfigMap in another namespace', 403, 'DELETE', map('kube-root-ca.crt', testNamespace)],
      ['delete a pod', 403, 'DELETE', `/api/v1/namespaces/${testNamespace}/pods/idle`],
      ['set a foreign annotation', 422, 'PATCH', pod, noted({ 'example.org/admin': 'yes' })],
      ['remove a foreign annotation', 422, 'PATCH', pod, noted({ 'example.org/kept': null })],
      ['set a realmem annotation', 422, 'PATCH', pod, noted({ 'realmem.dev/memory': 'attacker' })],
      ['set a label', 422, 'PATCH', pod, { metadata: { labels: { app: 'attacker' } } }],
      ['change the status', 422, 'PATCH', pod, { status: { phase: 'Failed' } }],
      [
        'remove the realmem annotations',
        undefined,
        'PATCH',
        pod,
        noted({ 'realmem.dev/memory': null, 'realmem.dev/report': null }),
      ],
      ['delete a report ConfigMap', undefined, 'DELETE', map(`realmem-${hostNode}`)],
      ['delete a report', undefined, 'DELETE', `${reportsPath}/${hostNode}`],
    ];
    for (const [what, status, method, path, body] of attempts)
      assert.equal(await tried(method, path, body), status, what);
  } finally {
    kube.close();
  }
}

const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;

before(async () => {
  if (bed.nodes.includes(guestNode)) await bed.kubectl('cordon', guestNode);
  for (const name of [namespace, testNamespace])
    await bed.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`);
  await bed.kubectl('wait', '--for=create', 'serviceaccount/default', '-n', testNamespace, '--timeout=30s');
  await bed.apply(idlePod(testNamespace, 'idle', hostNode));
  const notes = Object.entries(foreign).map(([key, value]) => `${key}=${value}`);
  await bed.kubectl('annotate', 'pod', 'idle', '--namespace', testNamespace, ...notes);
  await inRelease('create', 'configmap', 'realmem-foreign');
});

after(async () => {
  if (bed.nodes.includes(guestNode)) await bed.kubectl('uncordon', guestNode);
  await bed.kubectl('delete', 'namespace', testNamespace, '--ignore-not-found', '--wait=false');
  await releaseOn(bed).uninstall();
});

for (const [name, helm] of Object.entries({ 'helm 3': bed.helm, 'helm 4': bed.helm4 }))
  describe(name, { timeout: 300_000 }, () => {
    it('violates Pod Security baseline only by its hostPath, and works after the kubectl label command of its notes', async () => {
      await bed.kubectl(
        ...['label', '--overwrite', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=baseline'],
      );
      const notes = await install(helm, chart, asShipped);
      const refusal = await bed.waitFor('the event of the refusal', () =>
        inRelease(
          ...['get', 'events', '--field-selector', 'reason=FailedCreate,involvedObject.name=realmem'],
          ...['--output', 'jsonpath={.items[*].message}'],
        ),
      );
      // The match ends here, so Pod Security refuses nothing else.
      assert.match(refusal, /violates PodSecurity "baseline:latest": hostPath volumes \(volume "cgroup"\)$/);
      const [, command = ''] = /^ {2}kubectl (label .*)$/m.exec(notes) ?? [];
      await bed.kubectl(...command.split(' '));
      await bed.waitFor('an agent pod on each node', () => Promise.all(bed.nodes.map(podOf)));
    });

    it('starts a Ready agent within 30 s with the chart’s own settings', async (t) => {
      await uninstall(helm, '--no-hooks', '--wait');
      const began = performance.now();
      await install(helm, chart, asShipped);
      const pod = await bed.waitFor('the agent pod', () => podOf(hostNode));
      await inRelease('wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=60s');
      t.diagnostic(`ready after ${seconds(began)}`);
      const ready = '{.status.conditions[?(@.type=="Ready")].lastTransitionTime}';
      const [made, then] = await Promise.all([
        inRelease('get', 'daemonset', 'realmem', '-o', 'jsonpath={.metadata.creationTimestamp}'),
        inRelease('get', 'pod', pod, '-o', `jsonpath=${ready}`),
      ]);
      const took = (Date.parse(then) - Date.parse(made)) / 1000;
      assert.ok(took <= 30, `${took} s`);
    });

    it('passes helm test, which leaves no object behind', async () => {
      assert.match(await helm('test', 'realmem', '-n', namespace), /^Phase: +Succeeded$/m);
      const left = await objectsIn(bed, namespace);
      assert.ok(!left.includes('pod/realmem-test'), left.join());
    });

    it('fails an upgrade to a PodMonitor without its CRD, and leaves the release unchanged', async () => {
      const status = (): Promise<string> => helm('status', 'realmem', '-n', namespace, '-o', 'json');
      const revision = (text: string): unknown => (JSON.parse(text) as { readonly version: number }).version;
      const before = revision(await status());
      await assert.rejects(
        change(helm, { 'podMonitor.enabled': 'true' }),
        /no matches for kind "PodMonitor" in version "monitoring.coreos.com\/v1"\s+ensure CRDs are installed first/,
      );
      assert.equal(revision(await status()), before);
    });

    it('fails helm test where no agent answers', async () => {
      await bed.apply(monitorDefinition);
      try {
        await change(helm, { 'serviceMonitor.enabled': 'true' });
        // This cluster has no DNS, so the test cannot resolve the Service.
        await assert.rejects(helm('test', 'realmem', '-n', namespace), /realmem-test[\s\S]*failed/i);
        // Helm keeps the pod of a failed test for inspection.
        await inRelease('delete', 'pod', 'realmem-test');
        const hooks = await helm('get', 'hooks', 'realmem', '-n', namespace);
        const ask = async (who: string, ip: string, phase: string): Promise<void> => {
          await bed.apply(asking(hooks, who, ip));
          await inRelease('wait', `--for=jsonpath={.status.phase}=${phase}`, `pod/${who}`, '--timeout=60s');
          await inRelease('delete', 'pod', who);
        };
        const ipOf = (pod: string, of: string): Promise<string> =>
          bed.kubectl('get', 'pod', pod, '-n', of, '-o', 'jsonpath={.status.podIP}');
        await Promise.all([
          ask('asks-an-agent', await ipOf(await podOf(hostNode), namespace), 'Succeeded'),
          ask('asks-nobody', await ipOf('idle', testNamespace), 'Failed'),
        ]);
        await change(helm, { 'serviceMonitor.enabled': 'false' });
      } finally {
        await bed.kubectl('delete', 'crd', 'servicemonitors.monitoring.coreos.com');
      }
    });

    it('upgrades from an earlier chart: updates the CRD, replaces the agents and keeps the reports', async (t) => {
      const previous = tempDir(t);
      makePreviousChart(previous);
      await uninstall(helm, '--no-hooks', '--wait');
      // The install adopts the kept CRD and replaces it with this chart's version.
      await install(helm, previous, { ...fast, ...hostOnly });
      await rolledOut();
      const columns = (): Promise<string> =>
        bed.kubectl('get', definition, '-o', 'jsonpath={.spec.versions[0].additionalPrinterColumns[*].name}');
      assert.doesNotMatch(await columns(), new RegExp(newColumn));
      const { report } = await written();
      assert.ok(report.node !== undefined && !(newField in report.node));
      const pod = await podOf(hostNode);

      await change(helm, {});
      await rolledOut();
      assert.match(await columns(), new RegExp(newColumn));
      assert.notEqual(await podOf(hostNode), pod);
      const later = await bed.waitFor('the figure in the report', async () => {
        const found = await reportOf(hostNode);
        return found.node?.[newField] !== undefined && found;
      });
      assert.equal(later.metadata.uid, report.metadata.uid);
    });

    it('replaces the agents after a change of their resources', async () => {
      const pod = await podOf(hostNode);
      await change(helm, { 'resources.requests.memory': '52Mi' });
      await rolledOut();
      const later = await podOf(hostNode);
      assert.notEqual(later, pod);
      const request = 'jsonpath={.spec.containers[0].resources.requests.memory}';
      assert.equal(await inRelease('get', 'pod', later, '-o', request), '52Mi');
    });

    it('removes the right to write annotations with config.annotations=false, and keeps existing ones', async () => {
      const { annotations } = await written();
      await change(helm, { 'config.annotations': 'false' });
      await rolledOut();
      await assert.rejects(mayAgent('patch', 'pods', '--subresource=status', '--all-namespaces'));
      assert.equal(await mayAgent('patch', 'nodememoryreports.realmem.dev'), 'yes\n');
      const { annotations: later } = await written();
      assert.deepEqual(Object.keys(later).sort(), Object.keys(annotations).sort());
    });

    it('keeps only the CRD and what agents wrote after an uninstall with cleanup.enabled=false', async () => {
      await change(helm, { 'cleanup.enabled': 'false' });
      const { report } = await written();
      const manifest = objectsOf(await helm('get', 'manifest', 'realmem', '-n', namespace));
      const labelled = await objectsWith(bed, ofRelease);
      for (const { kind, metadata } of manifest)
        assert.ok(
          labelled.some((one) => one.startsWith(kind.toLowerCase()) && one.endsWith(`/${metadata.name}`)),
          `${kind} ${metadata.name} lacks the label ${ofRelease}`,
        );
      assert.match(await uninstall(helm), /kept[\s\S]*nodememoryreports\.realmem\.dev/);
      await onlyLeft(definition);
      const later = await written();
      assert.equal(later.report.metadata.uid, report.metadata.uid);
      assert.match(await bed.kubectl('get', 'namespace', namespace, '--show-labels'), /enforce=privileged/);
    });

    it('installs again over the kept CRD and reports', async () => {
      const { report } = await written();
      await install(helm, chart, { ...fast, ...hostOnly });
      await rolledOut();
      const later = await bed.waitFor('a later report', async () => {
        const found = await reportOf(hostNode);
        return found.observed.at !== report.observed.at && found;
      });
      assert.equal(later.metadata.uid, report.metadata.uid);
    });

    it('removes everything that agents wrote on uninstall, and no object or annotation of others', async (t) => {
      await written();
      const began = performance.now();
      await uninstall(helm);
      t.diagnostic(`uninstalled after ${seconds(began)}`);
      assert.deepEqual(await annotationsOfTestPod(), foreign);
      const all = await bed.kubectl('get', 'pods', '-A', '-o', 'jsonpath={.items[*].metadata.annotations}');
      assert.doesNotMatch(all, /realmem\.dev\/(memory|report)/);
      assert.equal(await bed.kubectl('get', 'nmr', '--output=name'), '');
      await onlyLeft(definition);
      assert.deepEqual(await objectsIn(bed, namespace), [
        'configmap/kube-root-ca.crt',
        'configmap/realmem-foreign',
        'serviceaccount/default',
      ]);
    });

    it('leaves only the rights of the clean-up job when helm is killed during uninstall', async () => {
      await install(helm, chart, { ...fast, ...hostOnly });
      await rolledOut();
      await written();
      // No node accepts the clean-up job now, so helm gets killed while all clean-up objects exist.
      await bed.kubectl('cordon', hostNode);
      const kill = new AbortController();
      try {
        const program = helm === bed.helm ? 'helm' : 'helm-4';
        const killed = assert.rejects(
          bed.helmUntil(kill.signal, program, 'uninstall', 'realmem', '--namespace', namespace),
        );
        await bed.waitFor('the clean-up job', () => inRelease('get', 'job', 'realmem-cleanup'));
        kill.abort();
        await killed;
        await assertCleanUpRights();
      } finally {
        kill.abort();
        await bed.kubectl('uncordon', hostNode);
      }
      // A second uninstall finishes the clean-up and leaves nothing.
      await uninstall(helm);
      assert.deepEqual(await annotationsOfTestPod(), foreign);
      await onlyLeft(definition);
    });

    it('installs again, and reports a clean-up job that cannot run but leaves none of its rights', async () => {
      await install(helm, chart, { ...fast, ...hostOnly, 'cleanup.deadlineSeconds': '2' });
      await rolledOut();
      await written();
      await bed.kubectl('cordon', hostNode);
      try {
        await assert.rejects(uninstall(helm), /uninstallation completed with 1 error[\s\S]*realmem-cleanup/);
      } finally {
        await bed.kubectl('uncordon', hostNode);
      }
      await onlyLeft(definition, 'job.batch/realmem-cleanup');
      await written();
      await inRelease('delete', 'job', 'realmem-cleanup');
    });
  });

describe('helm 3 and helm 4', { timeout: 120_000 }, () => {
  for (const file of cases)
    it(`render the same objects from ${file}`, async () => {
      const [three, four] = await Promise.all(
        [bed.helm, bed.helm4].map(async (helm) =>
          objectsOf(
            await helm('template', 'realmem', chart, '-f', caseFile(file), '--kube-version', '1.34.0'),
          ),
        ),
      );
      assert.ok(three !== undefined && three.length > 5);
      const byName = (objects = three) =>
        objects.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
      assert.deepEqual(byName(four), byName(three));
    });

  it("upgrade each other's release and keep its reports", async () => {
    await install(bed.helm, chart, { ...fast, ...hostOnly });
    await rolledOut();
    const { report } = await written();
    for (const [helm, request] of [
      [bed.helm4, '53Mi'],
      [bed.helm, '54Mi'],
      [bed.helm4, '55Mi'],
    ] as const) {
      await change(helm, { 'resources.requests.memory': request });
      const set = 'jsonpath={.spec.template.spec.containers[0].resources.requests.memory}';
      assert.equal(await inRelease('get', 'daemonset', 'realmem', '-o', set), request);
    }
    await rolledOut();
    assert.equal((await reportOf(hostNode)).metadata.uid, report.metadata.uid);
    await uninstall(bed.helm4, '--no-hooks');
    await onlyLeft(definition);
  });
});

describe('a release with values of every kind', { timeout: 240_000 }, () => {
  const elsewhere = 'realmem-helm-elsewhere';
  const values: Values = {
    ...fast,
    ...hostOnly,
    namespaceOverride: elsewhere,
    'image.registry': 'registry.example.org',
    'image.repository': 'realmem',
    'global.imageRegistry': 'localhost',
    'global.imagePullSecrets': '{pull}',
    revisionHistoryLimit: '3',
    'daemonsetAnnotations.note': 'of the DaemonSet',
    'livenessProbe.timeoutSeconds': '5',
    dnsPolicy: 'Default',
    'dashboard.enabled': 'true',
    'dashboard.namespace': testNamespace,
  };
  const extra = {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extra', namespace: elsewhere } },
    data: { of: '{{ include "realmem.fullname" . }}' },
  };
  const there = (...args: string[]): Promise<string> => bed.kubectl(...args, '--namespace', elsewhere);

  after(async () => {
    await bed.kubectl('delete', 'namespace', elsewhere, '--ignore-not-found', '--wait=false');
  });

  it('runs in namespaceOverride under enforced policies, and passes helm test', async () => {
    await bed.apply(
      `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${elsewhere}, labels: {pod-security.kubernetes.io/enforce: privileged}}\n`,
    );
    const ofAgents = async (): Promise<readonly string[]> =>
      (await objectsIn(bed, namespace)).filter(
        (one) => /realmem/.test(one) && !/^secret\/sh\.helm\.release/.test(one),
      );
    const before = await ofAgents();
    await bed.helm(
      ...['install', 'realmem', chart, '--namespace', namespace, ...setting(values)],
      ...['--set-json', `extraObjects=${JSON.stringify([extra])}`],
    );
    await there('rollout', 'status', 'daemonset/realmem', '--timeout=120s');
    const agent = JSON.parse(await there('get', 'daemonset', 'realmem', '--output', 'json')) as {
      readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
      readonly spec: {
        readonly revisionHistoryLimit: number;
        readonly template: {
          readonly spec: {
            readonly dnsPolicy: string;
            readonly imagePullSecrets: unknown;
            readonly containers: readonly {
              readonly image: string;
              readonly livenessProbe: { readonly timeoutSeconds: number };
            }[];
          };
        };
      };
    };
    const { dnsPolicy, imagePullSecrets, containers } = agent.spec.template.spec;
    assert.deepEqual(
      [agent.metadata.annotations['note'], agent.spec.revisionHistoryLimit, dnsPolicy, imagePullSecrets],
      ['of the DaemonSet', 3, 'Default', [{ name: 'pull' }]],
    );
    assert.deepEqual(
      containers.map(({ image, livenessProbe }) => [image, livenessProbe.timeoutSeconds]),
      [['localhost/realmem:test', 5]],
    );
    assert.equal(await there('get', 'configmap', 'extra', '-o', 'jsonpath={.data.of}'), 'realmem');
    await bed.kubectl('get', 'configmap', 'dashboard-realmem', '--namespace', testNamespace);
    await bed.waitFor('PolicyEnforced=True in the report', async () =>
      conditionsOf(await reportOf(hostNode)).some(
        ({ type, status }) => type === 'PolicyEnforced' && status === 'True',
      ),
    );
    await there('get', 'configmap', `realmem-${hostNode}`);
    assert.match(await bed.helm('test', 'realmem', '-n', namespace), /^Phase: +Succeeded$/m);
    assert.deepEqual(await ofAgents(), before);
  });

  it('removes the annotations of a namespace that becomes excluded, and keeps those of others', async () => {
    await bed.waitFor(
      'annotations',
      async () => (await annotationsOfTestPod())['realmem.dev/memory'] !== undefined,
    );
    await change(bed.helm, { 'config.annotationNamespaces.exclude': `{${testNamespace}}` });
    const left = await bed.waitFor('no annotation of an agent', async () => {
      const annotations = await annotationsOfTestPod();
      return annotations['realmem.dev/memory'] === undefined && annotations;
    });
    assert.deepEqual(left, foreign);
    const { pods } = await reportOf(hostNode);
    assert.ok(
      pods.some(({ name }) => name === 'idle'),
      'the report keeps the pod',
    );
  });

  it('removes everything on uninstall from both namespaces', async () => {
    await uninstall(bed.helm);
    await onlyLeft(definition);
    assert.equal(await bed.kubectl('get', 'nmr', '--output=name'), '');
    const left = (await objectsIn(bed, elsewhere)).filter(
      (one) => !/kube-root-ca|serviceaccount\/default/.test(one),
    );
    assert.deepEqual(left, []);
  });
});

describe('helm template piped to kubectl apply', { timeout: 120_000 }, () => {
  it('creates agents that write under enforced policies, and no clean-up object', async () => {
    const values = setting({ ...fast, ...hostOnly });
    const text = await bed.helm(
      ...['template', 'realmem', chart, '--namespace', namespace, '--kube-version', '1.34'],
      ...['--skip-tests', ...values],
    );
    try {
      // Client-side apply, as users type it.
      await bed.apply(text, '--server-side=false');
      await rolledOut();
      const { report } = await written();
      const held = await bed.waitFor('PolicyEnforced=True in the report', async () => {
        return conditionsOf(await reportOf(hostNode)).find(
          ({ type, status }) => type === 'PolicyEnforced' && status === 'True',
        );
      });
      assert.equal(held.reason, 'Enforced');
      assert.ok(report.pods.length > 0);
      const created = await objectsWith(bed, ofRelease);
      assert.deepEqual(
        created.filter((one) => /cleanup|test$/.test(one)),
        [],
      );
    } finally {
      await bed.kubectl('delete', ...(await objectsWith(bed, ofRelease)).filter(isClusters));
      await inRelease('delete', ...(await objectsWith(bed, ofRelease)), '--ignore-not-found');
    }
  });
});

/** The smallest CRD that accepts the chart's ServiceMonitor. */
const monitorDefinition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: servicemonitors.monitoring.coreos.com}
spec:
  group: monitoring.coreos.com
  scope: Namespaced
  names: {kind: ServiceMonitor, plural: servicemonitors, singular: servicemonitor, listKind: ServiceMonitorList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;

/** Returns the chart's test as a pod in which the name of the agents' Service resolves to `ip`. */
function asking(hooks: string, name: string, ip: string): string {
  const test = parseAllDocuments(hooks).find((document) => document.get('kind') === 'Pod');
  if (test === undefined) throw new Error('the chart has no test');
  test.set('metadata', test.createNode({ name, namespace }));
  test.setIn(['spec', 'hostAliases'], test.createNode([{ ip, hostnames: ['realmem-metrics'] }]));
  return test.toString();
}
