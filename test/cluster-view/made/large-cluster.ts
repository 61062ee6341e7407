/** The objects of a large cluster as its API server sends them: NodeMemoryReports, nodes and the agents' DaemonSet. */
import { randomFrom } from '../../../src/backtest/compare.ts';
import { formatRounded } from '../../../src/model/bytes.ts';
import { apiVersion } from '../../../src/model/product.ts';

export interface ClusterSize {
  readonly nodes: number;
  readonly podsPerNode: number;
}

export const largestCluster: ClusterSize = { nodes: 5_000, podsPerNode: 30 };

const at = '2026-01-05T00:00:00Z';
const MiB = 1024 * 1024;
const services = ['checkout', 'recommendation', 'search-frontend', 'billing-worker', 'auth', 'image-resizer'];
const names = ['server', 'istio-proxy', 'log-shipper'];
const verdicts = ['OK', 'OK', 'OK', 'NearLimit', 'Oversized', 'Learning', 'NoLimit', 'OOMKilled'];

const condition = (type: string, reason: string, message: string): object => ({
  ...{ type, status: 'True', reason, message, lastTransitionTime: at },
});
const conditions = [
  condition('Complete', 'AllRead', 'Every cgroup was read.'),
  condition('NamesFresh', 'Named', 'Names come from the API server.'),
  condition('PolicyEnforced', 'Enforced', 'A policy holds this agent to its own node.'),
];

const nodeName = (index: number): string => `aks-pool-${String(index).padStart(5, '0')}.example.internal`;

/** The report of one node. */
export function reportOf(index: number, podsPerNode: number) {
  const random = randomFrom(index);
  const pick = <Value>(all: readonly Value[]): Value => all[Math.floor(random() * all.length)] as Value;
  const letters = (length: number): string =>
    Math.floor(random() * 36 ** length)
      .toString(36)
      .padStart(length, '0');
  const containerOf = (name: string): object => {
    const real = random() * 3_000 * MiB;
    return {
      name,
      real: formatRounded(real),
      peak: formatRounded(1.2 * real),
      usage: formatRounded(1.6 * real),
      workingSet: formatRounded(1.3 * real),
      request: formatRounded(1.5 * real),
      limit: formatRounded(2 * real),
      suggest: formatRounded(1.1 * real),
      suggestLimit: formatRounded(1.4 * real),
      verdict: pick(verdicts),
    };
  };
  const pods = Array.from({ length: podsPerNode }, () => {
    const service = `${pick(services)}-${Math.floor(random() * 100)}`;
    return {
      namespace: `team-${Math.floor(random() * 200)}`,
      name: `${service}-${letters(10)}-${letters(5)}`,
      workload: `Deployment/${service}`,
      real: formatRounded(random() * 6_000 * MiB),
      containers: names.slice(0, 1 + Math.floor(random() * 3)).map(containerOf),
    };
  });
  return {
    ...{ apiVersion, kind: 'NodeMemoryReport' },
    metadata: { name: nodeName(index) },
    observed: { at, cgroupVersion: 2, kernel: '6.8.0-1021-azure', agent: '0.1.0', periodSeconds: 5 },
    node: {
      capacity: '256Gi',
      used: '190Gi',
      real: '128Gi',
      available: '120Gi',
      workingSet: '160Gi',
      pods: podsPerNode,
      ooms: 0,
    },
    pods,
    status: { conditions },
    conditions,
  };
}

const labels = {
  'kubernetes.io/os': 'linux',
  'kubernetes.io/arch': 'amd64',
  'node.kubernetes.io/instance-type': 'x',
};
/** A kubelet lists the 50 largest images. They make most of a node's object. */
const images = Array.from({ length: 50 }, (_, index) => ({
  names: [
    `registry.example.org/team/service-${index}@sha256:${'0'.repeat(64)}`,
    `registry.example.org/team/service-${index}:v1`,
  ],
  sizeBytes: 123_456_789 + index,
}));

export const nodeOf = (index: number) => ({
  metadata: { name: nodeName(index), labels },
  spec: { providerID: `azure:///${index}` },
  status: {
    allocatable: { cpu: '31580m', memory: '261843096Ki', pods: '110' },
    capacity: { cpu: '32', memory: '263843096Ki', pods: '110' },
    images,
    nodeInfo: { operatingSystem: 'linux' },
  },
});

/** The DaemonSet of the agents, as the chart makes it in what the view reads. */
export const agentSet = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { namespace: 'realmem', name: 'realmem', labels: { 'app.kubernetes.io/name': 'realmem' } },
  spec: {
    selector: { matchLabels: { app: 'realmem' } },
    template: {
      metadata: { labels: { app: 'realmem' } },
      spec: {
        containers: [{ name: 'agent', image: 'realmem' }],
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        tolerations: [{ operator: 'Exists' }],
      },
    },
  },
};
