/** Explains one cgroup: its parts, and what every tool would show for it. */

import { directoryOf } from '../edges/host.ts';
import { namesOf } from '../identify/target-names.ts';
import { workloadName } from '../model/container-key.ts';
import type { ProcessMemory } from '../model/process.ts';
import { rfc3339 } from '../model/time.ts';
import { findLru } from '../sample/lru.ts';
import { compositionOf } from './composition.ts';
import { type DetailedCgroup, type DetailSource, readDetail } from './detail.ts';
import type { Explanation } from './explanation.ts';
import { absenceOf } from './figures.ts';
import type { TargetOptions } from './target.ts';
import { toolsOf } from './tools.ts';

/** @throws InputError if the target matches no cgroup */
export function explain(node: DetailSource, root: string, options: TargetOptions, at: number): Explanation {
  const seen = readDetail(node, root, options, at);
  const { observation, figures, meminfo, processes, recording } = seen;
  const { sample, usage } = observation;
  const { pod } = observation;
  const isHidden = processes !== undefined && processes.unseen > 0;
  const fault = processes?.faults[0] ?? (isHidden ? hidden : undefined);
  const ownLimit = sample.details?.limit;
  const { cgroups } = node.host;
  const { lru } = findLru(node.host);
  const tools = toolsOf({
    version: seen.version,
    lru,
    figures,
    absent: (name) =>
      absenceOf(name, {
        recording,
        meminfo: meminfo !== undefined,
        processes: processes?.processes.length,
        ...(fault !== undefined && { fault }),
        faults: seen.faults,
      }),
    summands: (name) => summandsOf(name, processes?.processes ?? []),
    ownLimit: ownLimit === 'none' ? undefined : (ownLimit ?? limitInStat(seen)),
    memTotal: meminfo?.memTotal,
  });
  return {
    name: nameOfCgroup(seen),
    target: targetOf(seen),
    ...(pod && { owner: { namespace: pod.namespace, workload: workloadName(pod) } }),
    cgroup: sample.id.path,
    ...(!recording && cgroups !== undefined && { directory: directoryOf('/', cgroups, sample.id.path) }),
    where: whereOf(node, seen, at),
    usage,
    lru,
    parts: compositionOf(sample, usage),
    tools,
    faults: seen.faults.filter((one) => !processes?.faults.includes(one)),
    ...(isHidden && processes.processes.length === 0 && { hidesProcesses: true as const }),
  };
}

/** The figures that process-sums.ts adds up. */
const summandsOf = (name: string, processes: readonly ProcessMemory[]): readonly number[] =>
  processes.flatMap(({ rssBytes, maps }) => (name === 'Σ VmRSS' ? rssBytes : maps?.writablePrivate) ?? []);

const hidden =
  'some processes are in another PID namespace; an agent sees them if realmem is installed with --set hostPID=true';

/** A recording can lack the limit file and have the limit in memory.stat. */
const limitInStat = ({ observation: { usage } }: DetailedCgroup) =>
  usage.limitFrom === undefined ? usage.limitBytes : undefined;

/** `shop/cart-1/cart`, `web`, or the path of the cgroup. */
function targetOf({ observation }: DetailedCgroup): string {
  const { role, sample, runtimeName } = observation;
  if (runtimeName !== undefined) return runtimeName.name;
  if (role.kind === 'other' && role.type === 'container') return role.name;
  return namesOf(observation)?.target ?? sample.id.path;
}

export function nameOfCgroup({
  observation: { role, pod, container, sample, runtimeName },
}: DetailedCgroup): string {
  if (runtimeName !== undefined) return `${runtimeName.name} (${runtimeName.runtime})`;

  if (pod !== undefined) {
    const last = container?.container?.name ?? (role.kind === 'container' ? role.id.slice(0, 12) : undefined);
    return [pod.namespace, pod.name, ...(last === undefined ? [] : [last])].join('/');
  }
  return role.kind === 'other' && role.type !== 'slice' ? role.name : sample.id.path;
}

export function whereOf({ host }: DetailSource, { version }: DetailedCgroup, at: number): string {
  const time = host.recording === undefined ? rfc3339(at) : host.recording.at;
  return [
    `cgroup v${version}`,
    ...(host.kernel === undefined ? [] : [`Linux ${host.kernel}`]),
    ...(time === undefined ? [] : [time]),
  ].join('   ');
}
