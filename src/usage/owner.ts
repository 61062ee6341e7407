/** The name under which the usage and the OOM kills of a cgroup add up. */

import { isSized } from '../model/cgroup-role.ts';
import { type ContainerKey, workloadName } from '../model/container-key.ts';
import type { Identified } from '../model/observation.ts';
import type { Pod, PodContainer } from '../model/pod.ts';

export interface UsageOwner {
  readonly key: ContainerKey;
  /** Name of the pod. Outside pods: the path of the cgroup. */
  readonly pod: string;
}

/** Undefined: the name is not known yet, or there is nothing to size. */
export function usageOwnerOf({ role, sample, pod, container }: Identified): UsageOwner | undefined {
  if (role.kind === 'other') {
    if (!isSized(role.type)) return undefined;
    const key = { namespace: '', workload: `${role.type}/${role.name}`, container: '' };
    return { key, pod: sample.id.path };
  }
  const named = container?.container;
  if (role.kind !== 'container' || pod === undefined || named === undefined || pod.from === 'logs')
    return undefined;
  return { key: containerKeyOf(pod, named), pod: pod.name };
}

export const containerKeyOf = (pod: Pod, container: PodContainer): ContainerKey => ({
  namespace: pod.namespace,
  workload: workloadName(pod),
  container: container.name,
});
