/** On which nodes a DaemonSet runs a pod, by the rules of its controller. */
import { type Fields, fieldsOf, listOf, textOf } from '../model/json.ts';

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** What decides on a node's pods. */
export interface NodeFacts {
  readonly name: string;
  readonly labels: Fields;
  readonly taints: readonly Taint[];
  /** `linux` or `windows`. Absent: not known. */
  readonly os?: string;
}

/** Taints that each pod of a DaemonSet tolerates: its controller adds the tolerations. */
const builtIn = [
  'not-ready',
  'unreachable',
  'disk-pressure',
  'memory-pressure',
  'pid-pressure',
  'unschedulable',
].map((key): Fields => ({ key: `node.kubernetes.io/${key}`, operator: 'Exists' }));
const onHostNetwork: Fields = { key: 'node.kubernetes.io/network-unavailable', operator: 'Exists' };

/** @param template the pod spec of a DaemonSet @returns whether its controller runs a pod on a node */
export function placementOf(template: Fields): (node: NodeFacts) => boolean {
  const selector = Object.entries(fieldsOf(template['nodeSelector']));
  const affinity = fieldsOf(fieldsOf(template['affinity'])['nodeAffinity']);
  const required = affinity['requiredDuringSchedulingIgnoredDuringExecution'];
  const terms = required === undefined ? undefined : listOf(fieldsOf(required)['nodeSelectorTerms']);
  const tolerations = [
    ...listOf(template['tolerations']),
    ...builtIn,
    ...(template['hostNetwork'] === true ? [onHostNetwork] : []),
  ];
  return (node) =>
    selector.every(([key, value]) => labelOf(node.labels, key) === value) &&
    (terms === undefined || terms.some((term) => matchesTerm(term, node))) &&
    node.taints
      .filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute')
      .every((taint) => tolerations.some((toleration) => tolerates(toleration, taint)));
}

/** A term without expressions matches no node. */
function matchesTerm(term: Fields, { name, labels }: NodeFacts): boolean {
  const [expressions, fields] = [listOf(term['matchExpressions']), listOf(term['matchFields'])];
  return (
    expressions.length + fields.length > 0 &&
    expressions.every((one) => matches(one, labelOf(labels, textOf(one['key']) ?? ''))) &&
    fields.every((one) => one['key'] === 'metadata.name' && matches(one, name))
  );
}

/** @param value of the label; undefined: the node does not have it */
function matches({ operator, values }: Fields, value: string | undefined): boolean {
  const wanted: readonly unknown[] = Array.isArray(values) ? values : [];
  switch (operator) {
    case 'In':
      return value !== undefined && wanted.includes(value);
    case 'NotIn':
      return value === undefined || !wanted.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return wholeNumber(value) > wholeNumber(wanted[0]);
    case 'Lt':
      return wholeNumber(value) < wholeNumber(wanted[0]);
    default:
      return false;
  }
}

/** NaN, which is neither more nor less than any number, for anything else. */
const wholeNumber = (value: unknown): number =>
  typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;

/** An unknown operator of a newer version tolerates nothing: realmem rather calls no node missing than the wrong one. */
function tolerates(toleration: Fields, { key, value, effect }: Taint): boolean {
  const { operator } = toleration;
  const [ofKey, ofEffect] = [textOf(toleration['key']), textOf(toleration['effect'])];
  if (ofEffect !== undefined && ofEffect !== effect) return false;
  if (ofKey === undefined) return operator === 'Exists';
  if (ofKey !== key) return false;
  if (operator === 'Exists') return true;
  return (textOf(operator) ?? 'Equal') === 'Equal' && (textOf(toleration['value']) ?? '') === value;
}

const labelOf = (labels: Fields, key: string): string | undefined => {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  return typeof value === 'string' ? value : undefined;
};

/** Nodes without a kernel to read: a virtual kubelet or Fargate runs their pods elsewhere. The chart's affinity has the same. */
const virtualLabels: readonly (readonly [string, string])[] = [
  ['type', 'virtual-kubelet'],
  // Virtual nodes of Azure Container Instances, version 2.
  ['virtualization', 'virtualnode2'],
  ['eks.amazonaws.com/compute-type', 'fargate'],
];
/** Providers of virtual kubelets can rename the label, but not all rename the taint. */
const virtualTaint = 'virtual-kubelet.io/provider';

/** Whether an agent can run on the node at all: it runs Linux, and it is a machine. */
export const isLinuxMachine = ({ labels, taints, os = 'linux' }: NodeFacts): boolean =>
  os === 'linux' &&
  !virtualLabels.some(([key, value]) => labelOf(labels, key) === value) &&
  !taints.some(({ key }) => key === virtualTaint);

/** Reads a node of the API. Undefined: it has no name. */
export function nodeFactsOf(item: unknown): NodeFacts | undefined {
  const node = fieldsOf(item);
  const metadata = fieldsOf(node['metadata']);
  const name = textOf(metadata['name']);
  if (name === undefined) return undefined;
  const labels = fieldsOf(metadata['labels']);
  const os =
    labelOf(labels, 'kubernetes.io/os') ??
    labelOf(labels, 'beta.kubernetes.io/os') ??
    textOf(fieldsOf(fieldsOf(node['status'])['nodeInfo'])['operatingSystem']);
  const taints = listOf(fieldsOf(node['spec'])['taints']).map((taint) => ({
    key: textOf(taint['key']) ?? '',
    value: textOf(taint['value']) ?? '',
    effect: textOf(taint['effect']) ?? '',
  }));
  return { name, labels, taints, ...(os !== undefined && { os }) };
}
