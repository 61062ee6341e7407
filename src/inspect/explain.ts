/** Explains one cgroup: its parts, and what every tool would show for it. */

import { directoryOf } from '../edges/host.ts';
import { namesOf } from '../identify/target-names.ts';
import { workloadName } from '../model/container-key.ts';
import { defined } from '../model/json.ts';
import type { Accounted } from '../model/observation.ts';
import type { ProcessMemory } from '../model/process.ts';
import { rfc3339 } from '../model/time.ts';
import { oldByAge } from '../recommend/probed.ts';
import { findLru } from '../sample/lru.ts';
import { compositionOf } from './composition.ts';
import { type DetailedCgroup, type DetailSource, readDetail } from './detail.ts';
import type { Explanation, KnownProbe } from './explanation.ts';
import { absenceOf } from './figures.ts';
import { probeReadings } from './notes.ts';
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
  const probe = node.probeOf?.(observation, at) ?? probeInPod(observation, at);
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
    tools: [...tools, ...probeReadings(defined<Pick<Explanation, 'usage' | 'probe'>>({ usage, probe }))],
    ...(probe !== undefined && { probe }),
    ...(probe === undefined && !recording && isProbed(observation) && { mayProbe: true as const }),
    faults: seen.faults.filter((one) => !processes?.faults.includes(one)),
    ...(isHidden && processes.processes.length === 0 && { hidesProcesses: true as const }),
  };
}

/** What the pod itself says: its annotation, where no agent has taken it into a history. */
function probeInPod({ pod, container }: Accounted, at: number): KnownProbe | undefined {
  const name = container?.container?.name;
  const { probes = {} } = pod ?? {};
  const probe = name !== undefined && Object.hasOwn(probes, name) ? probes[name] : undefined;
  return probe && defined<KnownProbe>({ ...probe, old: oldByAge(probe, at / 1000) });
}

/** `realmem probe` refuses pods, services, slices and the system's containers. */
const isProbed = ({ role, pod }: Accounted): boolean =>
  (role.kind === 'container' || (role.kind === 'other' && role.type === 'container')) &&
  pod?.namespace !== 'kube-system';

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
