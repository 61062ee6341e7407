/** Which LRU the kernel of a host runs. */
import type { Host } from '../edges/host.ts';
import type { Lru } from '../model/cgroup.ts';
import { messageOf } from '../model/located-error.ts';
import { lruOfRelease, parseLruGen } from './lru.ts';

export interface FoundLru {
  readonly lru: Lru;
  /** Why it could not be read. */
  readonly fault?: string;
}

export function findLru(host: Host): FoundLru {
  try {
    const found = host.lruGen();
    if (found === 'none') return { lru: 'classic' };
    return { lru: found === undefined ? lruOfRelease(host.kernel) : parseLruGen(found.file, found.text) };
  } catch (error) {
    return { lru: 'unknown', fault: messageOf(error) };
  }
}
