/** What a thief could do with the token of a running agent: every attempt that must fail is made, and looked at. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { type Kube, openKube } from '../../src/edges/kube.ts';
import { KubeFault } from '../../src/model/kube-fault.ts';
import type { PublishedReport } from '../../src/model/published.ts';
import { busyboxImage, guestNode, hostNode, openBed } from './bed.ts';
import { pki } from './certificates.ts';
import { serviceAddress } from './paths.ts';
import { namespace, releaseOn } from './release.ts';

const mine = 'realmem-policy-test';
const elsewhere = 'node-of-nobody';

const bed = await openBed();
const release = releaseOn(bed);

const podOn = (node: string, name: string): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${mine}}
spec:
  nodeName: ${node}
  terminationGracePeriodSeconds: 0
  containers:
  - {name: main, image: ${busyboxImage}, imagePullPolicy: Never, command: [sleep, infinity]}
`;

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

interface Attempt {
  readonly what: string;
  readonly method: Method;
  readonly path: string;
  readonly body?: unknown;
  readonly type?: string;
}

const merge = 'application/merge-patch+json';
const apply = 'application/apply-patch+yaml';
const applied = '?fieldManager=realmem&force=true';

const podPath = (name: string): string => `/api/v1/namespaces/${mine}/pods/${name}`;
const reportPath = (name: string): string => `/apis/realmem.dev/v1alpha1/nodememoryreports/${name}`;
const mapPath = (name: string, of = namespace): string => `/api/v1/namespaces/${of}/configmaps/${name}`;

const patchStatus = (what: string, pod: string, body: unknown): Attempt => ({
  what,
  method: 'PATCH',
  path: `${podPath(pod)}/status`,
  body,
  type: merge,
});
const report = (name: string, metadata: object = {}): unknown => ({
  apiVersion: 'realmem.dev/v1alpha1',
  kind: 'NodeMemoryReport',
  metadata: { name, ...metadata },
  observed: { at: '2026-01-01T00:00:00Z', agent: 'thief' },
  pods: [],
});
const applyReport = (what: string, name: string, metadata: object = {}): Attempt => ({
  what,
  method: 'PATCH',
  path: `${reportPath(name)}${applied}`,
  body: report(name, metadata),
  type: apply,
});
const applyMap = (what: string, name: string, of = namespace, metadata: object = {}): Attempt => ({
  what,
  method: 'PATCH',
  path: `${mapPath(name, of)}${applied}`,
  body: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: of, ...metadata },
    data: { a: 'thief' },
  },
  type: apply,
});

const foreign = { metadata: { annotations: { 'example.org/admin': 'yes' } } };
const ownerOf = (more: object): object => ({
  ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: hostNode, uid: 'u', ...more }],
});

const refused: readonly Attempt[] = [
  patchStatus('a foreign annotation on a pod of its own node', 'here', foreign),
  patchStatus("the owner's realmem.dev/ignore, set", 'here', {
    metadata: { annotations: { 'realmem.dev/ignore': 'true' } },
  }),
  patchStatus("the owner's realmem.dev/ignore, taken away", 'ignored', {
    metadata: { annotations: { 'realmem.dev/ignore': null } },
  }),
  patchStatus('a foreign annotation, taken away', 'ignored', {
    metadata: { annotations: { 'example.org/kept': null } },
  }),
  patchStatus('a label', 'here', { metadata: { labels: { app: 'thief' } } }),
  patchStatus('a finalizer', 'here', { metadata: { finalizers: ['example.org/stay'] } }),
  patchStatus('an owner', 'here', {
    metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'b' }] },
  }),
  patchStatus('the status', 'here', { status: { phase: 'Failed', message: 'thief' } }),
  patchStatus('its own annotations on a pod of another node', 'there', {
    metadata: { annotations: { 'realmem.dev/memory': 'thief' } },
  }),
  patchStatus('a foreign annotation on a pod of another node', 'there', foreign),
  { what: 'the pod itself', method: 'PATCH', path: podPath('here'), body: foreign, type: merge },
  {
    what: 'the image of a pod',
    method: 'PATCH',
    path: podPath('here'),
    body: { spec: { containers: [{ name: 'main', image: 'thief' }] } },
    type: 'application/strategic-merge-patch+json',
  },
  {
    what: 'an ephemeral container',
    method: 'PATCH',
    path: `${podPath('here')}/ephemeralcontainers`,
    body: { spec: { ephemeralContainers: [{ name: 'thief', image: busyboxImage }] } },
    type: 'application/strategic-merge-patch+json',
  },
  {
    what: "a pod's resources",
    method: 'PATCH',
    path: `${podPath('here')}/resize`,
    body: { spec: { containers: [{ name: 'main', resources: { limits: { memory: '1Gi' } } }] } },
    type: 'application/strategic-merge-patch+json',
  },
  { what: "a pod's status, whole", method: 'PUT', path: `${podPath('here')}/status`, body: {} },
  { what: 'the deletion of a pod', method: 'DELETE', path: podPath('here') },
  {
    what: 'the eviction of a pod',
    method: 'POST',
    path: `${podPath('here')}/eviction`,
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'here', namespace: mine } },
  },
  {
    what: 'a new pod',
    method: 'POST',
    path: `/api/v1/namespaces/${mine}/pods`,
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'thief' },
      spec: { containers: [{ name: 'a', image: 'a' }] },
    },
  },
  { what: 'a shell in a pod', method: 'POST', path: `${podPath('here')}/exec?command=sh&stdout=true` },
  applyReport("another node's report", guestNode),
  applyReport('a report under the name of no node', elsewhere),
  applyReport('a finalizer on its own report', hostNode, { finalizers: ['example.org/stay'] }),
  applyReport('a foreign label on its own report', hostNode, { labels: { 'example.org/load': 'true' } }),
  applyReport('an owner that blocks', hostNode, ownerOf({ blockOwnerDeletion: true })),
  applyReport('an owner of another kind', hostNode, ownerOf({ kind: 'Namespace', name: 'default' })),
  { what: "another node's report, created", method: 'POST', path: reportPath(''), body: report(elsewhere) },
  { what: 'the deletion of its own report', method: 'DELETE', path: reportPath(hostNode) },
  { what: "the deletion of another node's report", method: 'DELETE', path: reportPath(guestNode) },
  { what: 'the deletion of all reports', method: 'DELETE', path: reportPath('') },
  applyMap("another node's ConfigMap", `realmem-${guestNode}`),
  applyMap('the ConfigMap of the configuration', 'config-realmem'),
  applyMap('the ConfigMap that pods trust the API by', 'kube-root-ca.crt'),
  applyMap('a ConfigMap in another namespace', `realmem-${hostNode}`, 'kube-system'),
  applyMap('a foreign label on its own ConfigMap', `realmem-${hostNode}`, namespace, {
    labels: { grafana_dashboard: '1' },
  }),
  { what: 'the deletion of its own ConfigMap', method: 'DELETE', path: mapPath(`realmem-${hostNode}`) },
  { what: 'reading ConfigMaps', method: 'GET', path: `/api/v1/namespaces/${namespace}/configmaps` },
  { what: 'reading secrets', method: 'GET', path: '/api/v1/secrets' },
  { what: 'reading one node', method: 'GET', path: `/api/v1/nodes/${hostNode}` },
  {
    what: "the kubelet's API, through the node",
    method: 'GET',
    path: `/api/v1/nodes/${hostNode}/proxy/stats/summary`,
  },
  {
    what: 'a token for another account',
    method: 'POST',
    path: '/api/v1/namespaces/default/serviceaccounts/default/token',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  },
  {
    what: 'taking the policy away',
    method: 'DELETE',
    path: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/realmem-pods',
  },
  {
    what: 'a role for itself',
    method: 'POST',
    path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    body: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'thief' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [],
    },
  },
];

/** What it is there for: a table of refusals alone could be one of an agent that may do nothing. */
const allowed: readonly Attempt[] = [
  patchStatus('its annotations on a pod of its own node', 'here', {
    metadata: { annotations: { 'realmem.dev/memory': 'a', 'realmem.dev/report': '{}' } },
  }),
  applyReport('its own report', hostNode),
  applyMap('its own ConfigMap', `realmem-${hostNode}`),
  { what: 'reading pods, of all nodes', method: 'GET', path: '/api/v1/pods' },
  { what: 'counting nodes', method: 'GET', path: '/api/v1/nodes?limit=1' },
];

before(async () => {
  await bed.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${mine}}\n`);
  await bed.apply(
    [podOn(hostNode, 'here'), podOn(hostNode, 'ignored'), podOn(elsewhere, 'there')].join('---\n'),
  );
  await bed.kubectl(
    'annotate',
    'pod',
    'ignored',
    '-n',
    mine,
    'realmem.dev/ignore=true',
    'example.org/kept=yes',
  );
  await release.install();
});

after(async () => {
  await bed.kubectl('delete', 'namespace', mine, '--ignore-not-found', '--wait=false');
  await bed.kubectl(
    'delete',
    'pod',
    'there',
    '-n',
    mine,
    '--force',
    '--grace-period=0',
    '--ignore-not-found',
  );
  await release.uninstall();
});

describe('the token of a running agent', () => {
  let kube: Kube;
  before(async () => {
    const read =
      "process.stdout.write(require('fs').readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/token'))";
    const pod = await release.podOf(hostNode);
    const token = await bed.kubectl('exec', '-n', namespace, pod, '--', '/usr/local/bin/node', '-e', read);
    const ca = fs.readFileSync(pki('ca.crt'));
    kube = openKube(async () => ({
      server: `https://${serviceAddress}`,
      authorization: `Bearer ${token}`,
      ca,
    }));
  });
  after(() => kube.close());

  const tried = async (
    { method, path, body, type }: Attempt,
    dryRun: boolean,
  ): Promise<KubeFault | undefined> => {
    const query = dryRun ? `${path.includes('?') ? '&' : '?'}dryRun=All` : '';
    try {
      await kube.call({
        method,
        path: `${path}${query}`,
        ...(body !== undefined && { body }),
        ...(type !== undefined && { contentType: type }),
      });
      return undefined;
    } catch (error) {
      if (error instanceof KubeFault) return error;
      throw error;
    }
  };

  for (const attempt of refused)
    it(`is refused ${attempt.what}`, async () => {
      const fault = await tried(attempt, false);
      assert.ok(fault !== undefined, 'it was allowed');
      // 403: no right; 422: a policy. Anything else would be a mistake of the attempt.
      const byPolicy =
        fault.status === 422 && /ValidatingAdmissionPolicy .* denied request/.test(fault.message);
      assert.ok(fault.status === 403 || byPolicy, `${fault.status} ${fault.message}`);
    });

  for (const attempt of allowed)
    it(`may do what it is for: ${attempt.what}`, async () => {
      const fault = await tried(attempt, attempt.method !== 'GET');
      assert.equal(fault, undefined);
    });
});

describe('without the policy', () => {
  const conditionOf = async (node: string) =>
    (await release.report(node)).conditions.find(({ type }) => type === 'PolicyEnforced');

  it('is enforced, as long as it is there', async () => {
    await bed.waitFor('the condition', async () => (await conditionOf(hostNode))?.status === 'True');
  });

  it('an agent that may write, writes to no pod, and says why', async () => {
    await bed.kubectl('delete', 'validatingadmissionpolicybinding', 'realmem-pods');
    await bed.waitFor('the API server to know', async () => {
      const pod = await release.podOf(hostNode);
      await bed.kubectl('delete', 'pod', pod, '-n', namespace, '--wait=true');
      await bed.kubectl('rollout', 'status', 'daemonset/realmem', '-n', namespace, '--timeout=60s');
      return bed.waitFor(
        'the condition',
        async () => {
          const { reason } = (await conditionOf(hostNode)) ?? {};
          if (reason === 'NotChecked' || reason === undefined) return false;
          return reason === 'NotEnforced';
        },
        { timeoutMs: 5_000 },
      );
    });
    await bed.apply(podOn(hostNode, 'later'));
    const published = await bed.waitFor('it in the report', async () => {
      const report = JSON.parse(await bed.kubectl('get', 'nmr', hostNode, '-o', 'json')) as PublishedReport;
      return report.pods.some(({ name, real }) => name === 'later' && real !== undefined) && report;
    });
    const condition = published.conditions.find(({ type }) => type === 'PolicyEnforced');
    assert.equal(condition?.status, 'False');
    assert.match(
      condition?.message ?? '',
      /^No pod is written to: the API took a write that the admission policy must refuse/,
    );
    // Several reports later it is still without.
    const first = (await release.report(hostNode)).observed.at;
    await bed.waitFor(
      'later reports',
      async () =>
        Date.parse((await release.report(hostNode)).observed.at ?? '') > Date.parse(first ?? '') + 6_000,
    );
    const annotations = await bed.kubectl(
      'get',
      'pod',
      'later',
      '-n',
      mine,
      '-o',
      'jsonpath={.metadata.annotations}',
    );
    assert.doesNotMatch(annotations, /realmem\.dev/);
  });

  it('a chart without it grants no write at all', async () => {
    await release.install({ 'policy.enabled': 'false' });
    await bed.waitFor('the condition', async () => (await conditionOf(hostNode))?.reason === 'NoRight');
    for (const [verb, what] of [
      ['patch', 'pods/status'],
      ['create', 'nodememoryreports.realmem.dev'],
      ['patch', 'nodememoryreports.realmem.dev'],
      ['patch', 'configmaps'],
      ['create', 'configmaps'],
    ] as const) {
      const answer = await bed
        .kubectl(
          'auth',
          'can-i',
          verb,
          what,
          '-n',
          namespace,
          '--as',
          `system:serviceaccount:${namespace}:realmem`,
        )
        .catch(String);
      assert.match(answer, /no/, `${verb} ${what}`);
    }
  });

  it('only whoever asks for unguarded writes gets them', async () => {
    await release.install({ 'policy.enabled': 'false', allowUnguardedWrites: 'true' });
    await bed.waitFor('annotations', async () =>
      /realmem\.dev\/memory/.test(
        await bed.kubectl('get', 'pod', 'later', '-n', mine, '-o', 'jsonpath={.metadata.annotations}'),
      ),
    );
    assert.equal((await conditionOf(hostNode))?.status, 'False');
  });
});
