/** The report of one node → what the page shows. It has more figures than the view of a cluster. */
import { defined } from '../model/json.ts';
import { version } from '../model/product.ts';
import type { Condition, ContainerReport, KilledContainer, NodeReport, PodReport } from '../model/report.ts';
import { epochSeconds } from '../model/time.ts';
import type { PageCondition, PageContainer, PageData, PageNode, PagePod } from './data.ts';
import { othersOf } from './from-others.ts';
import { pageUsageOf } from './from-usage.ts';

/** @param scope where the report comes from */
export function pageOfReport(report: NodeReport, scope: 'node' | 'host' | 'recording'): PageData {
  const { observed, containers, pods } = report;
  const { name } = report.metadata;
  const seconds = observed.at === undefined ? undefined : epochSeconds(observed.at);
  const inPods = Map.groupBy(containers, ({ podUID }) => podUID);
  return defined<PageData>({
    ...{ scope, name, version, at: seconds === undefined ? undefined : 1000 * seconds },
    nodes: [nodeOf(report, scope === 'node' ? 'agent' : 'host', seconds)],
    notes: notesOn(report),
    pods: pods.map((pod) => podOf(pod, name, inPods.get(pod.uid) ?? [])),
    others: othersOf(report),
  });
}

/** Conditions that need attention. */
export const unmet = (conditions: readonly Condition[]): readonly PageCondition[] =>
  conditions.flatMap(({ type, status, message }) => (status === 'True' ? [] : [{ type, status, message }]));

function nodeOf(
  { metadata, observed, node, omitted, conditions, pods }: NodeReport,
  from: 'agent' | 'host',
  seconds: number | undefined,
): PageNode {
  const { kernel, cgroupVersion, agent } = observed;
  const { podsBytes, podsRestBytes = 0 } = node?.parts ?? {};
  return defined<PageNode>({
    ...{ name: metadata.name, from, kernel, cgroupVersion, agent },
    observedAt: seconds === undefined ? undefined : 1000 * seconds,
    capacity: node?.totalBytes,
    real: node?.realUsedBytes,
    used: node?.usedBytes,
    workingSet: node?.workingSetBytes,
    available: node?.availableBytes,
    tmpfs: node?.sharedBytes,
    podsReal: podsBytes === undefined ? undefined : podsBytes + podsRestBytes,
    systemReal: node?.parts?.systemBytes,
    kernelReal: node?.parts?.restBytes,
    omitted: omitted?.count,
    // A host without pods needs no names of pods.
    conditions: unmet(conditions.filter(({ type }) => type !== 'NamesFresh' || pods.length > 0)),
  });
}

function notesOn({ skipped }: NodeReport): readonly string[] {
  const count = new Set(skipped.map(({ cgroup }) => cgroup)).size;
  if (count === 0) return [];
  const [first] = skipped;
  const cgroups = count === 1 ? '1 cgroup' : `${count} cgroups`;
  return [`${cgroups} skipped or partly unread: ${first?.cgroup ?? ''}: ${first?.why ?? ''}`];
}

function podOf(pod: PodReport, node: string, all: readonly ContainerReport[]): PagePod {
  // The table of containers hides sandboxes too. Their memory is part of the pod's.
  const containers = all.filter(({ type }) => type !== 'sandbox');
  const whole = wholeOf(pod, containers);
  return defined<PagePod>({
    namespace: pod.namespace ?? '-',
    name: pod.name ?? pod.uid,
    node,
    workload: pod.workload,
    real: pod.realBytes,
    ...whole,
    ooms: pod.oomKills ?? 0,
    containers: [...containers.map((one) => containerOf(one, pod)), ...(pod.killed ?? []).map(killedOf)],
  });
}

/** What the pod's own cgroup or its specification sets, where the containers do not add up to it. */
function wholeOf(
  { cgroup, requestBytes, limitBytes, limitFrom }: PodReport,
  containers: readonly ContainerReport[],
): Record<'request' | 'limit', number | undefined> {
  // A pod without a cgroup has the path and the settings of its first container.
  if (containers.some((one) => one.cgroup === cgroup)) return { request: undefined, limit: undefined };
  const requests = containers.reduce((sum, one) => sum + (one.requestBytes ?? 0), 0);
  const limits = containers.map((one) => (one.limitFrom === undefined ? one.limitBytes : undefined));
  const limit = limits.includes(undefined)
    ? undefined
    : limits.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  const own = limitFrom === undefined ? limitBytes : undefined;
  return {
    request: requestBytes === requests ? undefined : requestBytes,
    limit: own === limit ? undefined : own,
  };
}

function containerOf(container: ContainerReport, pod: PodReport): PageContainer {
  const { name, id, type, verdict, suggest } = container;
  return defined<PageContainer>({
    ...pageUsageOf(container, pod.cgroup),
    name: name ?? `${id.slice(0, 12)} (${type})`,
    type: type === 'container' ? undefined : type,
    verdict,
    suggestRequest: suggest?.requestBytes,
    suggestLimit: suggest?.limitBytes,
  });
}

/** A container between an OOM kill and its restart. It has no memory now. */
const killedOf = ({ name, type, oomKills, requestBytes, limitBytes }: KilledContainer): PageContainer =>
  defined<PageContainer>({
    ...{ name, type: type === 'container' ? undefined : type, verdict: 'OOMKilled' },
    ...{ ooms: oomKills, request: requestBytes, limit: limitBytes },
  });
