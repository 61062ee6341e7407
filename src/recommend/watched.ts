/** How long a container name was really observed, as far as its history shows. */
import { daySeconds } from '../model/time.ts';
import { daysKept, type UsageAggregate } from '../usage/aggregate.ts';

const hourSeconds = 3600;
/** Hours are stored to 2 %, and the last one counts whole: above this share the container was there all the time. */
const nearlyAll = 0.8;

/** Kinds whose pods end when their work is done: a run of a minute may be all there is to observe. */
const ends =
  /^(?:[A-Za-z]*(?:Job|Run|Task|Workflow)(?:Set)?|Pipeline|(?:Scheduled)?SparkApplication|BuildConfig|DeployerPod|JenkinsAgent|AutoscalingRunnerSet)(?:\.|$)/;

/**
 * From the first observation to the last, less the time in which it did not exist. A permanent workload counts by the hour. One
 * that ends counts by the day: two short runs on two days are a day.
 * @param workload `Deployment/cart`
 */
export function watchedSeconds(aggregate: UsageAggregate, workload: string): number {
  const { observedFrom, observedUntil, since, lastAt } = aggregate;
  const isObserved = observedUntil >= observedFrom;
  const [from, until] = isObserved ? [observedFrom, observedUntil] : [since, lastAt];
  const span = Math.max(0, until - from);
  const [kind = ''] = workload.split('/');
  const counted =
    aggregate.setting?.type === 'init' || ends.test(kind)
      ? byDays(aggregate, from, until)
      : byHours(aggregate, from, until);
  return counted >= nearlyAll * span ? span : counted;
}

function byHours(aggregate: UsageAggregate, from: number, until: number): number {
  const { seen, missing } = daysSeen(aggregate, from, until);
  if (missing === 0) return hoursSeen(aggregate, until, 1) * hourSeconds;
  // Many replicas in one hour weigh as much as one replica in many hours. Only consecutive days prove continuous observation.
  const replicas = Math.max(1, aggregate.running, aggregate.replicas.length);
  const together = hoursSeen(aggregate, until, 1) * hourSeconds;
  const each = hoursSeen(aggregate, until, replicas) * hourSeconds;
  return Math.min(together, Math.max(each, (seen - 2) * daySeconds));
}

function byDays(aggregate: UsageAggregate, from: number, until: number): number {
  const { seen, missing } = daysSeen(aggregate, from, until);
  return Math.max(until - from - missing * daySeconds, (seen - 1) * daySeconds);
}

/** Among the days that a history can keep. The first and the last count as observed, even without data so far. */
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

/**
 * The number of consecutive hours with this total weight (half-life: a week), shared by so many replicas. More replicas weigh
 * more, never less. Together they can outweigh any number of hours of one, so the weight is shared before it becomes hours.
 */
function hoursSeen({ hours }: UsageAggregate, at: number, replicas: number): number {
  const halfLife = hours.halfLifeDays * 24;
  const weight = (hours.totalAt(at) * Math.LN2) / halfLife / replicas;
  return weight >= 1 ? Number.POSITIVE_INFINITY : -halfLife * Math.log2(1 - weight);
}
