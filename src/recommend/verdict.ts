/** Accounted memory, history and recommendation → a verdict on each container. `verdict` is the first condition that matches. */
import type { CgroupId } from '../model/cgroup.ts';
import type { Accounted, Judged } from '../model/observation.ts';
import { isOversized, type Recommendation } from '../model/recommendation.ts';
import { isOwnLimit, type Verdict } from '../model/report.ts';
import { limitInForce, type MemoryUsage, nearLimit, suffersAtHigh } from '../model/usage.ts';

/** Times are milliseconds since 1970. */
interface VerdictHistory {
  /** When this cgroup, or another of the same name, was first observed. */
  sinceOf(id: CgroupId): number | undefined;
  lastKillOf(podUID: string, container: string): number | undefined;
  /** Whether the `high` events rose between the last two samples. */
  isAboveHigh(id: CgroupId): boolean;
}

/** Undefined: no history yet, or nothing to size. */
type RecommendationOf = (id: CgroupId) => Recommendation | undefined;

const dayMs = 86_400_000;

export const judge = (
  accounted: readonly Accounted[],
  history: VerdictHistory,
  adviceOn: RecommendationOf,
  at: number,
): readonly Judged[] => accounted.map(judgeAmong(accounted, history, adviceOn, at));

/** Judges one after another, where all at once would take too long. @param accounted all of the pass */
export function judgeAmong(
  accounted: readonly Accounted[],
  history: VerdictHistory,
  adviceOn: RecommendationOf,
  at: number,
): (observation: Accounted) => Judged {
  const pods = new Map(
    accounted.flatMap(({ role, sample, usage }) =>
      role.kind === 'pod' ? [[sample.id.path, usage] as const] : [],
    ),
  );
  return (observation) => {
    if (observation.role.kind !== 'container' || observation.container?.type === 'sandbox')
      return observation;
    const recommendation = adviceOn(observation.sample.id);
    const { path } = observation.sample.id;
    const inPod = pods.get(path.slice(0, path.lastIndexOf('/')));
    const verdict = verdictOf(observation, inPod, history, recommendation, at);
    return { ...observation, verdict, ...(recommendation !== undefined && { recommendation }) };
  };
}

function verdictOf(
  { sample, usage, pod, container }: Accounted,
  inPod: MemoryUsage | undefined,
  history: VerdictHistory,
  recommendation: Recommendation | undefined,
  at: number,
): Verdict {
  const name = container?.container?.name;
  const killedAt = pod === undefined || name === undefined ? undefined : history.lastKillOf(pod.uid, name);
  if (killedAt !== undefined && at - killedAt < dayMs) return 'OOMKilled';
  if (history.isAboveHigh(sample.id) && suffersAtHigh(usage)) return 'Throttled';
  const { realBytes, limitBytes, limitFrom, requestBytes } = usage;
  // From here on normal behavior can match: a burst, a late garbage collection.
  const limit = limitInForce(usage)?.bytes;
  if (isNearLimit(realBytes, limit) || isPodNearLimit(limit, inPod)) return 'NearLimit';
  // The leak of another replica does not concern this one.
  if (recommendation?.leak !== undefined && recommendation.leak.pod === pod?.name) return 'Leaking';
  const isLearning =
    at - (history.sinceOf(sample.id) ?? at) < dayMs || recommendation?.learning !== undefined;
  // A few hours show the least that a container needs, not the most.
  if (
    !isLearning &&
    recommendation !== undefined &&
    requestBytes !== undefined &&
    isOversized(requestBytes, recommendation.request)
  )
    return 'Oversized';
  // memory.high does not stop growth. Only memory.max does.
  if (limitBytes === undefined || !isOwnLimit(sample.id.path, limitFrom)) return 'NoLimit';
  return isLearning ? 'Learning' : 'OK';
}

const isNearLimit = (real: number | undefined, limit: number | undefined): boolean =>
  real !== undefined && limit !== undefined && real >= nearLimit * limit;

/** All containers of a pod reach the pod's limit together, however little each one uses. */
function isPodNearLimit(limit: number | undefined, pod: MemoryUsage | undefined): boolean {
  const whole = pod && limitInForce(pod)?.bytes;
  return whole !== undefined && limit !== undefined && limit >= whole && isNearLimit(pod?.realBytes, whole);
}
