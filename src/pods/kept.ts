/** What the agent keeps of a pod: others write it, and the API takes 1.5 MiB of each. */
import { LocatedError } from '../model/located-error.ts';
import type { Pod } from '../model/pod.ts';
import { encodedLength } from '../model/text.ts';
import { podOf } from './pods.ts';

/** A pod of three containers takes 1 KiB, one of a hundred some 25 KiB. */
const longestKeptPod = 64 * 1024;

export interface KeptPod {
  readonly pod: Pod;
  /** As JSON; in memory it takes about three times as much. */
  readonly bytes: number;
}

/**
 * @param object of the API
 * @throws Fault where it lacks what names it, or more would have to be kept of it than is
 */
export function keptPodOf(object: unknown): KeptPod {
  // Lists leave the kind of their items out.
  const pod = podOf('pod', { ...(object as object), kind: 'Pod' }) as Pod;
  const text = JSON.stringify({ ...pod, labels: {} });
  const bytes = encodedLength(text);
  if (bytes > longestKeptPod)
    throw new LocatedError({
      where: `pod ${pod.namespace}/${pod.name}`,
      expected: `at most ${longestKeptPod} bytes of names, containers and annotations that are read`,
      got: `${bytes} (${pod.containers.length} containers)`,
    });
  // Parsed again: a part of a text would keep the whole of it, with a megabyte of arguments, in memory.
  return { pod: JSON.parse(text) as Pod, bytes };
}
