/** Made reports, nodes and DaemonSets as the API sends them. */
import type { ClusterView } from '../../../src/cluster/view.ts';
import { apiVersion } from '../../../src/model/product.ts';
import { rfc3339 } from '../../../src/model/time.ts';

/** The time of reading, in milliseconds since 1970. */
export const at = Date.UTC(2026, 0, 5, 12);

/** @param pods namespace and name of each @param ageMs how long before `at` the agent observed the node */
export const reportOf = (
  name: string,
  pods: readonly (readonly [string, string])[] = [],
  { ageMs = 60_000, ...more }: { readonly ageMs?: number; readonly [field: string]: unknown } = {},
): object => ({
  ...{ apiVersion, kind: 'NodeMemoryReport', metadata: { name } },
  observed: { at: rfc3339(at - ageMs), agent: '0.1.0', periodSeconds: 5 },
  node: { capacity: '8Gi', used: '6Gi', real: '4Gi', available: '4Gi', pods: pods.length, ooms: 0 },
  pods: pods.map(([namespace, name]) => ({
    ...{ namespace, name, real: '100Mi' },
    containers: [{ name: 'main', real: '100Mi' }],
  })),
  conditions: [],
  ...more,
});

export const nodeOf = (
  name: string,
  { labels = {}, taints = [], os = 'linux', memory = '7Gi' }: Partial<MadeNode> = {},
): object => ({
  metadata: { name, labels },
  spec: { taints },
  status: { allocatable: { cpu: '2', memory }, nodeInfo: { operatingSystem: os } },
});

interface MadeNode {
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly object[];
  readonly os: string;
  readonly memory: string;
}

export const agentsPath = '/apis/apps/v1/daemonsets';

/** @param spec of the pods */
export const agentsOf = (spec: object = {}, namespace = 'realmem', desired = 1): object => ({
  metadata: { namespace, name: 'realmem' },
  spec: { template: { spec } },
  status: { desiredNumberScheduled: desired },
});

/** `namespace/name` of the pods of each node. */
export const podNames = ({ nodes }: ClusterView): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    nodes.map(({ name, pods }) => [name, pods.map((pod) => `${pod.namespace}/${pod.name}`)]),
  );
