/** Turns the results of one pass into the node's report, with its conditions. */
import { whyNoReal } from '../account/memory.ts';
import { accountNode, isOfNode } from '../account/node.ts';
import { partsOf } from '../account/node-parts.ts';
import type { Host } from '../edges/host.ts';
import type { NameSource, NamesState } from '../identify/names-source.ts';
import { formatBytes } from '../model/bytes.ts';
import type { Skipped } from '../model/cgroup.ts';
import { defined } from '../model/json.ts';
import type { Arcstats } from '../model/meminfo.ts';
import type { Judged } from '../model/observation.ts';
import type { Condition, NodeMemory, NodeReport } from '../model/report.ts';
import { rfc3339 } from '../model/time.ts';
import type { Sampled } from '../sample/host.ts';
import { limits } from '../sample/selection.ts';
import type { History } from '../usage/history.ts';
import { buildReport } from './build.ts';
import { completeCondition, namesFresh, since } from './conditions.ts';
import type { KeptRows } from './kept-rows.ts';

/** The constant parts of all reports, and the conditions of the last one. */
export interface About {
  readonly node: string;
  readonly agent: string;
  /** Absent for a single report. */
  readonly periodSeconds?: number;
  conditions: readonly Condition[];
}

interface Reported {
  readonly host: Host;
  readonly names: NameSource;
  readonly history: History;
  readonly about: About;
  readonly conditions: () => readonly Condition[];
  readonly rows?: KeptRows;
}

export function report(
  { host, names, history, about, conditions, rows }: Reported,
  sampled: Sampled,
  accounted: readonly Judged[],
  at: number,
): NodeReport {
  const unknown = accounted.flatMap(({ role, sample }): Skipped[] => {
    const why = role.kind === 'kube' ? undefined : whyNoReal(sample);
    return why === undefined ? [] : [{ cgroup: sample.id.path, why }];
  });
  const { arcstats, faults, omitted } = sampled;
  const memory = nodeMemory(sampled, accounted);
  // A recording without a time gives a report without a time. The time of the replay would be wrong.
  const time = host.recording === undefined ? rfc3339(at) : host.recording.at;
  about.conditions = since(
    [
      completeCondition(faults, host.why, omitted, limits),
      ...namesCondition(names.state(at), accounted),
      ...conditions(),
    ],
    about.conditions,
    time,
  );
  return buildReport({
    node: about.node,
    observed: {
      ...(time !== undefined && { at: time }),
      ...(host.cgroups !== undefined && { cgroupVersion: host.cgroups.version }),
      ...(host.kernel !== undefined && { kernel: host.kernel }),
      agent: about.agent,
      ...(about.periodSeconds !== undefined && { periodSeconds: about.periodSeconds }),
    },
    ...(memory !== undefined && { memory }),
    accounted,
    ...(rows !== undefined && { rows }),
    killsOf: (podUID, container) => history.killsOf(podUID, container),
    skipped: [...sampled.skipped, ...unknown, ...foreign(arcstats, memory), ...faults],
    ...(omitted !== undefined && { omitted }),
    conditions: about.conditions,
  });
}

function nodeMemory(
  { meminfo, arcstats, root }: Sampled,
  accounted: readonly Judged[],
): NodeMemory | undefined {
  if (meminfo === undefined) return undefined;
  const { asPublished, ...memory } = accountNode(meminfo, arcstats, root);
  const parts = partsOf(accounted, memory.realUsedBytes);
  return { ...memory, ...defined({ parts, asPublished }) };
}

/** An LXC container has its own memory limit, but sees `arcstats` of its host. */
function foreign(arcstats: Arcstats | undefined, memory: NodeMemory | undefined): readonly Skipped[] {
  if (arcstats === undefined || memory === undefined || isOfNode(arcstats, memory)) return [];
  const why = `the ZFS cache in /proc/spl/kstat/zfs/arcstats (${formatBytes(arcstats.size)}) is larger than the real memory of this node, so it is another machine's`;
  return [{ cgroup: '/', why }];
}

/** A host without pods needs no condition on names. */
function namesCondition(state: NamesState | undefined, accounted: readonly Judged[]): readonly Condition[] {
  const containers = accounted.filter(({ role }) => role.kind === 'container');
  if (containers.length === 0 && state === undefined) return [];
  const unnamed = containers.filter(({ pod }) => pod === undefined).length;
  const learnt = new Set(accounted.flatMap(({ pod }) => (pod?.from === 'logs' ? [pod.uid] : [])));
  return [namesFresh(state, unnamed, learnt.size)];
}
