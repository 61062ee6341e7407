/** Accounted memory, its history and what is recommended → a verdict on each container. */
import type { CgroupId } from '../model/cgroup.ts';
import { isOversized, type Recommendation } from '../model/recommendation.ts';
import { isOwnLimit, type Verdict } from '../model/report.ts';
import type { Accounted, Judged } from '../model/sighting.ts';

/** Times are milliseconds since 1970. */
interface History {
  /** When this cgroup, or another of its name, was first seen. */
  sinceOf(id: CgroupId): number | undefined;
  lastKillOf(podUID: string, container: string): number | undefined;
}

/** Undefined: nothing is known yet, or there is nothing to size. */
type Advice = (id: CgroupId) => Recommendation | undefined;

const dayMs = 86_400_000;
/** From here on a container is killed by what is usual: a burst, a late collection of garbage. */
const nearLimit = 0.9;

export const judge = (
  accounted: readonly Accounted[],
  history: History,
  adviceOn: Advice,
  at: number,
): readonly Judged[] =>
  accounted.map((sighting) => {
    if (sighting.place.kind !== 'container' || sighting.container?.type === 'sandbox') return sighting;
    const recommendation = adviceOn(sighting.sample.id);
    const verdict = verdictOf(sighting, history, recommendation, at);
    return { ...sighting, verdict, ...(recommendation !== undefined && { recommendation }) };
  });

function verdictOf(
  { sample, usage, pod, container }: Accounted,
  history: History,
  recommendation: Recommendation | undefined,
  at: number,
): Verdict {
  const name = container?.container?.name;
  const killedAt = pod === undefined || name === undefined ? undefined : history.lastKillOf(pod.uid, name);
  if (killedAt !== undefined && at - killedAt < dayMs) return 'OOMKilled';
  const { realBytes, limitBytes, limitFrom, requestBytes } = usage;
  if (realBytes !== undefined && limitBytes !== undefined && realBytes >= nearLimit * limitBytes)
    return 'NearLimit';
  // Another replica's leak is no matter of this one.
  if (recommendation?.leak !== undefined && recommendation.leak.pod === pod?.name) return 'Leaking';
  const isLearning = at - (history.sinceOf(sample.id) ?? at) < dayMs;
  // Some hours tell what is needed at the least, and not what at the most.
  if (
    !isLearning &&
    recommendation !== undefined &&
    requestBytes !== undefined &&
    isOversized(requestBytes, recommendation.request)
  )
    return 'Oversized';
  if (limitBytes === undefined || !isOwnLimit(sample.id.path, limitFrom)) return 'NoLimit';
  return isLearning ? 'Learning' : 'OK';
}
