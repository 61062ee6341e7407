/** The requirements for a suggested limit. */
import { playedWorkloads } from './schedules.ts';
import { ratioOf, type Tightness } from './tightness.ts';

/** MiB. The program itself and precharged pages are a hundredth of it. */
export const size = 112;
/** The allowed ratio to the smallest limit that holds. */
export const mostRatio = 1.3;

export const workloads = playedWorkloads(size);
/** No limit holds for a leak. */
export const sizable = workloads.filter(({ truth }) => truth.leakPerDay === undefined);

/** Undefined if the limit holds and is small enough. */
export function missOf(found: Tightness): string | undefined {
  const { workload, version, suggested, smallest } = found;
  const [limit, least] = [suggested, smallest].map((trial) => `${(trial.limit / 2 ** 20).toFixed(1)}Mi`);
  const what = `${workload.name} on v${version}: the limit of ${limit}`;
  if (suggested.worse !== undefined) return `${what} does not hold: ${suggested.worse}`;
  const ratio = ratioOf(found);
  return ratio <= mostRatio
    ? undefined
    : `${what} is ${ratio.toFixed(2)} × the smallest limit that holds (${least})`;
}
