/** The kernel's counters of OOM kills in cgroups that live. */
import type { Bytes } from '../model/bytes.ts';
import type { CgroupSample } from '../model/cgroup.ts';
import { type CgroupRole, isSized } from '../model/cgroup-role.ts';
import { hashOf } from '../model/text.ts';

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
    const mayBe = kills > 0 && mayHaveMetLimit(sample, before);
    return { inode, kills, at: risenAt, limitHits, isAtLimit: mayBe || before?.isAtLimit === true };
  }
  // `failcnt` of v1 also counts what reclaim could help: only what came since the last look can have to do with a kill. On v2
  // a kill can fall between the reading of two files: there the last rise is what later ones are compared with.
  return sample.version === 1 ? { ...before, limitHits } : before;
}

/** Usage this close to the limit is at it: the kernel charges in batches. */
const atLimit = 0.98;

/** In doubt it was. */
function mayHaveMetLimit(sample: CgroupSample, before: Counter | undefined): boolean {
  const limitHits = limitHitsOf(sample);
  const [limit, peak] = [ownLimitOf(sample), sample.details?.peak];
  // v1 need not count them, as where the limit of memory with swap is the same: but usage must have come to the limit.
  if (sample.version === 1 && limitHits === 0 && limit !== undefined && peak !== undefined)
    return peak >= atLimit * limit;
  return limitHits === undefined || limitHits > (before?.limitHits ?? 0);
}

const limitHitsOf = ({ version, details = {} }: CgroupSample): number | undefined =>
  version === 1 ? details.failCount : (details.limitOomsLocal ?? details.limitOoms);

export const ownLimitOf = ({ details = {} }: CgroupSample): Bytes | undefined =>
  details.limit === 'none' ? undefined : details.limit;

/** Which lifetime of which cgroup; undefined for what nobody sizes. A container of a pod has a new ID in each lifetime. */
export function lifeIdOf(role: CgroupRole, { id: { path, inode } }: CgroupSample): string | undefined {
  if (role.kind === 'container') return role.id;
  if (role.kind !== 'other' || !isSized(role.type)) return undefined;
  // Once a pod says that it is its container's, it is still the same lifetime.
  if (role.id !== undefined) return role.id;
  return `${hashOf(path).toString(36)}.${inode}`;
}
