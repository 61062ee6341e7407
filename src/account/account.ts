/** Adds the memory figures to every identified observation of a pass. */
import { type Bytes, bytes } from '../model/bytes.ts';
import { type CgroupId, type Machine, parentOf } from '../model/cgroup.ts';
import type { Accounted, Identified } from '../model/observation.ts';
import type { KeptUsages } from './kept-usages.ts';
import { apiLimitOf, highOf, limitOf } from './limit.ts';
import { type Surroundings, usageOf } from './memory.ts';

/** What earlier passes found out about a cgroup. */
export interface Remembered {
  /** The largest real of this cgroup so far. */
  peakOf(id: CgroupId): Bytes | undefined;
  /** OOM kills of a container, over all its restarts. */
  killsOf(podUID: string, container: string): number | undefined;
}

/**
 * @param machine page size and CPUs of the host; undefined for a recording without them
 * @param kept the figures of the last report; undefined for a single pass
 */
export function account(
  identified: readonly Identified[],
  remembered?: Remembered,
  machine?: Machine,
  kept?: KeptUsages,
): readonly Accounted[] {
  const samples = new Map(identified.map(({ sample }) => [sample.id.path, sample]));
  const parents = new Set(identified.map(({ sample }) => parentOf(sample.id.path)));
  const ancestor = (path: string) => samples.get(path);
  return identified.map((observation) => {
    const { sample } = observation;
    const around: Surroundings = {
      limit: limitOf(sample, ancestor),
      high: highOf(sample, ancestor),
      apiLimit: apiLimitOf(observation, machine?.pageBytes),
      request: requestOf(observation),
      peakReal: remembered?.peakOf(sample.id),
      oomKills: remembered === undefined ? undefined : oomKillsOf(observation, remembered),
      machine,
      hasBelow: parents.has(sample.id.path),
    };
    return { ...observation, usage: kept?.of(sample, around) ?? usageOf(sample, around) };
  });
}

/** Kills over all restarts. A pod has the sum of its containers, or the count of its own cgroup if that is larger. */
function oomKillsOf(
  { role, sample, pod, container }: Identified,
  remembered: Remembered,
): number | undefined {
  const kills = (name: string | undefined): number | undefined =>
    pod === undefined || name === undefined ? undefined : remembered.killsOf(pod.uid, name);
  if (role.kind === 'container') return kills(container?.container?.name);
  if (role.kind !== 'pod' || pod === undefined) return undefined;
  let ofContainers: number | undefined;
  for (const { name } of pod.containers) {
    const own = kills(name);
    if (own !== undefined) ofContainers = (ofContainers ?? 0) + own;
  }
  return ofContainers === undefined ? undefined : Math.max(ofContainers, sample.details?.oomKills ?? 0);
}

/**
 * The request of a container or a pod. A pod without a request of its own has the sum over its containers and sidecars. The
 * scheduler adds the overhead of the pod's RuntimeClass. Undefined if none of them sets one.
 */
function requestOf({ role, pod, container }: Identified): Bytes | undefined {
  if (role.kind === 'container') return container?.container?.request;
  if (role.kind !== 'pod' || pod === undefined) return undefined;
  let sum = pod.request;
  if (sum === undefined)
    for (const { type, request } of pod.containers)
      if (request !== undefined && (type === 'container' || type === 'sidecar'))
        sum = bytes((sum ?? 0) + request);
  return pod.overhead === undefined ? sum : bytes((sum ?? 0) + pod.overhead);
}
