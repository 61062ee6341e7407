/** The rows of a table: one for each container, pod, workload, namespace or node. */

import { type Bytes, bytes, sumOf } from '../model/bytes.ts';
import { isWorkload } from '../model/cgroup-role.ts';
import { workloadName } from '../model/container-key.ts';
import { defined } from '../model/json.ts';
import type { ContainerReport, NodeReport, OtherReport, PodReport } from '../model/report.ts';
import type { MemoryUsage } from '../model/usage.ts';
import type { Grouping, Row } from './row.ts';
import { type SortKey, sortRows } from './sort-rows.ts';

export interface Rows {
  readonly headings: readonly string[];
  readonly rows: readonly Row[];
  /** Number of services, slices and sandboxes without a row. */
  readonly hidden: number;
}

export interface RowOptions {
  readonly by: Grouping;
  /** For tables by container: show all services, slices and sandboxes, not only the important ones. */
  readonly all: boolean;
  readonly sortBy: SortKey;
  /** Chooses among the rows. Default: all. */
  readonly choose?: (rows: readonly Row[]) => readonly Row[];
}

/** The sorted rows of a report. */
export function rowsOf(report: NodeReport, { by, all, sortBy, choose = (rows) => rows }: RowOptions): Rows {
  const found = unsorted(report, by, all);
  return { ...found, rows: sortRows(choose(found.rows), sortBy) };
}

function unsorted(report: NodeReport, by: Grouping, all: boolean): Rows {
  if (by === 'container') return containerRows(report, all);
  const { of: kubectlTop, isShown } = kubectlTops(report);
  if (by === 'pod') {
    const rows = report.pods.map((pod) => podRow(pod, kubectlTop(pod)));
    return { headings: ['NAMESPACE', 'POD'], rows, hidden: 0 };
  }
  if (by === 'node') return { headings: ['NODE'], rows: [nodeRow(report)], hidden: 0 };
  const heading = by === 'workload' ? ['NAMESPACE', 'WORKLOAD'] : ['NAMESPACE'];
  const groups = Map.groupBy(report.pods, (pod) =>
    [pod.namespace ?? '-', ...(by === 'workload' ? [workloadOf(pod)] : [])].join('/'),
  );
  const rows = [...groups].map(([target, pods]): Row => {
    const [first] = pods as [PodReport, ...PodReport[]];
    return {
      labels: { NAMESPACE: first.namespace, ...(by === 'workload' && { WORKLOAD: workloadOf(first) }) },
      target,
      usage: total(pods),
      // kubectl top omits a pod without running containers, so the sum omits it too.
      kubectlTop: sumOf(pods.filter(isShown), kubectlTop),
    };
  });
  return { headings: heading, rows, hidden: 0 };
}

/** A pod without an owner is its own workload. */
const workloadOf = ({ workload, name, uid }: PodReport): string =>
  workloadName({ workload, name: name ?? uid });

function containerRows({ containers, others, pods }: NodeReport, all: boolean): Rows {
  const named = containers.filter(({ type }) => all || type !== 'sandbox');
  const outside = others.filter(({ type }) => all || isWorkload(type));
  const found = named.length + outside.length > 0;
  // A host without containers shows systemd's services, or else all cgroups.
  const services = others.filter(({ type }) => type === 'service');
  const usual = [...named, ...(found ? outside : services.length > 0 ? services : others)];
  const shown = new Set([...usual, ...importantHidden([...containers, ...others], usual, pods)]);
  const inPods = containers.filter((one) => shown.has(one));
  const owners = new Map(pods.map((pod) => [pod.uid, workloadOf(pod)]));
  const inPod = (container: ContainerReport): Row => {
    const workload = owners.get(container.podUID);
    return { ...containerRow(container), ...(workload !== undefined && { workload }) };
  };
  const rows = [...inPods.map(inPod), ...others.filter((one) => shown.has(one)).map(otherRow)];
  const headings = inPods.length > 0 ? ['NAMESPACE', 'POD', 'CONTAINER'] : ['TYPE', 'NAME'];
  return { headings, rows, hidden: containers.length + others.length - rows.length };
}

type Shown = ContainerReport | OtherReport;
type Sized = Pick<OtherReport, 'cgroup' | 'realBytes'>;

/**
 * Hidden cgroups that the table shows anyway: those with a limit of their own, and those larger than every shown row. An unknown
 * runtime may keep its containers in slices.
 */
function importantHidden(
  all: readonly Shown[],
  shown: readonly Shown[],
  pods: readonly PodReport[],
): readonly Shown[] {
  const isShown = new Set(shown);
  const hidden = all.filter((one) => !isShown.has(one));
  const limited = hidden.filter(hasOwnLimit);
  const largest = shown.reduce((most, { realBytes = 0 }) => Math.max(most, realBytes), 0);
  const covered = new Covered();
  // The rows of pods cover the memory that a pod has beyond its containers.
  for (const one of [...pods, ...shown, ...limited]) covered.take(one);
  // Deepest first: a deep cgroup says more, and its memory then no longer counts for the cgroups above it.
  const deepest = hidden.toSorted((a, b) => b.cgroup.split('/').length - a.cgroup.split('/').length);
  const large = deepest.filter((one) => {
    if (limited.includes(one) || (one.realBytes ?? 0) - covered.in(one) <= largest) return false;
    covered.take(one);
    return true;
  });
  return [...limited, ...large];
}

/** Whether the cgroup itself sets `memory.max` or `memory.high`. */
const hasOwnLimit = ({ limitBytes, limitFrom, highBytes, highFrom }: MemoryUsage): boolean =>
  (limitBytes !== undefined && limitFrom === undefined) ||
  (highBytes !== undefined && highFrom === undefined);

/** How much of each cgroup's real memory the rows below it cover. Each byte counts once. */
class Covered {
  private readonly amounts = new Map<string, number>();
  private readonly taken = new Set<string>();

  in({ cgroup }: Sized): number {
    return this.amounts.get(cgroup) ?? 0;
  }

  take(one: Sized): void {
    const more = (one.realBytes ?? 0) - this.in(one);
    this.taken.add(one.cgroup);
    this.amounts.set(one.cgroup, one.realBytes ?? 0);
    // The walk up ends at a cgroup with a row of its own: that row already counts in the cgroups above.
    for (
      let path = parentPath(one.cgroup);
      path !== undefined && !this.taken.has(path);
      path = parentPath(path)
    )
      this.amounts.set(path, (this.amounts.get(path) ?? 0) + more);
  }
}

const parentPath = (path: string): string | undefined =>
  path === '/' ? undefined : path.slice(0, path.lastIndexOf('/')) || '/';

const containerRow = (container: ContainerReport): Row => ({
  labels: {
    NAMESPACE: container.namespace,
    POD: container.pod ?? container.podUID,
    CONTAINER: container.name ?? `${container.id.slice(0, 12)} (${container.type})`,
  },
  target:
    container.namespace !== undefined && container.name !== undefined
      ? `${container.namespace}/${container.pod}/${container.name}`
      : container.cgroup,
  cgroup: container.cgroup,
  usage: container,
  ...(container.verdict !== undefined && { verdict: container.verdict }),
  ...(container.suggest !== undefined && { suggest: container.suggest }),
  kubectlTop: container.workingSetBytes,
});

/** `web (docker)`, or the name from the path: `53a11f13c080`. */
const nameOf = ({ name, containerName, runtime }: OtherReport): string =>
  containerName === undefined ? name : `${containerName} (${runtime})`;

const otherRow = (other: OtherReport): Row => ({
  labels: {
    TYPE: other.type,
    NAME: nameOf(other),
    CONTAINER: other.containerName === undefined ? `${other.name} (${other.type})` : nameOf(other),
  },
  target: other.cgroup,
  cgroup: other.cgroup,
  usage: other,
  kubectlTop: other.workingSetBytes,
});

/** By pod. Absent if the working set of one container is unknown, or if no container was read: metrics-server omits both. */
function kubectlTops({ containers }: NodeReport): {
  readonly of: (pod: PodReport) => Bytes | undefined;
  readonly isShown: (pod: PodReport) => boolean;
} {
  const shown = Map.groupBy(
    containers.filter(({ type }) => type !== 'sandbox'),
    ({ podUID }) => podUID,
  );
  return {
    of: ({ uid }) => sumOf(shown.get(uid) ?? [], ({ workingSetBytes }) => workingSetBytes),
    isShown: ({ uid }) => shown.has(uid),
  };
}

/** The TARGET argument of commands for a pod. */
export const podTarget = ({ namespace, name, cgroup }: PodReport): string =>
  namespace !== undefined && name !== undefined ? `${namespace}/${name}` : cgroup;

const podRow = (pod: PodReport, kubectlTop: Bytes | undefined): Row => ({
  labels: { NAMESPACE: pod.namespace, POD: pod.name ?? pod.uid },
  target: podTarget(pod),
  cgroup: pod.cgroup,
  workload: workloadOf(pod),
  usage: pod,
  kubectlTop,
});

function nodeRow({ metadata, node, pods }: NodeReport): Row {
  const usage: MemoryUsage = {
    ...(node?.realUsedBytes !== undefined && { realBytes: node.realUsedBytes }),
    ...(node?.usedBytes !== undefined && { usageBytes: node.usedBytes }),
    ...(node !== undefined && { limitBytes: node.totalBytes }),
  };
  const requests = pods.flatMap(({ requestBytes }) => requestBytes ?? []);
  const request =
    requests.length > 0 ? { requestBytes: bytes(requests.reduce<number>((a, b) => a + b, 0)) } : {};
  return { labels: { NODE: metadata.name }, target: metadata.name, usage: { ...usage, ...request } };
}

/** Sums over pods. A pod without a request counts as 0 in the sum of requests. */
function total(pods: readonly PodReport[]): MemoryUsage {
  const add = (of: (pod: PodReport) => Bytes | undefined): Bytes | undefined => sumOf(pods, of);
  const asked = pods.some(({ requestBytes }) => requestBytes !== undefined);
  return defined<MemoryUsage>({
    usageBytes: add((pod) => pod.usageBytes),
    realBytes: add((pod) => pod.realBytes),
    workingSetBytes: add((pod) => pod.workingSetBytes),
    rssBytes: add((pod) => pod.rssBytes),
    cacheBytes: add((pod) => pod.cacheBytes),
    shmemBytes: add((pod) => pod.shmemBytes),
    swapBytes: add((pod) => pod.swapBytes),
    limitBytes: add((pod) => (pod.limitFrom === undefined ? pod.limitBytes : undefined)),
    highBytes: add((pod) => (pod.highFrom === undefined ? pod.highBytes : undefined)),
    requestBytes: asked ? add((pod) => pod.requestBytes ?? bytes(0)) : undefined,
    clamped: pods.some(({ clamped }) => clamped === true) ? true : undefined,
  });
}
