/** What a thief may try with the token of an agent, and what the agent is there for. */
import { gzipSync } from 'node:zlib';
import { bytes } from '../../../src/model/bytes.ts';
import { renderAnnotations } from '../../../src/publish/annotations.ts';
import { configMapName } from '../../../src/publish/config-map.ts';
import { fitFigures } from '../../../src/publish/fit-annotations.ts';
import { historyMapOf } from '../../../src/publish/history-map.ts';
import { busyboxImage } from '../bed/bed.ts';
import { namespace } from '../release/release.ts';

export const mine = 'realmem-policy-test';
/** Of a node that there is not. */
export const elsewhere = 'node-of-nobody';

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export interface Attempt {
  readonly what: string;
  readonly method: Method;
  readonly path: string;
  readonly body?: unknown;
  readonly type?: string;
  /** What the refusal says: that of another rule would not show that this one is there. */
  readonly because?: RegExp;
}

const merge = 'application/merge-patch+json';
const apply = 'application/apply-patch+yaml';
const applied = '?fieldManager=realmem&force=true';

const podPath = (name: string): string => `/api/v1/namespaces/${mine}/pods/${name}`;
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
  observed: { at: '2026-01-01T00:00:00Z', agent: 'thief' },
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
/** As the agent writes it, but for what is said. */
const mapOf = (name: string, of: string, metadata: object, more: object): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: of, labels: managed, ...metadata },
  data: { 'report.yaml': 'thief' },
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
  body: mapOf(name, of, metadata, more),
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

/** Of `node-1`, as its agent writes it. */
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

/** As large as the agent makes them, of containers with the longest names. */
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

/** Pods of a node: one as it is, one with annotations of its owner. */
export const podsOf = (node: string) => ({ here: `here-${node}`, ignored: `ignored-${node}` });

/** On a node that there is not, and on none. */
export const foreignPods = { there: 'there', pending: 'pending' } as const;

/** All that a ConfigMap takes. */
const largestHistory = Buffer.concat([gzipSync('{}'), Buffer.alloc(1024 ** 2)])
  .subarray(0, 1024 ** 2)
  .toString('base64');
/** Another value each time: to write what is there already is no change, and passes any policy. */
const thief = (): string => `thief ${Math.random()}`;
const owning = (annotations: object, more: object = {}): object => ({ metadata: { annotations, ...more } });

/** By a token of `node`, which has that UID: `other` is another one. */
export function attacksOf(node: string, other: string, uid = 'u'): readonly Attempt[] {
  const { here, ignored } = podsOf(node);
  const { there, pending } = foreignPods;
  const ownerOf = (more: object): object => ({
    ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node, uid, ...more }],
  });
  return [
    patchStatus('a foreign annotation on a pod of its own node', here, foreign),
    patchStatus("the owner's realmem.dev/ignore, set", here, {
      metadata: { annotations: { 'realmem.dev/ignore': 'true' } },
    }),
    patchStatus("the owner's realmem.dev/ignore, taken away", ignored, {
      metadata: { annotations: { 'realmem.dev/ignore': null } },
    }),
    patchStatus('a foreign annotation, taken away', ignored, {
      metadata: { annotations: { 'example.org/kept': null } },
    }),
    patchStatus('a label', here, { metadata: { labels: { app: 'thief' } } }),
    patchStatus('a finalizer', here, { metadata: { finalizers: ['example.org/stay'] } }),
    patchStatus('an owner', here, {
      metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'b' }] },
    }),
    patchStatus('the status', here, { status: { phase: 'Failed', message: 'thief' } }),
    patchStatus(
      'its own annotations on a pod of another node',
      there,
      owning({ 'realmem.dev/memory': thief() }),
    ),
    patchStatus('a foreign annotation on a pod of another node', there, foreign),
    { what: 'the pod itself', method: 'PATCH', path: podPath(here), body: foreign, type: merge },
    {
      what: 'the image of a pod',
      method: 'PATCH',
      path: podPath(here),
      body: { spec: { containers: [{ name: 'main', image: 'thief' }] } },
      type: 'application/strategic-merge-patch+json',
    },
    {
      what: 'an ephemeral container',
      method: 'PATCH',
      path: `${podPath(here)}/ephemeralcontainers`,
      body: { spec: { ephemeralContainers: [{ name: 'thief', image: busyboxImage }] } },
      type: 'application/strategic-merge-patch+json',
    },
    {
      what: "a pod's resources",
      method: 'PATCH',
      path: `${podPath(here)}/resize`,
      body: { spec: { containers: [{ name: 'main', resources: { limits: { memory: '1Gi' } } }] } },
      type: 'application/strategic-merge-patch+json',
    },
    { what: "a pod's status, whole", method: 'PUT', path: `${podPath(here)}/status`, body: {} },
    { what: 'the deletion of a pod', method: 'DELETE', path: podPath(here) },
    {
      what: 'the eviction of a pod',
      method: 'POST',
      path: `${podPath(here)}/eviction`,
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: here, namespace: mine } },
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
    { what: 'a shell in a pod', method: 'POST', path: `${podPath(here)}/exec?command=sh&stdout=true` },
    applyReport("another node's report", other),
    applyReport('a report under the name of no node', elsewhere),
    applyReport('a finalizer on its own report', node, { finalizers: ['example.org/stay'] }),
    applyReport('a foreign label on its own report', node, { labels: { 'example.org/load': 'true' } }),
    applyReport('an owner that blocks', node, ownerOf({ blockOwnerDeletion: true }), /the only owner may be/),
    applyReport('an owner that controls it', node, ownerOf({ controller: true }), /the only owner may be/),
    applyReport(
      'its node as the owner, of another UID',
      node,
      ownerOf({ uid: 'another' }),
      /the only owner may be/,
    ),
    applyReport('an owner of another kind', node, ownerOf({ kind: 'Namespace', name: 'default' })),
    applyReport(
      'a label that says that helm manages its report',
      node,
      { labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
      /realmem's own labels/,
    ),
    applyReport(
      'a label of its own prefix, but not its own',
      node,
      { labels: { 'realmem.dev/load': 'true' } },
      /realmem's own labels/,
    ),
    {
      what: "an admin's annotation of its own report, taken away",
      method: 'PATCH',
      path: reportPath(node),
      body: owning({ 'example.org/kept': null }),
      type: merge,
      because: /realmem's own annotations/,
    },
    applyReport('an escape sequence in its own report', node, {}, /in body should match/, {
      conditions: [{ type: 'Complete', status: 'True', reason: 'AllRead', message: 'read \u001b[2J' }],
    }),
    applyReport('a text of 3,000 characters in its own report', node, {}, /may not be more than|Too long/, {
      conditions: [{ type: 'Complete', status: 'True', reason: 'AllRead', message: 'x'.repeat(3_000) }],
    }),
    { what: "another node's report, created", method: 'POST', path: reportPath(''), body: report(elsewhere) },
    { what: 'the deletion of its own report', method: 'DELETE', path: reportPath(node) },
    { what: "the deletion of another node's report", method: 'DELETE', path: reportPath(other) },
    { what: 'the deletion of all reports', method: 'DELETE', path: reportPath('') },
    applyMap("another node's ConfigMap", `realmem-${other}`),
    applyMap('what another node remembers', `history-${other}`),
    applyMap('what it remembers, in another namespace', `history-${node}`, { of: 'kube-system' }),
    {
      what: 'the deletion of what another node remembers',
      method: 'DELETE',
      path: mapPath(`history-${other}`),
    },
    applyMap('the ConfigMap of the configuration', 'config-realmem'),
    applyMap('the ConfigMap that pods trust the API by', 'kube-root-ca.crt'),
    applyMap('a ConfigMap in another namespace', `realmem-${node}`, { of: 'kube-system' }),
    applyMap('a foreign label on its own ConfigMap', `realmem-${node}`, {
      metadata: { labels: { ...managed, grafana_dashboard: '1' } },
      because: /realmem's own labels/,
    }),
    applyMap('a label that says that helm manages its ConfigMap', `realmem-${node}`, {
      metadata: { labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
      because: /realmem's own labels/,
    }),
    applyMap('the label of histories on its report', `realmem-${node}`, {
      metadata: { labels: { ...managed, 'realmem.dev/part': 'history' } },
      because: /realmem's own labels/,
    }),
    applyMap('a foreign annotation on its own ConfigMap', `realmem-${node}`, {
      metadata: foreign.metadata,
      because: /realmem's own annotations/,
    }),
    applyMap('a key that is not its own', `realmem-${node}`, {
      data: { 'report.yaml': 'thief', a: 'thief' },
      because: /a key that is not/,
    }),
    applyMap('an escape sequence in its ConfigMap', `realmem-${node}`, {
      data: { 'report.yaml': 'read \u001b[2J' },
      because: /unprintable/,
    }),
    applyMap('a ConfigMap of more than 1,000,000 characters', `realmem-${node}`, {
      data: { 'report.yaml': 'x'.repeat(1_000_001) },
      because: /too long/,
    }),
    applyHistory('text beside what it remembers', node, /a key that is not/, {
      data: { 'report.yaml': 'thief' },
    }),
    applyHistory('what it remembers, as no gzip', node, /not gzip/, {
      binaryData: { 'history.json.gz': Buffer.from('thief').toString('base64') },
    }),
    applyHistory('what it remembers, of no time', node, /not a time in RFC 3339/, {
      metadata: { ...historyOf(node)['metadata'], annotations: { 'realmem.dev/written': 'thief' } },
    }),
    applyHistory('what it remembers, without its labels', node, /realmem's own labels/, {
      metadata: { ...historyOf(node)['metadata'], labels: managed },
    }),
    { what: 'the deletion of its own ConfigMap', method: 'DELETE', path: mapPath(`realmem-${node}`) },
    { what: 'reading ConfigMaps', method: 'GET', path: `/api/v1/namespaces/${namespace}/configmaps` },
    { what: 'reading secrets', method: 'GET', path: '/api/v1/secrets' },
    { what: 'reading one node', method: 'GET', path: `/api/v1/nodes/${node}` },
    {
      what: "the kubelet's API, through the node",
      method: 'GET',
      path: `/api/v1/nodes/${node}/proxy/stats/summary`,
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
    {
      what: 'a foreign annotation, by server-side apply',
      method: 'PATCH',
      path: `${podPath(here)}/status${applied}`,
      body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: here, ...foreign.metadata } },
      type: apply,
    },
    {
      what: 'a foreign annotation, by JSON patch',
      method: 'PATCH',
      path: `${podPath(here)}/status`,
      body: [{ op: 'add', path: '/metadata/annotations/example.org~1admin', value: 'yes' }],
      type: 'application/json-patch+json',
    },
    patchStatus('an annotation of its own prefix, but not its own', here, {
      metadata: { annotations: { 'realmem.dev/memory.x': 'thief' } },
    }),
    patchStatus('the prefix of its names', here, { metadata: { generateName: 'thief-' } }),
    patchStatus(
      'its own annotations on a pod of no node',
      pending,
      owning({ 'realmem.dev/memory': thief() }),
    ),
    {
      what: 'a report under a name that the API makes up',
      method: 'POST',
      path: reportPath(''),
      body: { ...report(node), metadata: { generateName: `${node}-` } },
    },
    {
      what: 'a ConfigMap under a name that the API makes up',
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/configmaps`,
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: `realmem-${node}-` } },
    },
    applyReport('a foreign annotation on its own report', node, foreign.metadata),
    applyMap('a ConfigMap that nobody can change any more', `realmem-${node}`, {
      immutable: true,
      because: /immutable/,
    }),
    patchStatus(
      'more than 16 KiB of its annotations',
      here,
      owning({ 'realmem.dev/memory': 'x'.repeat(16_385) }),
      /16 KiB/,
    ),
    patchStatus(
      'more than 16 KiB in both together',
      here,
      owning({ 'realmem.dev/memory': 'x'.repeat(9_000), 'realmem.dev/report': `{${'x'.repeat(9_000)}}` }),
      /16 KiB/,
    ),
    patchStatus(
      'an escape sequence in realmem.dev/memory',
      here,
      owning({ 'realmem.dev/memory': 'web 12Mi \u001b[2J' }),
      /printable ASCII/,
    ),
    patchStatus(
      'text that runs backwards in realmem.dev/memory',
      here,
      owning({ 'realmem.dev/memory': 'web \u202e12Mi' }),
      /printable ASCII/,
    ),
    patchStatus(
      'line breaks in realmem.dev/report',
      here,
      owning({ 'realmem.dev/report': '{\n}' }),
      /printable ASCII/,
    ),
    patchStatus(
      'what is no JSON in realmem.dev/report',
      here,
      owning({ 'realmem.dev/report': 'thief' }),
      /must be a JSON object/,
    ),
    ...Object.entries({
      'that nobody owns any field of the pod': [{}],
      'a field of the pod that somebody else is to own': [
        entryOf('thief', { 'f:spec': { 'f:containers': {} } }),
      ],
      'managed fields without end': [entryOf('realmem', { [`f:${'x'.repeat(10_000)}`]: {} })],
    }).map(([what, managedFields]) =>
      patchStatus(what, here, owning({ 'realmem.dev/memory': thief() }, { managedFields })),
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

/** What it is there for: a table of refusals alone could be one of an agent that may do nothing. */
export function dutiesOf(node: string): readonly Attempt[] {
  const { here } = podsOf(node);
  return [
    // The largest that it writes: the rules cost what the texts are long, and the API server has a limit for that.
    patchStatus(
      'its annotations on a pod of its own node',
      here,
      owning({ 'realmem.dev/memory': largest.memory, 'realmem.dev/report': largest.report }),
    ),
    applyReport('its own report', node),
    applyMap('its own ConfigMap', configMapName(node), {
      data: { 'report.yaml': 'ab: c\n'.repeat(166_666) },
    }),
    applyHistory('what it remembers', node, undefined, {
      binaryData: { 'history.json.gz': largestHistory },
    }),
    { what: 'reading what it remembers', method: 'GET', path: mapPath(`history-${node}`) },
    { what: 'reading pods, of all nodes', method: 'GET', path: '/api/v1/pods' },
    { what: 'counting nodes', method: 'GET', path: '/api/v1/nodes?limit=1' },
  ];
}
