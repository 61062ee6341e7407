/** The rows of a cluster's tables: one for each container, pod, workload, namespace or node. */
import { type Bytes, bytes, knownSum, sumOf } from '../model/bytes.ts';
import { workloadName } from '../model/container-key.ts';
import { defined } from '../model/json.ts';
import { type Verdict, worstVerdict } from '../model/report.ts';
import type { MemoryUsage } from '../model/usage.ts';
import type { Grouping, Row } from '../render/row.ts';
import type { ClusterView, ContainerView, NodeView, PodView } from './view.ts';

export const headingsOf: Readonly<Record<Grouping, readonly string[]>> = {
  container: ['NAMESPACE', 'POD', 'CONTAINER'],
  pod: ['NAMESPACE', 'POD'],
  workload: ['NAMESPACE', 'WORKLOAD'],
  namespace: ['NAMESPACE'],
  node: ['NODE'],
};

/** The rows of a view, not sorted. */
export function clusterRows(view: ClusterView, by: Grouping): readonly Row[] {
  const { at, nodes } = view;
  if (by === 'node') return nodes.map((node) => nodeRow(node, at));
  if (by === 'workload' || by === 'namespace') return groupRows(nodes, by, at);
  const rows: Row[] = [];
  for (const node of nodes)
    for (const pod of node.pods)
      if (by === 'pod') rows.push(podRow(pod, node, at));
      else for (const container of pod.containers) rows.push(new ContainerRow(container, pod, node, at));
  return rows;
}

/** Seconds since the agent observed the node. Undefined for a report that is current. */
export const staleSeconds = ({ isStale, observedAt }: NodeView, at: number): number | undefined =>
  isStale ? Math.max(0, Math.round((at - (observedAt ?? 0)) / 1000)) : undefined;

/** Reports omit zeros. If a report counts only the kills of the pod, those of a container are unknown. */
const killsOf = ({ ooms }: ContainerView, { ooms: ofPod, containers }: PodView): number | undefined =>
  ooms ?? (ofPod === 0 || containers.some((one) => one.ooms !== undefined) ? 0 : undefined);

/** Getters keep the row small: a cluster can have some 200,000 containers. */
class ContainerRow implements Row {
  private readonly container: ContainerView;
  private readonly pod: PodView;
  private readonly from: NodeView;
  private readonly at: number;

  constructor(container: ContainerView, pod: PodView, node: NodeView, at: number) {
    this.container = container;
    this.pod = pod;
    this.from = node;
    this.at = at;
  }

  get labels(): Row['labels'] {
    const { namespace, name } = this.pod;
    return { NAMESPACE: namespace, POD: name, CONTAINER: this.container.name };
  }

  get target(): string {
    return `${this.pod.namespace}/${this.pod.name}/${this.container.name}`;
  }

  get node(): string {
    return this.from.name;
  }

  get workload(): string {
    return workloadName(this.pod);
  }

  get usage(): MemoryUsage {
    const { real, usage, workingSet, limit, request, peak } = this.container;
    const kills = killsOf(this.container, this.pod);
    // Every cell of a table asks for this: `defined` would take most of the time.
    const figures: MemoryUsage = {};
    if (real !== undefined) figures.realBytes = real;
    if (usage !== undefined) figures.usageBytes = usage;
    if (workingSet !== undefined) figures.workingSetBytes = workingSet;
    if (limit !== undefined) figures.limitBytes = limit;
    if (request !== undefined) figures.requestBytes = request;
    if (peak !== undefined) figures.peakRealBytes = peak;
    if (kills !== undefined) figures.oomKills = kills;
    return figures;
  }

  get kubectlTop(): Bytes | undefined {
    return this.container.workingSet;
  }

  get verdict(): Verdict | undefined {
    return this.container.verdict;
  }

  get suggest(): Row['suggest'] {
    const { suggestRequest: requestBytes, suggestLimit: limitBytes } = this.container;
    return requestBytes === undefined && limitBytes === undefined
      ? undefined
      : defined({ requestBytes, limitBytes });
  }

  get staleSeconds(): number | undefined {
    return staleSeconds(this.from, this.at);
  }
}

function podRow(pod: PodView, node: NodeView, at: number): Row {
  const { namespace, name } = pod;
  return defined<Row>({
    labels: { NAMESPACE: namespace, POD: name },
    target: `${namespace}/${name}`,
    node: node.name,
    workload: workloadName(pod),
    usage: podUsage(pod),
    kubectlTop: sumOf(pod.containers, ({ workingSet }) => workingSet),
    verdict: worstVerdict(verdictsIn([pod])),
    staleSeconds: staleSeconds(node, at),
  });
}

const podUsage = ({ real, request, limit, ooms, containers }: PodView): MemoryUsage =>
  defined<MemoryUsage>({
    realBytes: real ?? sumOf(containers, (one) => one.real),
    usageBytes: sumOf(containers, (one) => one.usage),
    workingSetBytes: sumOf(containers, (one) => one.workingSet),
    limitBytes: limit ?? sumOf(containers, (one) => one.limit),
    requestBytes: podRequest({ request, containers }),
    oomKills: ooms,
  });

/** What the pod requests. Absent: nothing. */
const podRequest = ({
  request,
  containers,
}: Pick<PodView, 'containers'> & { request?: Bytes | undefined }): Bytes | undefined =>
  request ?? knownSum(containers, (one) => one.request);

/** Among all containers. A generator: a namespace can have very many of them. */
function* verdictsIn(pods: readonly PodView[]) {
  for (const { containers } of pods) for (const { verdict } of containers) yield verdict;
}

function groupRows(nodes: readonly NodeView[], by: 'workload' | 'namespace', at: number): readonly Row[] {
  const groups = new Map<string, { pods: PodView[]; stale: number | undefined }>();
  for (const node of nodes) {
    const stale = staleSeconds(node, at);
    for (const pod of node.pods) {
      const key = by === 'namespace' ? pod.namespace : `${pod.namespace}/${workloadName(pod)}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { pods: [pod], stale });
      else {
        group.pods.push(pod);
        if (stale !== undefined) group.stale = Math.max(stale, group.stale ?? 0);
      }
    }
  }
  return [...groups].map(([target, { pods, stale }]) => {
    const [first] = pods as [PodView, ...PodView[]];
    const usages = pods.map(podUsage);
    const add = (of: (usage: MemoryUsage) => Bytes | undefined): Bytes | undefined => sumOf(usages, of);
    return defined<Row>({
      labels: { NAMESPACE: first.namespace, ...(by === 'workload' && { WORKLOAD: workloadName(first) }) },
      target,
      pods: pods.length,
      usage: defined<MemoryUsage>({
        realBytes: add((usage) => usage.realBytes),
        usageBytes: add((usage) => usage.usageBytes),
        workingSetBytes: add((usage) => usage.workingSetBytes),
        limitBytes: add((usage) => usage.limitBytes),
        requestBytes: knownSum(usages, (usage) => usage.requestBytes),
        oomKills: usages.reduce((sum, { oomKills = 0 }) => sum + oomKills, 0),
      }),
      kubectlTop: add((usage) => usage.workingSetBytes),
      verdict: worstVerdict(verdictsIn(pods)),
      staleSeconds: stale,
    });
  });
}

/** A pod without an owner is its own workload. */

function nodeRow(node: NodeView, at: number): Row {
  const { name, real, used, capacity, allocatable, workingSet, pods } = node;
  return defined<Row>({
    labels: { NODE: name },
    target: name,
    node: name,
    pods: pods.length,
    usage: defined<MemoryUsage>({
      realBytes: real,
      usageBytes: used,
      limitBytes: capacity,
      requestBytes: knownSum(pods, podRequest),
      oomKills: pods.reduce((sum, { ooms }) => sum + ooms, 0),
    }),
    kubectlTop: workingSet,
    allocatable,
    podsReal: sumOf(pods, (pod) => podUsage(pod).realBytes) ?? (pods.length === 0 ? bytes(0) : undefined),
    seenSeconds: node.observedAt === undefined ? undefined : Math.round((at - node.observedAt) / 1000),
    staleSeconds: staleSeconds(node, at),
  });
}
