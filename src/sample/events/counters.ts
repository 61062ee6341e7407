/** The counters of `memory.events`, as a look at a cgroup compares them. */
import type { RawCgroup } from '../../model/cgroup.ts';
import { parseEvents } from '../details.ts';

export interface EventCounters {
  readonly kills: number;
  /** Of all counters. They only grow, so another sum means new events. */
  readonly sum: number;
}

/** Undefined: the cgroup is gone, or its file cannot be read. */
export function readEvents(raw: RawCgroup): EventCounters | undefined {
  try {
    const text = raw.read('memory.events');
    if (text === undefined) return undefined;
    const events = parseEvents('memory.events', text, () => {});
    const { oomKills: kills = 0, failCount = 0, limitOoms = 0, highEvents = 0 } = events;
    return { kills, sum: kills + failCount + limitOoms + highEvents };
  } catch {
    return undefined;
  }
}
