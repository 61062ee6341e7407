/** Turns the node's report into the short report that the cluster stores. */
import { type Bytes, bytes, formatBytes } from '../model/bytes.ts';
import { defined } from '../model/defined.ts';
import type { ContainerType } from '../model/pod.ts';
import type { OwnerReference } from '../model/product.ts';
import { apiVersion } from '../model/product.ts';
import {
  type ContainerReport,
  isOwnLimit,
  type KilledContainer,
  type NodeReport,
  type PodReport,
} from '../model/report.ts';
import { compareText, encodedLength, printableUpTo } from '../model/text.ts';
import type { PublishedContainer, PublishedNode, PublishedPod, PublishedReport } from './published.ts';

/**
 * Maximum lengths of texts in the CRD, which also refuses control characters. Everybody can choose names of cgroups and owners.
 * The API server validates names of pods, but not those from the kubelet's log directories.
 */
const longestOf = { name: 253, label: 63, workload: 512, version: 128, reason: 64, message: 2048 } as const;
const text = (of: keyof typeof longestOf, value: string): string => printableUpTo(longestOf[of], value);

/** A ConfigMap may have 1 MiB, an object in etcd 1.5 MiB. managedFields and the indents of YAML need the rest. */
const longest = 700_000;

/**
 * @param owner the node: Kubernetes deletes the report with it
 * @throws if the report is of a recording without a time
 */
export function publish(report: NodeReport, owner?: OwnerReference): PublishedReport {
  const { metadata, observed, conditions } = report;
  const { at } = observed;
  if (at === undefined) throw new Error('the report: expected a time in observed.at, got none');
  const containers = Map.groupBy(report.containers, ({ podUID }) => podUID);
  const named = report.pods.flatMap((pod) => publishedPod(pod, containers.get(pod.uid) ?? []));
  const pods = named.toSorted(byName);
  const node = publishedNode(report);
  const whole: PublishedReport = {
    apiVersion,
    kind: 'NodeMemoryReport',
    metadata: { name: metadata.name, ...(owner !== undefined && { ownerReferences: [owner] }) },
    observed: {
      ...observed,
      at,
      agent: text('version', observed.agent),
      ...(observed.kernel !== undefined && { kernel: text('version', observed.kernel) }),
    },
    ...(node !== undefined && { node }),
    pods,
    conditions: conditions.map((condition) => ({
      ...condition,
      type: text('reason', condition.type),
      reason: text('reason', condition.reason),
      message: text('message', condition.message),
    })),
  };
  return fit(whole, report.pods);
}

/** A text that differs if two reports differ for a reader. It ignores the times and the messages of conditions. */
export function newsIn({ observed, conditions, ...report }: PublishedReport): string {
  const { at: _, ...about } = observed;
  const states = conditions.map(({ type, status, reason }) => [type, status, reason]);
  return JSON.stringify([about, report, states]);
}

const byName = (a: PublishedPod, b: PublishedPod): number =>
  compareText(a.namespace, b.namespace) || compareText(a.name, b.name);

function publishedNode({ node, pods }: NodeReport): PublishedNode | undefined {
  const used = node?.usedBytes;
  // The CRD requires `used`.
  if (node === undefined || used === undefined) return undefined;
  const { totalBytes: total, realUsedBytes: real } = node;
  const unnamed = pods.filter(({ name }) => name === undefined);
  const sum = (of: (pod: PodReport) => number | undefined, among: readonly PodReport[]): number =>
    among.reduce((all, pod) => all + (of(pod) ?? 0), 0);
  return defined<PublishedNode>({
    capacity: formatBytes(total),
    used: formatBytes(used),
    real: roundedQuantity(real),
    realPercent:
      real === undefined || total === 0 ? undefined : Math.max(0, Math.round((100 * real) / total)),
    available: roundedQuantity(node.availableBytes),
    pods: pods.length,
    ooms: sum(({ oomKills }) => oomKills, pods),
    unidentified:
      unnamed.length === 0 ? undefined : formatBytes(bytes(sum(({ realBytes }) => realBytes, unnamed))),
  });
}

function publishedPod(pod: PodReport, containers: readonly ContainerReport[]): PublishedPod[] {
  const { namespace, name, workload, realBytes, oomKills, killed = [] } = pod;
  if (namespace === undefined || name === undefined) return [];
  return [
    defined<PublishedPod>({
      namespace: text('label', namespace),
      name: text('name', name),
      workload: workload === undefined ? undefined : text('workload', workload),
      real: roundedQuantity(realBytes),
      ooms: oomKills === 0 ? undefined : oomKills,
      containers: [...containers.flatMap(publishedContainer), ...killed.map(publishedKilled)].toSorted(
        (a, b) => compareText(a.name, b.name),
      ),
    }),
  ];
}

/** Omits unnamed containers and the sandbox. The pod's real includes them. */
function publishedContainer(container: ContainerReport): PublishedContainer[] {
  const { name, type, cgroup, limitBytes, limitFrom, verdict } = container;
  if (name === undefined) return [];
  return [
    defined<PublishedContainer>({
      name: text('label', name),
      type: publishedType(type),
      real: roundedQuantity(container.realBytes),
      peak: roundedQuantity(container.peakRealBytes),
      request: roundedQuantity(container.requestBytes),
      limit: isOwnLimit(cgroup, limitFrom) ? roundedQuantity(limitBytes) : undefined,
      suggest: roundedQuantity(container.suggest?.requestBytes),
      verdict,
    }),
  ];
}

const publishedKilled = ({ name, type, requestBytes, limitBytes }: KilledContainer): PublishedContainer =>
  defined<PublishedContainer>({
    name: text('label', name),
    type: publishedType(type),
    request: roundedQuantity(requestBytes),
    limit: roundedQuantity(limitBytes),
    verdict: 'OOMKilled',
  });

/** The type in the report: absent for a regular container. A sandbox has no name and is never in the report. */
const publishedType = (type: ContainerType): PublishedContainer['type'] =>
  type === 'container' || type === 'sandbox' ? undefined : type;

/** At least 0: a difference of figures that were read one after another can be negative. */
const roundedQuantity = (amount: Bytes | undefined): string | undefined =>
  amount === undefined ? undefined : formatBytes(bytes(Math.max(0, amount)));

/** Omits and counts the smallest pods if the report is too large, because the API server would refuse all of it. */
function fit(report: PublishedReport, measured: readonly PodReport[]): PublishedReport {
  if (sizeOf(report) <= longest) return report;
  const real = new Map(
    measured.map(({ namespace, name, realBytes }) => [`${namespace}/${name}`, realBytes ?? 0]),
  );
  const realOf = ({ namespace, name }: PublishedPod): number => real.get(`${namespace}/${name}`) ?? 0;
  const largest = report.pods.toSorted((a, b) => realOf(b) - realOf(a));
  // A tenth is for the rest of the report: conditions can quote long texts.
  let room = longest * 0.9;
  const kept = new Set(
    largest.filter((pod) => {
      const size = sizeOf(pod) + 1;
      // A pod that is too large alone does not push out others.
      if (size > room) return false;
      room -= size;
      return true;
    }),
  );
  return {
    ...report,
    pods: report.pods.filter((pod) => kept.has(pod)),
    omitted: report.pods.length - kept.size,
  };
}

/** Size as JSON, in bytes. */
const sizeOf = (value: unknown): number => encodedLength(JSON.stringify(value));
