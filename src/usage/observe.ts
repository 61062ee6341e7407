/** Adds one pass of samples to the history. */

import { realOf } from '../account/memory.ts';
import type { Host } from '../edges/host.ts';
import { usualPageBytes } from '../model/cgroup.ts';
import type { Pod } from '../model/pod.ts';
import type { Sampled } from '../sample/host.ts';
import { type FoundLru, findLru } from '../sample/lru.ts';
import type { History } from './history.ts';

/**
 * @param at milliseconds since 1970; undefined: the time is unknown
 * @param detailed reads the LRU again, because it can be switched while the kernel runs
 * @returns the sample, with a fault if the LRU could not be read
 */
export function observe(
  history: History,
  sampled: Sampled,
  host: Host,
  pods: readonly Pod[],
  at: number | undefined,
  detailed: boolean,
): Sampled {
  const known = detailed ? undefined : history.lru;
  const { lru, fault }: FoundLru = known === undefined ? findLru(host) : { lru: known };
  const reading = { realOf, lru, pageBytes: host.machine?.pageBytes ?? usualPageBytes };
  history.sampled(sampled.observations, reading, pods, at);
  if (!detailed || fault === undefined) return sampled;
  return { ...sampled, faults: [{ cgroup: '/', why: fault }, ...sampled.faults] };
}
