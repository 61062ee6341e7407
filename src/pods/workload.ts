/** The workload of a pod, as far as the pod itself tells: no further object is asked for. */
import { type Fields, fieldsOf } from '../model/json.ts';
import { type Owned, rules } from './owner-rules.ts';

/** The longest name of an object, and of what several are put together to. */
const longestName = 253;
const longestWorkload = 512;

/** Kinds that other API groups have too, and the group of Kubernetes that has each. */
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

/** `Kind/name`; undefined for a bare pod. `Kind.group/name` where Kubernetes has a kind of that name itself. */
export function workloadOf(metadata: Fields): string | undefined {
  const owners = Array.isArray(metadata['ownerReferences']) ? (metadata['ownerReferences'] as unknown[]) : [];
  const references = owners.filter((owner): owner is Fields => typeof owner === 'object' && owner !== null);
  const owner = references.find((reference) => reference['controller'] === true) ?? references[0];
  const pod = textOf(metadata['name']);
  if (owner === undefined) return references.length === owners.length ? ruled('', pod, metadata) : undefined;
  const [kind, name] = [kindOf(owner), textOf(owner['name'])];
  // A mirror pod is owned by its node: it is a workload of its own.
  if (kind === '' || name === '' || kind === 'Node') return undefined;
  return ruled(kind, name, metadata) ?? bounded(`${kind}/${name}`);
}

/** The API takes any length, and the pod's owner writes it: what is longer than any name is none. */
const textOf = (value: unknown): string =>
  typeof value === 'string' && value.length <= longestName ? value : '';
const bounded = (workload: string): string | undefined =>
  workload.length <= longestWorkload ? workload : undefined;

function kindOf(owner: Fields): string {
  const [kind, version] = [textOf(owner['kind']), textOf(owner['apiVersion'])];
  const group = version.includes('/') ? version.slice(0, version.indexOf('/')) : '';
  // `extensions`: before Kubernetes 1.16.
  const isOwn = group === '' || group === groups[kind] || group === 'extensions';
  return Object.hasOwn(groups, kind) && !isOwn ? `${kind}.${group}` : kind;
}

function ruled(kind: string, name: string, metadata: Fields): string | undefined {
  const [labels, annotations] = [fieldsOf(metadata['labels']), fieldsOf(metadata['annotations'])];
  const owned: Owned = {
    name,
    pod: textOf(metadata['name']),
    label: (key) => labelOf(labels, key),
    annotation: (key) => labelOf(annotations, key),
  };
  for (const { owner, workload } of rules) {
    const found = owner === kind ? workload(owned) : undefined;
    if (found !== undefined) return bounded(found);
  }
  return undefined;
}

/** A label's value, or an annotation's that is a name; anything else stands in no workload. */
function labelOf(fields: Fields, key: string): string {
  const value = Object.hasOwn(fields, key) ? textOf(fields[key]) : '';
  return /^[\w.-]*$/.test(value) ? value : '';
}
