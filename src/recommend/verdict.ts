/** Accounted memory, its history and what is recommended → a verdict on each container. */
import type { CgroupId } from '../model/cgroup.ts';
import type { Accounted, Judged } from '../model/observation.ts';
import { isOversized, type Recommendation } from '../model/recommendation.ts';
import { isOwnLimit, type Verdict } from '../model/report.ts';
import { limitInForce, type MemoryUsage, nearLimit, suffersAtHigh } from '../model/usage.ts';

/** Times are milliseconds since 1970. */
interface History {
  /** When this cgroup, or another of its name, was first seen. */
  sinceOf(id: CgroupId): number | undefined;
  lastKillOf(podUID: string, container: string): number | undefined;
  /** Whether the events of `memory.high` rose from the reading before to the last. */
  isAboveHigh(id: CgroupId): boolean;
}

/** Undefined: nothing is known yet, or there is nothing to size. */
type Advice = (id: CgroupId) => Recommendation | undefined;

const dayMs = 86_400_000;

export const judge = (
  accounted: readonly Accounted[],
  history: History,
  adviceOn: Advice,
  at: number,
): readonly Judged[] => {
  const pods = new Map(
    accounted.flatMap(({ role, sample, usage }) =>
      role.kind === 'pod' ? [[sample.id.path, usage] as const] : [],
    ),
  );
  return accounted.map((observation) => {
    if (observation.role.kind !== 'container' || observation.container?.type === 'sandbox')
      return observation;
    const recommendation = adviceOn(observation.sample.id);
    const { path } = observation.sample.id;
    const inPod = pods.get(path.slice(0, path.lastIndexOf('/')));
    const verdict = verdictOf(observation, inPod, history, recommendation, at);
    return { ...observation, verdict, ...(recommendation !== undefined && { recommendation }) };
  });
};

function verdictOf(
  { sample, usage, pod, container }: Accounted,
  inPod: MemoryUsage | undefined,
  history: History,
  recommendation: Recommendation | undefined,
  at: number,
): Verdict {
  const name = container?.container?.name;
  const killedAt = pod === undefined || name === undefined ? undefined : history.lastKillOf(pod.uid, name);
  if (killedAt !== undefined && at - killedAt < dayMs) return 'OOMKilled';
  if (history.isAboveHigh(sample.id) && suffersAtHigh(usage)) return 'Throttled';
  const { realBytes, limitBytes, limitFrom, requestBytes } = usage;
  // What is usual does it from here on: a burst, a late collection of garbage.
  const limit = limitInForce(usage)?.bytes;
  if (isNearLimit(realBytes, limit) || isPodNearLimit(limit, inPod)) return 'NearLimit';
  // Another replica's leak is no matter of this one.
  if (recommendation?.leak !== undefined && recommendation.leak.pod === pod?.name) return 'Leaking';
  const isLearning =
    at - (history.sinceOf(sample.id) ?? at) < dayMs || recommendation?.learning !== undefined;
  // Some hours tell what is needed at the least, and not what at the most.
  if (
    !isLearning &&
    recommendation !== undefined &&
    requestBytes !== undefined &&
    isOversized(requestBytes, recommendation.request)
  )
    return 'Oversized';
  // Above memory.high a container goes on growing: only memory.max ends that.
  if (limitBytes === undefined || !isOwnLimit(sample.id.path, limitFrom)) return 'NoLimit';
  return isLearning ? 'Learning' : 'OK';
}

const isNearLimit = (real: number | undefined, limit: number | undefined): boolean =>
  real !== undefined && limit !== undefined && real >= nearLimit * limit;

/** A limit of the pod as a whole is met by all its containers together, however little one of them has. */
function isPodNearLimit(limit: number | undefined, pod: MemoryUsage | undefined): boolean {
  const whole = pod && limitInForce(pod)?.bytes;
  return whole !== undefined && limit !== undefined && limit >= whole && isNearLimit(pod?.realBytes, whole);
}
