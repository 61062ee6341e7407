/** Finds the workload of a pod from the pod alone, without asking the API for its owners. */
import { type Fields, fieldsOf } from '../model/json.ts';
import { type OwnedPod, ownerRules } from './owner-rules.ts';

/** Characters: the longest name of an API object, and the longest workload with all its parts. */
const longestName = 253;
const longestWorkload = 512;

/** Kinds of Kubernetes that other API groups use too, with their own group. */
const groups: Readonly<Record<string, string>> = {
  Deployment: 'apps',
  ReplicaSet: 'apps',
  StatefulSet: 'apps',
  DaemonSet: 'apps',
  Job: 'batch',
  CronJob: 'batch',
  ReplicationController: '',
  Service: '',
  Pod: '',
  Node: '',
};

/**
 * `Kind/name`, or `Kind.group/name` if another group reuses a kind of Kubernetes.
 * @returns undefined for a bare pod without a rule, and for a mirror pod
 */
export function workloadOf(metadata: Fields): string | undefined {
  const owners = Array.isArray(metadata['ownerReferences']) ? (metadata['ownerReferences'] as unknown[]) : [];
  const references = owners.filter((owner): owner is Fields => typeof owner === 'object' && owner !== null);
  const owner = references.find((reference) => reference['controller'] === true) ?? references[0];
  const pod = nameOf(metadata['name']);
  if (owner === undefined)
    return references.length === owners.length ? byRules('', pod, metadata) : undefined;
  const [kind, name] = [kindOf(owner), nameOf(owner['name'])];
  // The owner of a mirror pod is its node. Such a pod is its own workload.
  if (kind === '' || name === '' || kind === 'Node') return undefined;
  return byRules(kind, name, metadata) ?? bounded(`${kind}/${name}`);
}

/** Empty for anything but a valid length. Tenants write these texts, and the API does not limit their length. */
const nameOf = (value: unknown): string =>
  typeof value === 'string' && value.length <= longestName ? value : '';
const bounded = (workload: string): string | undefined =>
  workload.length <= longestWorkload ? workload : undefined;

function kindOf(owner: Fields): string {
  const [kind, version] = [nameOf(owner['kind']), nameOf(owner['apiVersion'])];
  const group = version.includes('/') ? version.slice(0, version.indexOf('/')) : '';
  // Before Kubernetes 1.16 the group of these kinds was `extensions`.
  const isOwn = group === '' || group === groups[kind] || group === 'extensions';
  return Object.hasOwn(groups, kind) && !isOwn ? `${kind}.${group}` : kind;
}

function byRules(kind: string, name: string, metadata: Fields): string | undefined {
  const [labels, annotations] = [fieldsOf(metadata['labels']), fieldsOf(metadata['annotations'])];
  const owned: OwnedPod = {
    name,
    pod: nameOf(metadata['name']),
    label: (key) => labelOf(labels, key),
    annotation: (key) => labelOf(annotations, key),
  };
  for (const { owner, workload } of ownerRules) {
    const found = owner === kind ? workload(owned) : undefined;
    if (found !== undefined) return bounded(found);
  }
  return undefined;
}

/** The value of a label or annotation. Empty if it contains characters that no name has. */
function labelOf(fields: Fields, key: string): string {
  const value = Object.hasOwn(fields, key) ? nameOf(fields[key]) : '';
  return /^[\w.-]*$/.test(value) ? value : '';
}
