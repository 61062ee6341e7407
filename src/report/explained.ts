/** One cgroup explained, before anybody has written it down. */
import type { Lru } from '../model/cgroup.ts';
import type { Part, Rival } from '../model/rival.ts';
import type { MemoryUsage } from '../model/usage.ts';

export interface Explained {
  /** What it is called: `shop/cart-1/cart`, or its path. */
  readonly name: string;
  readonly cgroup: string;
  /** `cgroup v1   Linux 6.1   2026-…`, as far as known. */
  readonly where: string;
  readonly usage: MemoryUsage;
  readonly lru: Lru;
  readonly parts: readonly Part[];
  readonly rivals: readonly Rival[];
  /** What could not be read. */
  readonly faults: readonly string[];
}
