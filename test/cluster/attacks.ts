/** What a thief may try with the token of an agent, and what the agent is there for. */
import { busyboxImage } from './bed.ts';
import { namespace } from './release.ts';

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
const report = (name: string, metadata: object = {}): object => ({
  apiVersion: 'realmem.dev/v1alpha1',
  kind: 'NodeMemoryReport',
  metadata: { name, ...metadata },
  observed: { at: '2026-01-01T00:00:00Z', agent: 'thief' },
  pods: [],
  conditions: [],
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

/** Pods of a node: one as it is, one with annotations of its owner. */
export const podsOf = (node: string) => ({ here: `here-${node}`, ignored: `ignored-${node}` });

/** On a node that there is not, and on none. */
export const foreignPods = { there: 'there', pending: 'pending' } as const;

const own = { metadata: { annotations: { 'realmem.dev/memory': 'thief' } } };

/** By a token of `node`: `other` is another one. */
export function attacksOf(node: string, other: string): readonly Attempt[] {
  const { here, ignored } = podsOf(node);
  const { there, pending } = foreignPods;
  const ownerOf = (more: object): object => ({
    ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node, uid: 'u', ...more }],
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
    patchStatus('its own annotations on a pod of another node', there, own),
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
    applyReport('an owner that blocks', node, ownerOf({ blockOwnerDeletion: true })),
    applyReport('an owner of another kind', node, ownerOf({ kind: 'Namespace', name: 'default' })),
    { what: "another node's report, created", method: 'POST', path: reportPath(''), body: report(elsewhere) },
    { what: 'the deletion of its own report', method: 'DELETE', path: reportPath(node) },
    { what: "the deletion of another node's report", method: 'DELETE', path: reportPath(other) },
    { what: 'the deletion of all reports', method: 'DELETE', path: reportPath('') },
    applyMap("another node's ConfigMap", `realmem-${other}`),
    applyMap('what another node remembers', `history-${other}`),
    applyMap('what it remembers, in another namespace', `history-${node}`, 'kube-system'),
    {
      what: 'the deletion of what another node remembers',
      method: 'DELETE',
      path: mapPath(`history-${other}`),
    },
    applyMap('the ConfigMap of the configuration', 'config-realmem'),
    applyMap('the ConfigMap that pods trust the API by', 'kube-root-ca.crt'),
    applyMap('a ConfigMap in another namespace', `realmem-${node}`, 'kube-system'),
    applyMap('a foreign label on its own ConfigMap', `realmem-${node}`, namespace, {
      labels: { grafana_dashboard: '1' },
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
    patchStatus('its own annotations on a pod of no node', pending, own),
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
    {
      what: 'a ConfigMap that nobody can change any more',
      method: 'PATCH',
      path: `${mapPath(`realmem-${node}`)}${applied}`,
      body: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `realmem-${node}`, namespace },
        immutable: true,
      },
      type: apply,
    },
  ];
}

/** What it is there for: a table of refusals alone could be one of an agent that may do nothing. */
export function dutiesOf(node: string): readonly Attempt[] {
  const { here } = podsOf(node);
  return [
    patchStatus('its annotations on a pod of its own node', here, {
      metadata: { annotations: { 'realmem.dev/memory': 'a', 'realmem.dev/report': '{}' } },
    }),
    applyReport('its own report', node),
    applyMap('its own ConfigMap', `realmem-${node}`),
    applyMap('what it remembers', `history-${node}`),
    { what: 'reading what it remembers', method: 'GET', path: mapPath(`history-${node}`) },
    { what: 'reading pods, of all nodes', method: 'GET', path: '/api/v1/pods' },
    { what: 'counting nodes', method: 'GET', path: '/api/v1/nodes?limit=1' },
  ];
}
