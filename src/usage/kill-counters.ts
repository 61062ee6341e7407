/** The kernel's OOM kill counters of running cgroups. */
import type { Bytes } from '../model/bytes.ts';
import type { CgroupSample } from '../model/cgroup.ts';
import { type CgroupRole, isSized } from '../model/cgroup-role.ts';
import { hashOf } from '../model/text.ts';

/** The counter of one cgroup, as of the last sample that could read it. */
export interface Counter {
  readonly inode: number;
  readonly kills: number;
  /** First sample with this number of kills, in milliseconds since 1970. Undefined: the first sample of all, so the kills may be of any age. */
  readonly at: number | undefined;
  /** How often usage reached the cgroup's own limit; undefined: the kernel does not count it. */
  readonly limitHits: number | undefined;
  /** Whether one of the kills not yet reported may have been at the cgroup's own limit. */
  readonly isAtLimit: boolean;
}

/** Whether the next sample would be judged the same without it. Nearly all counters are. */
export const isZero = ({ kills, limitHits = 0, isAtLimit }: Counter): boolean =>
  kills === 0 && limitHits === 0 && !isAtLimit;

/** @param risenAt time of new kills @returns undefined: no sample could read the counter */
export function nextCounter(
  before: Counter | undefined,
  sample: CgroupSample,
  risenAt: number | undefined,
): Counter | undefined {
  const { inode } = sample.id;
  const kills = sample.details?.oomKills;
  // An unreadable counter keeps its last value.
  if (kills === undefined) return before;
  const limitHits = limitHitsOf(sample);
  if (before?.kills !== kills) {
    const mayBe = kills > 0 && mayHaveMetLimit(sample, before);
    return { inode, kills, at: risenAt, limitHits, isAtLimit: mayBe || before?.isAtLimit === true };
  }
  // v1: `failcnt` also counts failures that reclaim resolved, so only its rise since the last sample can relate to a kill.
  // v2: a kill can happen between the reads of two files, so the next rise compares with the values at the last rise.
  return sample.version === 1 ? { ...before, limitHits } : before;
}

/** From this share on, usage counts as at the limit: the kernel charges in batches. */
export const atLimit = 0.98;

/** If in doubt, true. */
function mayHaveMetLimit(sample: CgroupSample, before: Counter | undefined): boolean {
  const limitHits = limitHitsOf(sample);
  const [limit, peak] = [ownLimitOf(sample), sample.details?.peak];
  // v1 may not count them, for example where the limit of memory plus swap is equal. But the peak must have reached the limit.
  if (sample.version === 1 && limitHits === 0 && limit !== undefined && peak !== undefined)
    return peak >= atLimit * limit;
  return limitHits === undefined || limitHits > (before?.limitHits ?? 0);
}

const limitHitsOf = ({ version, details = {} }: CgroupSample): number | undefined =>
  version === 1 ? details.failCount : (details.limitOomsLocal ?? details.limitOoms);

export const ownLimitOf = ({ details = {} }: CgroupSample): Bytes | undefined =>
  details.limit === 'none' ? undefined : details.limit;

/** ID of a lifetime; undefined for a cgroup that gets no suggestion. A container of a pod has a new ID in each lifetime. */
export function lifeIdOf(role: CgroupRole, { id: { path, inode } }: CgroupSample): string | undefined {
  if (role.kind === 'container') return role.id;
  if (role.kind !== 'other' || !isSized(role.type)) return undefined;
  // If a pod claims the container later, it stays the same lifetime.
  if (role.id !== undefined) return role.id;
  return `${hashOf(path).toString(36)}.${inode}`;
}
