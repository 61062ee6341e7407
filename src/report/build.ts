/** Builds the node's report from one accounted pass. */

import { type Bytes, bytes } from '../model/bytes.ts';
import type { Skipped } from '../model/cgroup.ts';
import { defined } from '../model/json.ts';
import type { Accounted, Judged } from '../model/observation.ts';
import type { Pod } from '../model/pod.ts';
import { apiVersion } from '../model/product.ts';
import type { Recommendation } from '../model/recommendation.ts';
import type {
  Condition,
  ContainerReport,
  KilledContainer,
  NodeMemory,
  NodeReport,
  Omitted,
  OtherReport,
  PodReport,
  ReportContext,
  Suggested,
} from '../model/report.ts';
import { compareText } from '../model/text.ts';
import { knownFigures, type MemoryUsage } from '../model/usage.ts';
import type { JudgedContainer, JudgedPod, KeptRows, PodsContainers } from './kept-rows.ts';

export interface Findings {
  readonly node: string;
  readonly observed: ReportContext;
  readonly memory?: NodeMemory;
  readonly accounted: readonly Judged[];
  /** Rows of the last report. Absent for a single report. */
  readonly rows?: KeptRows;
  /** OOM kills of a container over all its lifetimes. */
  readonly killsOf?: (podUID: string, container: string) => number | undefined;
  readonly skipped: readonly Skipped[];
  readonly omitted?: Omitted;
  readonly conditions: readonly Condition[];
}

/** Sorts each list by cgroup path, so that the same state of a node gives the same report. */
export function buildReport(findings: Findings): NodeReport {
  const { accounted, memory, omitted } = findings;
  const containers = accounted
    .filter(isContainer)
    .map((judged) => findings.rows?.of(judged, containerReport) ?? containerReport(judged))
    .sort(byCgroup);
  const byPod = Map.groupBy(containers, ({ podUID }) => podUID);
  return {
    apiVersion,
    kind: 'NodeMemoryReport',
    metadata: { name: findings.node },
    observed: findings.observed,
    ...(memory !== undefined && { node: memory }),
    pods: [
      ...accounted.filter(isPod).map((judged) => podReport(judged, byPod, findings)),
      ...podsWithoutCgroup(accounted, byPod, findings.killsOf),
    ].sort(byCgroup),
    containers,
    others: accounted.flatMap(otherOf).sort(byCgroup),
    skipped: [...findings.skipped].sort(byCgroup),
    ...(omitted !== undefined && { omitted }),
    conditions: [...findings.conditions],
  };
}

const byCgroup = (a: { cgroup: string }, b: { cgroup: string }): number => compareText(a.cgroup, b.cgroup);

const isContainer = (judged: Judged): judged is JudgedContainer => judged.role.kind === 'container';
const isPod = (judged: Judged): judged is JudgedPod => judged.role.kind === 'pod';

function containerReport(judged: JudgedContainer): ContainerReport {
  const { role, sample, pod, container, usage, verdict, recommendation } = judged;
  const runtime = role.runtime ?? container?.container?.runtime;
  return {
    ...(pod !== undefined && { namespace: pod.namespace, pod: pod.name }),
    podUID: pod?.uid ?? role.podUID,
    ...(container?.container !== undefined && { name: container.container.name }),
    id: role.id,
    ...(runtime !== undefined && { runtime }),
    type: container?.type ?? (role.sandbox ? 'sandbox' : 'unknown'),
    cgroup: sample.id.path,
    ...usage,
    ...(verdict !== undefined && { verdict }),
    ...suggestFields(usage, pod, recommendation),
  };
}

function suggestFields(
  { requestBytes, limitBytes, limitFrom }: MemoryUsage,
  pod: Pod | undefined,
  recommendation: Recommendation | undefined,
): { readonly suggest?: Suggested } {
  if (recommendation === undefined) return {};
  const { request, limit, confidence, learning } = recommendation;
  if (learning === undefined) {
    // The pod's own request and limit apply to a container that sets none.
    const isPodsRequest = requestBytes === undefined && pod?.request !== undefined;
    const isPodsLimit = (limitBytes === pod?.limit || limitFrom !== undefined) && pod?.limit !== undefined;
    return {
      suggest: {
        ...(!isPodsRequest && { requestBytes: request.target }),
        ...(!isPodsLimit && { limitBytes: limit.target }),
        confidence,
      },
    };
  }
  const raised = (now: Bytes | undefined, then: Bytes | undefined): Bytes | undefined =>
    then !== undefined && then > (now ?? 0) ? then : undefined;
  const suggest = defined<Suggested>({
    requestBytes: raised(requestBytes, learning.request),
    limitBytes: raised(limitBytes, learning.limit),
    confidence,
  });
  return suggest.requestBytes === undefined && suggest.limitBytes === undefined ? {} : { suggest };
}

function podReport(
  judged: JudgedPod,
  byPod: ReadonlyMap<string, readonly ContainerReport[]>,
  { rows, killsOf }: Findings,
): PodReport {
  const { role, pod } = judged;
  const containers = byPod.get(pod?.uid ?? role.podUID) ?? [];
  const killed = pod === undefined || killsOf === undefined ? [] : killedContainers(pod, containers, killsOf);
  return rows?.ofPod(judged, { containers, killed }, podRow) ?? podRow(judged, { containers, killed });
}

function podRow({ role, sample, pod, usage }: JudgedPod, { containers, killed }: PodsContainers): PodReport {
  const below = containers.filter(({ cgroup }) => cgroup.startsWith(`${sample.id.path}/`));
  const elsewhere = containers.filter((container) => !below.includes(container));
  const rest = restOf('realBytes', usage, below);
  const restShmem = restOf('shmemBytes', usage, below);
  return {
    ...podNames(pod),
    uid: pod?.uid ?? role.podUID,
    qos: pod?.qos ?? role.qos,
    ...(pod?.workload !== undefined && { workload: pod.workload }),
    cgroup: sample.id.path,
    // If kubelet and runtime use different cgroup drivers, the kubelet's cgroup of a pod is empty and its containers are elsewhere.
    ...elsewhere.reduce(addedUsage, usage),
    ...(rest !== undefined && { restBytes: rest }),
    ...(restShmem !== undefined && { restShmemBytes: restShmem }),
    ...(killed.length > 0 && { killed }),
  };
}

/** Containers that an OOM kill ended and that have no cgroup now. The API still says how they ended. */
function killedContainers(
  pod: Pod,
  living: readonly ContainerReport[],
  killsOf: NonNullable<Findings['killsOf']>,
): readonly KilledContainer[] {
  if (pod.containers.every(({ running, oomKilled }) => running || oomKilled === undefined)) return [];
  return pod.containers.flatMap(({ name, type, ids, running, oomKilled = [], request, limit }) => {
    const oomKills = killsOf(pod.uid, name);
    const [last] = ids;
    if (running || oomKills === undefined || !oomKilled.some(({ id }) => id === last)) return [];
    if (living.some((container) => container.name === name)) return [];
    return [defined<KilledContainer>({ name, type, oomKills, requestBytes: request, limitBytes: limit })];
  });
}

const podNames = (pod: Pod | undefined) =>
  pod === undefined ? {} : { namespace: pod.namespace, name: pod.name };

/** Pods without a cgroup of their own but with containers. Their figures are the sums over the containers. */
function podsWithoutCgroup(
  accounted: readonly Accounted[],
  byPod: ReadonlyMap<string, readonly ContainerReport[]>,
  killsOf: Findings['killsOf'],
): PodReport[] {
  const orphans = new Map(byPod);
  for (const { role, pod } of accounted) if (role.kind === 'pod') orphans.delete(pod?.uid ?? role.podUID);
  if (orphans.size === 0) return [];
  const pods = new Map(accounted.flatMap(({ pod }) => (pod === undefined ? [] : [[pod.uid, pod] as const])));
  return [...orphans].map(([uid, own]) => {
    const pod = pods.get(uid);
    const [first, ...more] = own as [ContainerReport, ...ContainerReport[]];
    const killed = pod === undefined || killsOf === undefined ? [] : killedContainers(pod, own, killsOf);
    return {
      ...podNames(pod),
      uid,
      ...(pod?.qos !== undefined && { qos: pod.qos }),
      ...(pod?.workload !== undefined && { workload: pod.workload }),
      cgroup: first.cgroup,
      ...knownFigures({ ...more.reduce<MemoryUsage>(addedUsage, first), ...oomKillsIn([...own, ...killed]) }),
      ...(killed.length > 0 && { killed }),
    };
  });
}

/** Sum over all containers. A container that has two cgroups for a moment counts once. */
function oomKillsIn(containers: readonly (KilledContainer | ContainerReport)[]): MemoryUsage {
  const kills = new Map(
    containers.flatMap((one) =>
      one.oomKills === undefined ? [] : [[one.name ?? one, one.oomKills] as const],
    ),
  );
  return kills.size === 0 ? {} : { oomKills: [...kills.values()].reduce((a, b) => a + b, 0) };
}

const addable = [
  'usageBytes',
  'realBytes',
  'workingSetBytes',
  'rssBytes',
  'cacheBytes',
  'shmemBytes',
  'kernelBytes',
  'swapBytes',
] as const;

/** Adds the figures that are sums. A figure that one of the two lacks is absent. Limits are those of the first. */
function addedUsage(one: MemoryUsage, other: MemoryUsage): MemoryUsage {
  const sums = addable.map((field) => {
    const [a, b] = [one[field], other[field]];
    return [field, a === undefined || b === undefined ? undefined : bytes(a + b)] as const;
  });
  const clamped = one.clamped ?? other.clamped;
  return knownFigures({ ...one, ...Object.fromEntries(sums), ...(clamped && { clamped }) });
}

function restOf(
  field: 'realBytes' | 'shmemBytes',
  pod: MemoryUsage,
  containers: readonly ContainerReport[],
): Bytes | undefined {
  let rest: number | undefined = pod[field];
  for (const { [field]: part } of containers)
    rest = rest === undefined || part === undefined ? undefined : rest - part;
  return rest === undefined ? undefined : bytes(rest);
}

function otherOf({ role, sample, usage, runtimeName }: Accounted): OtherReport[] {
  if (role.kind !== 'other') return [];
  // `skipped` lists a group without figures. A container is listed here even without figures.
  if (Object.keys(usage).length === 0 && role.type !== 'container') return [];
  const named =
    runtimeName === undefined ? {} : { containerName: runtimeName.name, runtime: runtimeName.runtime };
  return [{ cgroup: sample.id.path, type: role.type, name: role.name, ...named, ...usage }];
}
