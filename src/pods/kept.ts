/** Reduces a pod to what the agent keeps in memory. Tenants write pods, and the API accepts up to 1.5 MiB for each. */
import { LocatedError } from '../model/located-error.ts';
import type { Pod } from '../model/pod.ts';
import { encodedLength } from '../model/text.ts';
import { podOf } from './pods.ts';

/** Bytes. A pod with 3 containers takes 1 KiB, one with 100 containers about 25 KiB. */
const longestKeptPod = 64 * 1024;

export interface KeptPod {
  readonly pod: Pod;
  /** Size as JSON. In memory the pod takes about three times as much. */
  readonly bytes: number;
}

/**
 * @param object a pod from the API
 * @throws LocatedError if it lacks UID, namespace or name, or if the reduced pod exceeds 64 KiB
 */
export function keptPodOf(object: unknown): KeptPod {
  // The items of a list have no kind.
  const pod = podOf('pod', { ...(object as object), kind: 'Pod' }) as Pod;
  const text = JSON.stringify({ ...pod, labels: {} });
  const bytes = encodedLength(text);
  if (bytes > longestKeptPod)
    throw new LocatedError({
      where: `pod ${pod.namespace}/${pod.name}`,
      expected: `at most ${longestKeptPod} bytes of names, containers and realmem annotations`,
      got: `${bytes} bytes (${pod.containers.length} containers)`,
    });
  // Parse it again: a substring keeps its whole source text in memory, here perhaps a megabyte of arguments.
  return { pod: JSON.parse(text) as Pod, bytes };
}
