/** Under which name what a cgroup needs, and what was killed in it, is added up. */

import { isSized } from '../model/cgroup-role.ts';
import type { ContainerKey } from '../model/container-key.ts';
import type { Identified } from '../model/observation.ts';
import type { Pod, PodContainer } from '../model/pod.ts';

export interface Owner {
  readonly key: ContainerKey;
  /** Outside pods: the path of the cgroup. */
  readonly pod: string;
}

/** Undefined: nobody has told the name yet, or there is nothing to size. */
export function ownerOf({ role, sample, pod, container }: Identified): Owner | undefined {
  if (role.kind === 'other') {
    if (!isSized(role.type)) return undefined;
    const key = { namespace: '', workload: `${role.type}/${role.name}`, container: '' };
    return { key, pod: sample.id.path };
  }
  const named = container?.container;
  if (role.kind !== 'container' || pod === undefined || named === undefined || pod.from === 'logs')
    return undefined;
  return { key: keyOf(pod, named), pod: pod.name };
}

export const keyOf = (pod: Pod, container: PodContainer): ContainerKey => ({
  namespace: pod.namespace,
  workload: pod.workload ?? `Pod/${pod.name}`,
  container: container.name,
});
