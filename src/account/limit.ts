/** The limit that bites. */
import type { Bytes } from '../model/bytes.ts';
import type { CgroupSample } from '../model/cgroup.ts';
import { defined } from '../model/defined.ts';
import type { Identified } from '../model/observation.ts';

/** A limit and the cgroup that sets it. */
export interface Limit {
  readonly bytes: Bytes;
  readonly path: string;
}

/**
 * The smallest limit of the cgroup and its ancestors; of equal ones the nearest, so that a container's own limit
 * is named rather than its pod's. On v1 the kernel gives the figure itself (`hierarchical_memory_limit`): it counts
 * ancestors that were not read, and leaves out those that do not bite (`use_hierarchy` 0).
 */
export function limitOf(
  sample: CgroupSample,
  ancestor: (path: string) => CgroupSample | undefined,
): Limit | undefined {
  const hierarchical = sample.stat?.hierarchicalLimit;
  if (hierarchical === 'none') return undefined;
  let smallest: Limit | undefined;
  let unread: string | undefined;
  for (let path: string | undefined = sample.id.path; path !== undefined; path = parentOf(path)) {
    const found = path === sample.id.path ? sample : ancestor(path);
    const bytes = found?.details?.limit;
    if (bytes === undefined) unread ??= path;
    if (bytes === undefined || bytes === 'none') continue;
    if (hierarchical !== undefined && bytes < hierarchical) continue;
    if (smallest === undefined || bytes < smallest.bytes) smallest = { bytes, path };
  }
  if (hierarchical === undefined || smallest?.bytes === hierarchical) return smallest;
  // Nobody who was read sets it: it is that of the nearest who was not.
  return { bytes: hierarchical, path: unread ?? '/' };
}

/** `memory.high` as it holds a cgroup. */
export interface High extends Limit {
  /** How often usage of the cgroup that sets it was above it. Absent: the kernel or the recording does not say. */
  readonly events?: number;
}

/** A share of `memory.high`: usage there has met it, or is about to. */
const atHigh = 0.9;

/** Whether usage was above it and still stands there: then it throttles all cgroups below, whatever they have themselves. */
const holds = ({ usage }: CgroupSample, high: Bytes, events: number | undefined): boolean =>
  (events ?? 0) > 0 && usage !== undefined && usage >= atHigh * high;

/**
 * The smallest `memory.high` of the cgroup and its ancestors; of equal ones the nearest. One that throttles comes before a
 * smaller one that does not: a pod or a class of pods can be at its own while each container is below its. The kernel counts
 * an event in the cgroup that sets the limit, not in the one below that is throttled for it.
 */
export function highOf(
  sample: CgroupSample,
  ancestor: (path: string) => CgroupSample | undefined,
): High | undefined {
  let smallest: High | undefined;
  let holding: High | undefined;
  for (let path: string | undefined = sample.id.path; path !== undefined; path = parentOf(path)) {
    const found = path === sample.id.path ? sample : ancestor(path);
    const { high, highEvents, highEventsLocal } = found?.details ?? {};
    if (found === undefined || high === undefined || high === 'none') continue;
    const events = highEventsLocal ?? highEvents;
    const one = defined<High>({ bytes: high, path, events });
    if (smallest === undefined || high < smallest.bytes) smallest = one;
    if (holds(found, high, events) && (holding === undefined || high < holding.bytes)) holding = one;
  }
  return holding ?? smallest;
}

/** The largest page that a kernel has: it rounds limits down to whole pages. */
const largestPage = 65_536;

/**
 * The limit that the API names for a container, where its cgroup has another one of its own: a resize that has not come
 * through, or a limit that someone set by hand. The cgroup's wins; undefined where they agree.
 */
export function apiLimitOf(
  { role, sample, container }: Identified,
  pageBytes = largestPage,
): Bytes | undefined {
  const named = container?.container?.limit;
  const own = sample.details?.limit;
  if (role.kind !== 'container' || named === undefined || own === undefined) return undefined;
  return own !== 'none' && Math.abs(named - own) < pageBytes ? undefined : named;
}

export function parentOf(path: string): string | undefined {
  if (path === '/') return undefined;
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
