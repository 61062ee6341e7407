/** For how long a name was really watched, as far as its history tells. */

import { daySeconds } from '../model/time.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';

const hourSeconds = 3600;
/** Days of which a history keeps something. */
const daysKept = 14;
/** Hours are written to 2 %, and the last one counts whole: by less the two ways to count do not differ. */
const nearlyAll = 0.8;

/** Containers that end when their work is done: a run of a minute is all there is to see of one. */
const ends =
  /^(?:[A-Za-z]*(?:Job|Run|Task|Workflow)(?:Set)?|Pipeline|(?:Scheduled)?SparkApplication|BuildConfig|DeployerPod|JenkinsAgent|AutoscalingRunnerSet)(?:\.|$)/;

/**
 * From the first look to the last, less the time at which it was not there. What runs on and on counts by the hour, and what
 * ends by the day: two short runs on two days are a day.
 * @param workload `Deployment/cart`
 */
export function watchedSeconds(aggregate: UsageAggregate, workload: string): number {
  const { lookedFrom, lookedUntil, since, lastAt } = aggregate;
  const isLooked = lookedUntil >= lookedFrom;
  const [from, until] = isLooked ? [lookedFrom, lookedUntil] : [since, lastAt];
  const span = Math.max(0, until - from);
  const [kind = ''] = workload.split('/');
  const counted =
    aggregate.setting?.type === 'init' || ends.test(kind)
      ? byDays(aggregate, from, until)
      : byHours(aggregate, from, until);
  return counted >= nearlyAll * span ? span : counted;
}

function byHours(aggregate: UsageAggregate, from: number, until: number): number {
  const seconds = hoursSeen(aggregate, until) * hourSeconds;
  const { seen, missing } = daysSeen(aggregate, from, until);
  if (missing === 0) return seconds;
  // Many replicas in one hour weigh as much as one in many: only days on end tell that nobody looked away.
  const replicas = Math.max(1, aggregate.running, aggregate.replicas.length);
  return Math.min(seconds, Math.max(seconds / replicas, (seen - 2) * daySeconds));
}

function byDays(aggregate: UsageAggregate, from: number, until: number): number {
  const { seen, missing } = daysSeen(aggregate, from, until);
  return Math.max(until - from - missing * daySeconds, (seen - 1) * daySeconds);
}

/** Of those that a history can keep. The first and the last were looked at, whatever is written of them so far. */
function daysSeen(
  { days }: UsageAggregate,
  from: number,
  until: number,
): { readonly seen: number; readonly missing: number } {
  const last = Math.floor(until / daySeconds);
  const first = Math.max(Math.floor(from / daySeconds), last - daysKept);
  const between = [...days.keys()].filter((day) => day > first && day < last).length;
  const missing = Math.max(0, last - first - 1 - between);
  return { seen: last - first + 1 - missing, missing };
}

/** Hours a week ago count half: so many hours on end weigh as much. Several replicas weigh more, and never less. */
function hoursSeen({ hours }: UsageAggregate, at: number): number {
  const halfLife = hours.halfLifeDays * 24;
  const weight = (hours.totalAt(at) * Math.LN2) / halfLife;
  return weight >= 1 ? Number.POSITIVE_INFINITY : -halfLife * Math.log2(1 - weight);
}
