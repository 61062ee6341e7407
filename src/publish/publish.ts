/** Turns the node's report into the short report that the cluster stores. */
import { bytes, formatBytes } from '../model/bytes.ts';
import { defined } from '../model/json.ts';
import type { OwnerReference } from '../model/product.ts';
import { apiVersion } from '../model/product.ts';
import type { NodeReport, PodReport } from '../model/report.ts';
import { compareText, encodedLength } from '../model/text.ts';
import { podText, publishedPod, roundedQuantity } from './publish-pod.ts';
import type { PublishedCondition, PublishedNode, PublishedPod, PublishedReport } from './published.ts';

/** A ConfigMap may have 1 MiB, an object in etcd 1.5 MiB. managedFields and the indents of YAML need the rest. */
const longest = 700_000;

/**
 * @param owner the node: Kubernetes deletes the report with it
 * @throws if the report is of a recording without a time
 */
export function publishedOf(report: NodeReport, owner?: OwnerReference): PublishedReport {
  const { metadata, observed, conditions } = report;
  const { at } = observed;
  if (at === undefined) throw new Error('the report: expected a time in observed.at, got none');
  const containers = Map.groupBy(report.containers, ({ podUID }) => podUID);
  const named = report.pods.flatMap((pod) => publishedPod(pod, containers.get(pod.uid) ?? []));
  const pods = named.toSorted(byName);
  const node = publishedNode(report);
  const printed = conditions.map((condition) => ({
    ...condition,
    type: podText('reason', condition.type),
    reason: podText('reason', condition.reason),
    message: podText('message', condition.message),
  }));
  const whole: PublishedReport = {
    apiVersion,
    kind: 'NodeMemoryReport',
    metadata: { name: metadata.name, ...(owner !== undefined && { ownerReferences: [owner] }) },
    observed: {
      ...observed,
      at,
      agent: podText('version', observed.agent),
      ...(observed.kernel !== undefined && { kernel: podText('version', observed.kernel) }),
    },
    ...(node !== undefined && { node }),
    pods,
    status: { conditions: printed },
    // Readers of 0.1.0 know only this place, and its CRD requires it.
    conditions: printed,
  };
  return fit(whole, report.pods);
}

/** The conditions of a report. An agent of 0.1.0, or one on an older CRD, writes no status. */
export const conditionsOf = ({
  status,
  conditions,
}: Pick<PublishedReport, 'status' | 'conditions'>): readonly PublishedCondition[] =>
  status?.conditions ?? conditions ?? [];

/** A podText that differs if two reports differ for a reader. It ignores the times and the messages of conditions. */
export function newsIn({ observed, status, conditions, ...report }: PublishedReport): string {
  const { at: _, ...about } = observed;
  const states = conditionsOf(defined({ status, conditions })).map(({ type, status, reason }) => [
    type,
    status,
    reason,
  ]);
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
    workingSet: roundedQuantity(node.workingSetBytes),
    pods: pods.length,
    ooms: sum(({ oomKills }) => oomKills, pods),
    unidentified:
      unnamed.length === 0 ? undefined : formatBytes(bytes(sum(({ realBytes }) => realBytes, unnamed))),
  });
}

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
