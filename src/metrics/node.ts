/** Metrics of what a report holds: containers, pods, cgroups outside pods, and the node. */
import { type ContainerReport, type NodeReport, verdicts } from '../model/report.ts';
import { epochSeconds } from '../model/time.ts';
import { first, type Group, group, type Metric, second } from './metric.ts';
import { cgroupUsage, containerUsage } from './usage.ts';

/** After a restart a container can have its old and its new cgroup. A series has one value: that of the cgroup with more usage. */
function* namedContainers({ metadata, containers }: NodeReport) {
  const largest = new Map<string, ContainerReport>();
  for (const container of containers) {
    const { namespace, pod, name } = container;
    if (namespace === undefined || pod === undefined || name === undefined) continue;
    const key = `${namespace}/${pod}/${name}`;
    if ((largest.get(key)?.usageBytes ?? -1) <= (container.usageBytes ?? 0)) largest.set(key, container);
  }
  for (const container of largest.values()) {
    const { namespace = '', pod = '', name = '' } = container;
    yield [[namespace, pod, name, metadata.name], container] as const;
  }
}

const suggested: readonly Metric<ContainerReport>[] = (['request', 'limit'] as const).map((what) => ({
  name: `realmem_container_suggested_${what}_bytes`,
  type: 'gauge',
  help: `Suggested memory ${what}, from the history of this node.`,
  since: first,
  read: ({ suggest }) => suggest?.[`${what}Bytes`],
}));

const verdictMetric: Metric<ContainerReport> = {
  name: 'realmem_container_verdict',
  type: 'gauge',
  help: 'Verdict on a container: a series for each verdict, 1 for the one that applies, 0 for the others.',
  since: first,
  labels: ['verdict'],
  read: ({ verdict }) =>
    verdict === undefined
      ? undefined
      : verdicts.map((one) => ({ labels: [one], value: one === verdict ? 1 : 0 })),
};

/** A StatefulSet's pod that is replaced has the name of the old one. A join by name allows one series: that of the later pod. */
function* namedPods({ metadata, pods }: NodeReport) {
  const byName = new Map(
    pods.flatMap((pod) =>
      pod.namespace === undefined || pod.name === undefined ? [] : [[`${pod.namespace}/${pod.name}`, pod]],
    ),
  );
  for (const { namespace = '', name = '', uid, workload = '' } of byName.values()) {
    const slash = workload.indexOf('/');
    const [kind, workloadName] = [workload.slice(0, Math.max(slash, 0)), workload.slice(slash + 1)];
    yield [[namespace, name, uid, kind, workloadName, metadata.name], 1] as const;
  }
}

const podInfo: Metric<1> = {
  name: 'realmem_pod_info',
  type: 'info',
  help: 'The workload of a pod, as labels. The value is always 1. Join it with series of containers on namespace, pod and node.',
  since: second,
  read: () => 1,
};

const gauge = (
  name: string,
  help: string,
  read: (report: NodeReport) => number | undefined,
): Metric<NodeReport> => ({ name: `realmem_${name}`, type: 'gauge', help, since: first, read });

const ofNode: readonly Metric<NodeReport>[] = [
  gauge(
    'unidentified_bytes',
    'Real memory of containers whose names the agent does not know.',
    ({ containers }) =>
      containers
        .filter(({ name, type }) => name === undefined && type !== 'sandbox')
        .reduce((sum, { realBytes }) => sum + (realBytes ?? 0), 0),
  ),
  gauge(
    'node_real_used_bytes',
    'Real memory of the node: used − buffers − (cached − shmem). It includes tmpfs and slab.',
    ({ node }) => node?.realUsedBytes,
  ),
  gauge(
    'node_used_bytes',
    'Memory that is not free: total − free. It includes page cache.',
    ({ node }) => node?.usedBytes,
  ),
  gauge('node_total_bytes', 'Total memory of the node (MemTotal).', ({ node }) => node?.totalBytes),
  gauge(
    'node_available_bytes',
    "The kernel's estimate of the memory that new programs can get without swapping (MemAvailable).",
    ({ node }) => node?.availableBytes,
  ),
  gauge(
    'skipped_cgroups',
    'Cgroups that the agent skipped or read only in part. The report says why.',
    ({ skipped }) => new Set(skipped.map(({ cgroup }) => cgroup)).size,
  ),
  gauge(
    'omitted_cgroups',
    'The smallest cgroups, omitted because there are too many.',
    ({ omitted }) => omitted?.count,
  ),
  gauge('omitted_usage_bytes', 'Usage of the omitted cgroups.', ({ omitted }) => omitted?.usageBytes),
  gauge(
    'observed_timestamp_seconds',
    'When the agent read the figures, as a Unix time.',
    ({ observed: { at } }) => (at === undefined ? undefined : epochSeconds(at)),
  ),
];

export const reportGroups: readonly Group<NodeReport>[] = [
  group(['namespace', 'pod', 'container', 'node'], namedContainers, [
    ...containerUsage,
    ...suggested,
    verdictMetric,
  ]),
  group(['namespace', 'pod', 'uid', 'workload_kind', 'workload', 'node'], namedPods, [podInfo]),
  group(
    ['cgroup', 'type', 'node'],
    ({ metadata, others }: NodeReport) =>
      others.map((other) => [[other.cgroup, other.type, metadata.name], other] as const),
    cgroupUsage,
  ),
  group(['node'], (report: NodeReport) => [[[report.metadata.name], report]] as const, ofNode),
];
