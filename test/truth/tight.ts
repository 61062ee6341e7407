/** What a suggested limit has to be. */
import { playedWorkloads } from './schedules.ts';
import { ratioOf, type Tightness } from './tightness.ts';

/** MiB: so much that the program itself, and what the kernel charges ahead, are a hundredth of it. */
export const size = 112;
/** Of the smallest limit that holds. */
export const mostRatio = 1.3;

export const workloads = playedWorkloads(size);
/** A leak has no limit that would hold. */
export const sizable = workloads.filter(({ truth }) => truth.leakPerDay === undefined);

/** Undefined: it holds, and is no more than it may be. */
export function missOf(found: Tightness): string | undefined {
  const { workload, version, suggested, smallest } = found;
  const [limit, least] = [suggested, smallest].map((trial) => `${(trial.limit / 2 ** 20).toFixed(1)}Mi`);
  const what = `${workload.name} on v${version}: the limit of ${limit}`;
  if (suggested.worse !== undefined) return `${what} does not hold: ${suggested.worse}`;
  const ratio = ratioOf(found);
  return ratio <= mostRatio ? undefined : `${what} is ${ratio.toFixed(2)} × ${least}, which holds too`;
}
