/** The report that an agent serves → a node of the view, with sizes to the byte. Every field is checked, as in report-item.ts. */
import { type Fields, fieldsOf, listOf, textOf } from '../model/json.ts';
import { Faults } from '../model/located-error.ts';
import { isOwnLimit } from '../model/report.ts';
import { Pool } from './pool.ts';
import { containerShapes, nodeOf } from './report-item.ts';
import type { NodeView } from './view.ts';

export interface AgentReport {
  readonly node: NodeView;
  /** Values that could not be read. */
  readonly notes: readonly string[];
}

/**
 * @param namespace only pods of this namespace; undefined: of all
 * @param now milliseconds since 1970
 * @throws LocatedError for an object without the name of a node
 */
export function readAgentReport(report: unknown, namespace: string | undefined, now: number): AgentReport {
  const faults = new Faults();
  const reading = { now, namespace, pool: new Pool(), faults, shapes: containerShapes() };
  const node = nodeOf(publishedFormOf(fieldsOf(report)), reading);
  return { node: { ...node, from: 'agent' }, notes: faults.notes };
}

/** The report with the fields of a NodeMemoryReport, as publish/publish.ts fills them, but without rounding. */
function publishedFormOf({ metadata, observed, node, pods, containers, conditions }: Fields): Fields {
  const ofPod = Map.groupBy(listOf(containers), ({ podUID }) => podUID);
  const { totalBytes, realUsedBytes, usedBytes, availableBytes, workingSetBytes } = fieldsOf(node);
  return {
    ...{ metadata, observed, conditions },
    node: {
      capacity: totalBytes,
      real: sizeOf(realUsedBytes),
      used: sizeOf(usedBytes),
      available: sizeOf(availableBytes),
      workingSet: sizeOf(workingSetBytes),
    },
    pods: listOf(pods).flatMap((pod) => podOf(pod, ofPod.get(pod['uid']) ?? [])),
  };
}

function podOf(pod: Fields, containers: readonly Fields[]): readonly Fields[] {
  const { namespace, name, workload, realBytes, requestBytes, limitBytes, limitFrom, oomKills } = pod;
  // A pod that the agent cannot name yet.
  if (namespace === undefined || name === undefined) return [];
  // A pod without a cgroup has the path and the settings of its first container.
  const isFirst = containers.some(({ cgroup }) => cgroup === pod['cgroup']);
  return [
    {
      ...{ namespace, name, workload, real: sizeOf(realBytes), ooms: oomKills },
      ...(!isFirst && { request: requestBytes, limit: limitFrom === undefined ? limitBytes : undefined }),
      containers: [
        ...containers.filter((container) => container['name'] !== undefined).map(containerOf),
        ...listOf(pod['killed']).map((killed) => ({ ...containerOf(killed), verdict: 'OOMKilled' })),
      ],
    },
  ];
}

function containerOf(container: Fields): Fields {
  const { name, type, realBytes, peakRealBytes, usageBytes, workingSetBytes, requestBytes } = container;
  const { limitBytes, limitFrom, cgroup, suggest, oomKills, verdict } = container;
  const { requestBytes: suggestRequest, limitBytes: suggestLimit } = fieldsOf(suggest);
  // The limit of a cgroup above the pod is shared by all pods.
  const isOwn = isOwnLimit(textOf(cgroup) ?? '', textOf(limitFrom));
  return {
    ...{ name, type: type === 'container' || type === 'sandbox' ? undefined : type, verdict, ooms: oomKills },
    ...{ real: sizeOf(realBytes), peak: sizeOf(peakRealBytes), usage: sizeOf(usageBytes) },
    ...{ workingSet: sizeOf(workingSetBytes), request: requestBytes, limit: isOwn ? limitBytes : undefined },
    ...{ suggest: suggestRequest, suggestLimit },
  };
}

/** At least 0: a difference of figures that were read one after another can be negative. */
const sizeOf = (value: unknown): unknown => (typeof value === 'number' ? Math.max(0, value) : value);
