/** The figures of each cgroup in the last report. Most cgroups of a node do not change between two reports. */
import type { CgroupSample } from '../model/cgroup.ts';
import type { MemoryUsage } from '../model/usage.ts';
import type { High, Limit } from './limit.ts';
import { type Surroundings, usageOf } from './memory.ts';

interface Known {
  readonly around: Surroundings;
  readonly usage: MemoryUsage;
}

export class KeptUsages {
  /** Weak: an entry disappears with its sample. */
  private readonly known = new WeakMap<CgroupSample, Known>();

  /** The same as `usageOf`, and the same object as in the last report if nothing changed. */
  of(sample: CgroupSample, around: Surroundings): MemoryUsage {
    const before = this.known.get(sample);
    if (before !== undefined && isSame(before.around, around)) return before.usage;
    const usage = usageOf(sample, around);
    this.known.set(sample, { around, usage });
    return usage;
  }
}

function isSame(one: Surroundings, other: Surroundings): boolean {
  return (
    isSameLimit(one.limit, other.limit) &&
    isSameLimit(one.high, other.high) &&
    one.apiLimit === other.apiLimit &&
    one.request === other.request &&
    one.peakReal === other.peakReal &&
    one.oomKills === other.oomKills &&
    one.machine === other.machine &&
    one.hasBelow === other.hasBelow
  );
}

const isSameLimit = (one: (Limit & High) | undefined, other: (Limit & High) | undefined): boolean =>
  one?.bytes === other?.bytes && one?.path === other?.path && one?.events === other?.events;
