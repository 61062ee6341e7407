/** Accounted memory and its history → a verdict on each container. */
import type { CgroupId } from '../model/cgroup.ts';
import { isOwnLimit, type Verdict } from '../model/report.ts';
import type { Accounted, Judged } from '../model/sighting.ts';

/** Times are milliseconds since 1970. */
interface History {
  /** When this cgroup was first seen. */
  sinceOf(id: CgroupId): number | undefined;
  lastKillOf(podUID: string, container: string): number | undefined;
}

const dayMs = 86_400_000;
/** From here on a container is killed by what is usual: a burst, a late collection of garbage. */
const nearLimit = 0.9;

export const judge = (accounted: readonly Accounted[], history: History, at: number): readonly Judged[] =>
  accounted.map((sighting) =>
    sighting.place.kind === 'container' && sighting.container?.type !== 'sandbox'
      ? { ...sighting, verdict: verdictOf(sighting, history, at) }
      : sighting,
  );

function verdictOf({ sample, usage, pod, container }: Accounted, history: History, at: number): Verdict {
  const name = container?.container?.name;
  const killedAt = pod === undefined || name === undefined ? undefined : history.lastKillOf(pod.uid, name);
  if (killedAt !== undefined && at - killedAt < dayMs) return 'OOMKilled';
  const { realBytes, limitBytes, limitFrom } = usage;
  if (realBytes !== undefined && limitBytes !== undefined && realBytes >= nearLimit * limitBytes)
    return 'NearLimit';
  if (limitBytes === undefined || !isOwnLimit(sample.id.path, limitFrom)) return 'NoLimit';
  return at - (history.sinceOf(sample.id) ?? at) < dayMs ? 'Learning' : 'OK';
}
