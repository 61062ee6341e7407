/** What an attacker may try with the stolen token of an agent, and what the agent itself needs to do. */
import { gzipSync } from 'node:zlib';
import { bytes } from '../../../src/model/bytes.ts';
import { renderAnnotations } from '../../../src/publish/annotations.ts';
import { configMapName } from '../../../src/publish/config-map.ts';
import { fitFigures } from '../../../src/publish/fit-annotations.ts';
import { historyMapOf } from '../../../src/publish/history-map.ts';
import { busyboxImage } from '../bed/bed.ts';
import { namespace } from '../release/release.ts';

export const testNamespace = 'realmem-policy-test';
/** A name that no node has. */
export const unknownNode = 'node-of-nobody';

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export interface Attempt {
  readonly what: string;
  readonly method: Method;
  readonly path: string;
  readonly body?: unknown;
  readonly type?: string;
  /** Part of the refusal's message. A refusal by another rule would not prove that this rule works. */
  readonly because?: RegExp;
}

const merge = 'application/merge-patch+json';
const apply = 'application/apply-patch+yaml';
const applied = '?fieldManager=realmem&force=true';

const podPath = (name: string): string => `/api/v1/namespaces/${testNamespace}/pods/${name}`;
const reportPath = (name: string): string => `/apis/realmem.dev/v1alpha1/nodememoryreports/${name}`;
const mapPath = (name: string, of = namespace): string => `/api/v1/namespaces/${of}/configmaps/${name}`;

const patchStatus = (what: string, pod: string, body: unknown, because?: RegExp): Attempt => ({
  what,
  method: 'PATCH',
  path: `${podPath(pod)}/status`,
  body,
  type: merge,
  ...(because !== undefined && { because }),
});
const report = (name: string, metadata: object = {}, more: object = {}): object => ({
  apiVersion: 'realmem.dev/v1alpha1',
  kind: 'NodeMemoryReport',
  metadata: { name, ...metadata },
  observed: { at: '2026-01-01T00:00:00Z', agent: 'attacker' },
  pods: [],
  conditions: [],
  ...more,
});
const applyReport = (
  what: string,
  name: string,
  metadata: object = {},
  because?: RegExp,
  more: object = {},
): Attempt => ({
  what,
  method: 'PATCH',
  path: `${reportPath(name)}${applied}`,
  body: report(name, metadata, more),
  type: apply,
  ...(because !== undefined && { because }),
});

const managed = { 'app.kubernetes.io/managed-by': 'realmem' } as const;
/** The report ConfigMap as the agent writes it, with the given changes. */
const reportMapOf = (name: string, of: string, metadata: object, more: object): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: of, labels: managed, ...metadata },
  data: { 'report.yaml': 'attacker' },
  ...more,
});
const applyMap = (
  what: string,
  name: string,
  { of = namespace, because, metadata = {}, ...more }: MapChanges = {},
): Attempt => ({
  what,
  method: 'PATCH',
  path: `${mapPath(name, of)}${applied}`,
  body: reportMapOf(name, of, metadata, more),
  type: apply,
  ...(because !== undefined && { because }),
});
interface MapChanges {
  readonly of?: string;
  readonly because?: RegExp;
  readonly metadata?: object;
  readonly data?: object;
  readonly binaryData?: object;
  readonly immutable?: boolean;
}

/** The history ConfigMap as the agent writes it. */
const historyOf = (node: string, text = '{}'): Record<string, object> =>
  historyMapOf(node, gzipSync(text).toString('base64'), Date.parse('2026-01-01T00:00:00Z')) as Record<
    string,
    object
  >;
const applyHistory = (what: string, node: string, because?: RegExp, changes: object = {}): Attempt => ({
  what,
  method: 'PATCH',
  path: `${mapPath(`history-${node}`)}${applied}`,
  body: { ...historyOf(node), ...changes },
  type: apply,
  ...(because !== undefined && { because }),
});

/** The largest annotations that the agent writes, for containers with the longest names. */
const largest = (() => {
  const names = Array.from({ length: 500 }, (_, index) => `c${index}-`.padEnd(63, 'x'));
  const figures = fitFigures(
    { containers: Object.fromEntries(names.map((name) => [name, { realBytes: bytes(2 ** 50) }])) },
    0,
  );
  if (figures === undefined) throw new Error('no container fits');
  return renderAnnotations(figures);
})();

const foreign = { metadata: { annotations: { 'example.org/admin': 'yes' } } };

/** The pods of a node: one without annotations, and one with annotations of its owner. */
export const podsOf = (node: string) => ({ here: `here-${node}`, ignored: `ignored-${node}` });

/** A pod on a node that does not exist, and a pod without a node. */
export const foreignPods = { there: 'there', pending: 'pending' } as const;

/** The maximum size of a ConfigMap. */
const largestHistory = Buffer.concat([gzipSync('{}'), Buffer.alloc(1024 ** 2)])
  .subarray(0, 1024 ** 2)
  .toString('base64');
/** A new value each time: a write without a change passes any policy. */
const attacker = (): string => `attacker ${Math.random()}`;
const owning = (annotations: object, more: object = {}): object => ({ metadata: { annotations, ...more } });

/**
 * Attacks with the token of the agent on `node`. @param other the name of another node @param uid the UID of `node`
 */
export function attacksOf(node: string, other: string, uid = 'u'): readonly Attempt[] {
  const { here, ignored } = podsOf(node);
  const { there, pending } = foreignPods;
  const ownerOf = (more: object): object => ({
    ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node, uid, ...more }],
  });
  return [
    patchStatus('set a foreign annotation on a pod of its own node', here, foreign),
    patchStatus('set realmem.dev/ignore on a pod', here, {
      metadata: { annotations: { 'realmem.dev/ignore': 'true' } },
    }),
    patchStatus('set the answer of a probe on a pod', here, {
      metadata: { annotations: { 'realmem.dev/probe': '{}' } },
    }),
    patchStatus('remove realmem.dev/ignore from a pod', ignored, {
      metadata: { annotations: { 'realmem.dev/ignore': null } },
    }),
    patchStatus('remove a foreign annotation from a pod', ignored, {
      metadata: { annotations: { 'example.org/kept': null } },
    }),
    patchStatus('set a label on a pod', here, { metadata: { labels: { app: 'attacker' } } }),
    patchStatus('set a finalizer on a pod', here, { metadata: { finalizers: ['example.org/stay'] } }),
    patchStatus('set an owner reference on a pod', here, {
      metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'b' }] },
    }),
    patchStatus('change the status of a pod', here, { status: { phase: 'Failed', message: 'attacker' } }),
    patchStatus(
      'set realmem annotations on a pod of another node',
      there,
      owning({ 'realmem.dev/memory': attacker() }),
    ),
    patchStatus('set a foreign annotation on a pod of another node', there, foreign),
    {
      what: 'patch a pod itself, not its status',
      method: 'PATCH',
      path: podPath(here),
      body: foreign,
      type: merge,
    },
    {
      what: 'change the image of a container',
      method: 'PATCH',
      path: podPath(here),
      body: { spec: { containers: [{ name: 'main', image: 'attacker' }] } },
      type: 'application/strategic-merge-patch+json',
    },
    {
      what: 'add an ephemeral container to a pod',
      method: 'PATCH',
      path: `${podPath(here)}/ephemeralcontainers`,
      body: { spec: { ephemeralContainers: [{ name: 'attacker', image: busyboxImage }] } },
      type: 'application/strategic-merge-patch+json',
    },
    {
      what: 'resize a pod in place',
      method: 'PATCH',
      path: `${podPath(here)}/resize`,
      body: { spec: { containers: [{ name: 'main', resources: { limits: { memory: '1Gi' } } }] } },
      type: 'application/strategic-merge-patch+json',
    },
    { what: 'replace the whole status of a pod', method: 'PUT', path: `${podPath(here)}/status`, body: {} },
    { what: 'delete a pod', method: 'DELETE', path: podPath(here) },
    {
      what: 'evict a pod',
      method: 'POST',
      path: `${podPath(here)}/eviction`,
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: here, namespace: testNamespace } },
    },
    {
      what: 'create a pod',
      method: 'POST',
      path: `/api/v1/namespaces/${testNamespace}/pods`,
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'attacker' },
        spec: { containers: [{ name: 'a', image: 'a' }] },
      },
    },
    {
      what: 'run a command in a container (exec)',
      method: 'POST',
      path: `${podPath(here)}/exec?command=sh&stdout=true`,
    },
    applyReport("change another node's report", other),
    applyReport('write a report with a name that no node has', unknownNode),
    applyReport('set a finalizer on its own report', node, { finalizers: ['example.org/stay'] }),
    applyReport('set a foreign label on its own report', node, { labels: { 'example.org/load': 'true' } }),
    applyReport(
      'set blockOwnerDeletion in the owner reference of its own report',
      node,
      ownerOf({ blockOwnerDeletion: true }),
      /the only owner may be/,
    ),
    applyReport(
      'set controller in the owner reference of its own report',
      node,
      ownerOf({ controller: true }),
      /the only owner may be/,
    ),
    applyReport(
      'set an owner reference with a wrong UID on its own report',
      node,
      ownerOf({ uid: 'another' }),
      /the only owner may be/,
    ),
    applyReport(
      'set an owner reference to another kind on its own report',
      node,
      ownerOf({ kind: 'Namespace', name: 'default' }),
    ),
    applyReport(
      'set the label managed-by=Helm on its own report',
      node,
      { labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
      /realmem's own labels/,
    ),
    applyReport(
      'set a label with the prefix realmem.dev that the agent never writes on its own report',
      node,
      { labels: { 'realmem.dev/load': 'true' } },
      /realmem's own labels/,
    ),
    {
      what: "remove an administrator's annotation from its own report",
      method: 'PATCH',
      path: reportPath(node),
      body: owning({ 'example.org/kept': null }),
      type: merge,
      because: /realmem's own annotations/,
    },
    applyReport('write an escape sequence into its own report', node, {}, /in body should match/, {
      conditions: [{ type: 'Complete', status: 'True', reason: 'AllRead', message: 'read \u001b[2J' }],
    }),
    applyReport(
      'write a text of 3,000 characters into its own report',
      node,
      {},
      /may not be more than|Too long/,
      {
        conditions: [{ type: 'Complete', status: 'True', reason: 'AllRead', message: 'x'.repeat(3_000) }],
      },
    ),
    { what: "create another node's report", method: 'POST', path: reportPath(''), body: report(unknownNode) },
    { what: 'delete its own report', method: 'DELETE', path: reportPath(node) },
    { what: "delete another node's report", method: 'DELETE', path: reportPath(other) },
    { what: 'delete all reports', method: 'DELETE', path: reportPath('') },
    applyMap("change another node's report ConfigMap", `realmem-${other}`),
    applyMap("change another node's history", `history-${other}`),
    applyMap('write its own history in another namespace', `history-${node}`, { of: 'kube-system' }),
    {
      what: "delete another node's history",
      method: 'DELETE',
      path: mapPath(`history-${other}`),
    },
    applyMap('change the configuration of the agents', 'config-realmem'),
    applyMap('change kube-root-ca.crt, the CA certificate that pods trust', 'kube-root-ca.crt'),
    applyMap('write its own report ConfigMap in another namespace', `realmem-${node}`, { of: 'kube-system' }),
    applyMap('set a foreign label on its own report ConfigMap', `realmem-${node}`, {
      metadata: { labels: { ...managed, grafana_dashboard: '1' } },
      because: /realmem's own labels/,
    }),
    applyMap('set the label managed-by=Helm on its own report ConfigMap', `realmem-${node}`, {
      metadata: { labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
      because: /realmem's own labels/,
    }),
    applyMap('set the label of histories on its own report ConfigMap', `realmem-${node}`, {
      metadata: { labels: { ...managed, 'realmem.dev/part': 'history' } },
      because: /realmem's own labels/,
    }),
    applyMap('set a foreign annotation on its own report ConfigMap', `realmem-${node}`, {
      metadata: foreign.metadata,
      because: /realmem's own annotations/,
    }),
    applyMap('add a key to its own report ConfigMap', `realmem-${node}`, {
      data: { 'report.yaml': 'attacker', a: 'attacker' },
      because: /a key that is not/,
    }),
    applyMap('write an escape sequence into its own report ConfigMap', `realmem-${node}`, {
      data: { 'report.yaml': 'read \u001b[2J' },
      because: /unprintable/,
    }),
    applyMap('write more than 1,000,000 characters into its own report ConfigMap', `realmem-${node}`, {
      data: { 'report.yaml': 'x'.repeat(1_000_001) },
      because: /too long/,
    }),
    applyHistory('add a key to its own history', node, /a key that is not/, {
      data: { 'report.yaml': 'attacker' },
    }),
    applyHistory('write a history that is not gzip', node, /not gzip/, {
      binaryData: { 'history.json.gz': Buffer.from('attacker').toString('base64') },
    }),
    applyHistory('write a history without a valid time', node, /not a time in RFC 3339/, {
      metadata: { ...historyOf(node)['metadata'], annotations: { 'realmem.dev/written': 'attacker' } },
    }),
    applyHistory('write its own history without the label of histories', node, /realmem's own labels/, {
      metadata: { ...historyOf(node)['metadata'], labels: managed },
    }),
    { what: 'delete its own report ConfigMap', method: 'DELETE', path: mapPath(`realmem-${node}`) },
    { what: 'list ConfigMaps', method: 'GET', path: `/api/v1/namespaces/${namespace}/configmaps` },
    { what: 'list Secrets', method: 'GET', path: '/api/v1/secrets' },
    { what: 'read the object of its own node', method: 'GET', path: `/api/v1/nodes/${node}` },
    {
      what: "call the kubelet through the API server's node proxy",
      method: 'GET',
      path: `/api/v1/nodes/${node}/proxy/stats/summary`,
    },
    {
      what: 'create a token of another service account',
      method: 'POST',
      path: '/api/v1/namespaces/default/serviceaccounts/default/token',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    },
    {
      what: 'delete the admission policy',
      method: 'DELETE',
      path: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/realmem-pods',
    },
    {
      what: 'create a cluster role binding',
      method: 'POST',
      path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
      body: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'attacker' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [],
      },
    },
    {
      what: 'set a foreign annotation on a pod by server-side apply',
      method: 'PATCH',
      path: `${podPath(here)}/status${applied}`,
      body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: here, ...foreign.metadata } },
      type: apply,
    },
    {
      what: 'set a foreign annotation on a pod by JSON patch',
      method: 'PATCH',
      path: `${podPath(here)}/status`,
      body: [{ op: 'add', path: '/metadata/annotations/example.org~1admin', value: 'yes' }],
      type: 'application/json-patch+json',
    },
    patchStatus('set an annotation with the prefix realmem.dev that the agent never writes', here, {
      metadata: { annotations: { 'realmem.dev/memory.x': 'attacker' } },
    }),
    patchStatus('set generateName on a pod', here, { metadata: { generateName: 'attacker-' } }),
    patchStatus(
      'set realmem annotations on a pod without a node',
      pending,
      owning({ 'realmem.dev/memory': attacker() }),
    ),
    {
      what: 'create a report with a generated name',
      method: 'POST',
      path: reportPath(''),
      body: { ...report(node), metadata: { generateName: `${node}-` } },
    },
    {
      what: 'create a ConfigMap with a generated name',
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/configmaps`,
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: `realmem-${node}-` } },
    },
    applyReport('set a foreign annotation on its own report', node, foreign.metadata),
    applyMap('make its own report ConfigMap immutable', `realmem-${node}`, {
      immutable: true,
      because: /immutable/,
    }),
    patchStatus(
      'write more than 16 KiB to realmem.dev/memory',
      here,
      owning({ 'realmem.dev/memory': 'x'.repeat(16_385) }),
      /16 KiB/,
    ),
    patchStatus(
      'write more than 16 KiB to both annotations together',
      here,
      owning({ 'realmem.dev/memory': 'x'.repeat(9_000), 'realmem.dev/report': `{${'x'.repeat(9_000)}}` }),
      /16 KiB/,
    ),
    patchStatus(
      'write an escape sequence to realmem.dev/memory',
      here,
      owning({ 'realmem.dev/memory': 'web 12Mi \u001b[2J' }),
      /printable ASCII/,
    ),
    patchStatus(
      'write right-to-left override characters to realmem.dev/memory',
      here,
      owning({ 'realmem.dev/memory': 'web \u202e12Mi' }),
      /printable ASCII/,
    ),
    patchStatus(
      'write line breaks to realmem.dev/report',
      here,
      owning({ 'realmem.dev/report': '{\n}' }),
      /printable ASCII/,
    ),
    patchStatus(
      'write text that is not JSON to realmem.dev/report',
      here,
      owning({ 'realmem.dev/report': 'attacker' }),
      /must be a JSON object/,
    ),
    ...Object.entries({
      'clear the managed fields of a pod': [{}],
      'assign managed fields of a pod to another manager': [
        entryOf('attacker', { 'f:spec': { 'f:containers': {} } }),
      ],
      'add huge managed fields to a pod': [entryOf('realmem', { [`f:${'x'.repeat(10_000)}`]: {} })],
    }).map(([what, managedFields]) =>
      patchStatus(what, here, owning({ 'realmem.dev/memory': attacker() }, { managedFields })),
    ),
  ];
}

const entryOf = (manager: string, fieldsV1: object): object => ({
  manager,
  operation: 'Update',
  apiVersion: 'v1',
  time: '2026-01-01T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1,
});

/** What the agent needs to do. Without these, an agent without any right would pass too. */
export function dutiesOf(node: string): readonly Attempt[] {
  const { here } = podsOf(node);
  return [
    // The largest that the agent writes: the cost of the rules grows with the text, and the API server limits it.
    patchStatus(
      'set realmem annotations on a pod of its own node',
      here,
      owning({ 'realmem.dev/memory': largest.memory, 'realmem.dev/report': largest.report }),
    ),
    applyReport('write its own report', node),
    applyMap('write its own report ConfigMap', configMapName(node), {
      data: { 'report.yaml': 'ab: c\n'.repeat(166_666) },
    }),
    applyHistory('write its own history', node, undefined, {
      binaryData: { 'history.json.gz': largestHistory },
    }),
    { what: 'read its own history', method: 'GET', path: mapPath(`history-${node}`) },
    { what: 'list the pods of all nodes', method: 'GET', path: '/api/v1/pods' },
    { what: 'count nodes (list with limit=1)', method: 'GET', path: '/api/v1/nodes?limit=1' },
  ];
}
