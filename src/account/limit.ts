/** Finds the limit in force for a cgroup: its own, or that of an ancestor. */
import type { Bytes } from '../model/bytes.ts';
import { type CgroupSample, parentOf } from '../model/cgroup.ts';
import { defined } from '../model/json.ts';
import type { Identified } from '../model/observation.ts';

/** A limit, and the path of the cgroup that sets it. */
export interface Limit {
  readonly bytes: Bytes;
  readonly path: string;
}

/**
 * The smallest limit of the cgroup and its ancestors. Of equal limits the nearest wins: the report then names the
 * container's own limit and not its pod's. On v1 the kernel computes the figure (`hierarchical_memory_limit`). It includes
 * ancestors that the agent did not read, and ignores those without effect (`use_hierarchy` 0).
 * @param ancestor the sample of the cgroup at a path; undefined if it was not read
 * @returns undefined if no limit is in force
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
  // No cgroup that was read sets this limit. So attribute it to the nearest one that was not read.
  return { bytes: hierarchical, path: unread ?? '/' };
}

/** The `memory.high` in force for a cgroup. */
export interface High extends Limit {
  /** How often the usage of the cgroup at `path` exceeded it. Absent if the kernel or the recording does not say. */
  readonly events?: number;
}

/** Usage from this share of `memory.high` on counts as being at it. */
const atHigh = 0.9;

/** Whether a cgroup throttles all cgroups below it: usage exceeded its `memory.high` before, and is still at it. */
const isThrottling = ({ usage }: CgroupSample, high: Bytes, events: number | undefined): boolean =>
  (events ?? 0) > 0 && usage !== undefined && usage >= atHigh * high;

/**
 * The smallest `memory.high` of the cgroup and its ancestors; of equal ones the nearest. A throttling one wins over a
 * smaller one that does not throttle: a pod or a QoS class can be at its `memory.high` while each container is below its
 * own. The kernel counts an event in the cgroup that sets `memory.high`, not in the throttled cgroup below.
 */
export function highOf(
  sample: CgroupSample,
  ancestor: (path: string) => CgroupSample | undefined,
): High | undefined {
  // Cgroup v1 has none.
  if (sample.version === 1) return undefined;
  let smallest: High | undefined;
  let throttling: High | undefined;
  for (let path: string | undefined = sample.id.path; path !== undefined; path = parentOf(path)) {
    const found = path === sample.id.path ? sample : ancestor(path);
    const { high, highEvents, highEventsLocal } = found?.details ?? {};
    if (found === undefined || high === undefined || high === 'none') continue;
    const events = highEventsLocal ?? highEvents;
    const one = defined<High>({ bytes: high, path, events });
    if (smallest === undefined || high < smallest.bytes) smallest = one;
    if (isThrottling(found, high, events) && (throttling === undefined || high < throttling.bytes))
      throttling = one;
  }
  return throttling ?? smallest;
}

/** Bytes of the largest base page of any kernel. The kernel rounds limits down to whole pages. */
const largestPage = 65_536;

/**
 * The container's limit according to the API, if the cgroup has a different one: a resize is pending, or someone set the
 * limit by hand. The kernel enforces that of the cgroup. Undefined if both agree to within a page.
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
