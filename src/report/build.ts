/** One accounted pass → the node's report. */
import { type Bytes, bytes } from '../model/bytes.ts';
import type { Skipped } from '../model/cgroup.ts';
import {
  apiVersion,
  type Condition,
  type ContainerReport,
  type NodeMemory,
  type NodeReport,
  type Observed,
  type OtherReport,
  type PodReport,
} from '../model/report.ts';
import type { Accounted } from '../model/sighting.ts';
import { type MemoryUsage, usageFields } from '../model/usage.ts';

export interface Findings {
  readonly node: string;
  readonly observed: Observed;
  readonly memory?: NodeMemory;
  readonly accounted: readonly Accounted[];
  readonly skipped: readonly Skipped[];
  readonly conditions: readonly Condition[];
}

/** Lists stand in the order of their cgroups' paths: the same state of a node is the same report. */
export function buildReport(findings: Findings): NodeReport {
  const { accounted, memory } = findings;
  const containers = accounted.flatMap(containerOf).sort(byCgroup);
  return {
    apiVersion,
    kind: 'NodeMemoryReport',
    metadata: { name: findings.node },
    observed: findings.observed,
    ...(memory !== undefined && { node: memory }),
    pods: accounted.flatMap((sighting) => podOf(sighting, containers)).sort(byCgroup),
    containers,
    others: accounted.flatMap(otherOf).sort(byCgroup),
    skipped: [...findings.skipped].sort(byCgroup),
    conditions: [...findings.conditions],
  };
}

const byCgroup = (a: { cgroup: string }, b: { cgroup: string }): number =>
  a.cgroup < b.cgroup ? -1 : a.cgroup > b.cgroup ? 1 : 0;

function containerOf({ place, sample, pod, container, usage }: Accounted): ContainerReport[] {
  if (place.kind !== 'container') return [];
  const runtime = place.runtime ?? container?.container?.runtime;
  return [
    {
      ...(pod !== undefined && { namespace: pod.namespace, pod: pod.name }),
      podUID: pod?.uid ?? place.podUID,
      ...(container?.container !== undefined && { name: container.container.name }),
      id: place.id,
      ...(runtime !== undefined && { runtime }),
      type: container?.type ?? 'unknown',
      cgroup: sample.id.path,
      ...inOrder(usage),
    },
  ];
}

function podOf(
  { place, sample, pod, usage }: Accounted,
  containers: readonly ContainerReport[],
): PodReport[] {
  if (place.kind !== 'pod') return [];
  const rest = restOf(
    usage.realBytes,
    containers.filter((container) => container.cgroup.startsWith(`${sample.id.path}/`)),
  );
  return [
    {
      ...(pod !== undefined && { namespace: pod.namespace, name: pod.name }),
      uid: pod?.uid ?? place.podUID,
      qos: pod?.qos ?? place.qos,
      ...(pod?.workload !== undefined && { workload: pod.workload }),
      cgroup: sample.id.path,
      ...inOrder(usage),
      ...(rest !== undefined && { restBytes: rest }),
    },
  ];
}

function restOf(real: Bytes | undefined, containers: readonly ContainerReport[]): Bytes | undefined {
  let rest: number | undefined = real;
  for (const { realBytes } of containers)
    rest = rest === undefined || realBytes === undefined ? undefined : rest - realBytes;
  return rest === undefined ? undefined : bytes(rest);
}

function otherOf({ place, sample, usage }: Accounted): OtherReport[] {
  if (place.kind !== 'other') return [];
  const figures = inOrder(usage);
  // A group for which the kernel counts nothing is told in `skipped`; a container stands here all the same.
  if (Object.keys(figures).length === 0 && place.type !== 'container') return [];
  return [{ cgroup: sample.id.path, type: place.type, name: place.name, ...figures }];
}

const inOrder = (usage: MemoryUsage): MemoryUsage =>
  Object.fromEntries(
    usageFields.flatMap((field) => (usage[field] === undefined ? [] : [[field, usage[field]]])),
  );
