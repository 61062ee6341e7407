/** The kernel's counters of OOM kills in cgroups that live. */
import type { Bytes } from '../model/bytes.ts';
import type { CgroupSample } from '../model/cgroup.ts';
import { hashOf } from '../model/hash.ts';
import type { Place } from '../model/place.ts';

/** Of one cgroup, as of the last look that could read it. */
export interface Counter {
  readonly inode: number;
  readonly kills: number;
  /** When they were first seen to be as many, in milliseconds since 1970. Absent: at the first look of all, so of any age. */
  readonly at: number | undefined;
  /** How often the cgroup's own limit was met; undefined: the kernel does not count that. */
  readonly limitHits: number | undefined;
  /** Whether one of those that are not counted yet may have been at the cgroup's own limit. */
  readonly isAtLimit: boolean;
}

/** @param risenAt of kills that were not there before @returns undefined: it was never read */
export function nextCounter(
  before: Counter | undefined,
  sample: CgroupSample,
  risenAt: number | undefined,
): Counter | undefined {
  const { inode } = sample.id;
  const kills = sample.details?.oomKills;
  // One that could not be read stays what it was.
  if (kills === undefined) return before;
  const limitHits = limitHitsOf(sample);
  if (before?.kills !== kills) {
    const mayBe = kills > 0 && (limitHits === undefined || limitHits > (before?.limitHits ?? 0));
    return { inode, kills, at: risenAt, limitHits, isAtLimit: mayBe || before?.isAtLimit === true };
  }
  // `failcnt` of v1 also counts what reclaim could help: only what came since the last look can have to do with a kill. On v2
  // a kill can fall between the reading of two files: there the last rise is what later ones are compared with.
  return sample.version === 1 ? { ...before, limitHits } : before;
}

function limitHitsOf({ version, details = {} }: CgroupSample): number | undefined {
  return version === 1 ? details.failCount : (details.limitOomsLocal ?? details.limitOoms);
}

export const ownLimitOf = ({ details = {} }: CgroupSample): Bytes | undefined =>
  details.limit === 'none' ? undefined : details.limit;

/** Which life of which cgroup; undefined for what nobody sizes. A container of a pod has a new ID in each life. */
export function lifeIdOf(place: Place, { id: { path, inode } }: CgroupSample): string | undefined {
  if (place.kind === 'container') return place.id;
  if (place.kind !== 'other' || place.type === 'slice' || place.type === 'vm') return undefined;
  return `${hashOf(path).toString(36)}.${inode}`;
}
