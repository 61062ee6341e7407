/** Tries a limit on a real kernel: does the workload run as well as without, and how much smaller could the limit be? */
import type { CgroupVersion } from '../../../src/model/cgroup.ts';
import type { Recommendation } from '../../../src/model/recommendation.ts';
import type { Machine } from '../machine/machine.ts';
import { play, type Run } from './play.ts';
import { boundsOf, type PlayedWorkload } from './schedules.ts';
import { adviceOn } from './watch.ts';

/** A share of the touched bytes and of the time. A run that is worse by less counts as equal. */
export const worseAllowed = 0.05;
/** The search for the smallest limit ends at this ratio. */
export const precision = 1.02;
const growth = 1.2;
const mostTrials = 10;

export interface Tightness {
  readonly workload: PlayedWorkload;
  readonly version: CgroupVersion;
  readonly advice: Recommendation;
  readonly suggested: Trial;
  /** The smallest tried limit that holds. */
  readonly smallest: Trial;
  /** The largest tried limit that fails. Undefined if no trial failed. */
  readonly failing: Trial | undefined;
}

export interface Trial {
  /** In bytes. */
  readonly limit: number;
  /** Why the limit fails, for the first replica that ran worse. Undefined if it holds. */
  readonly worse?: string;
}

export const ratioOf = ({ suggested, smallest }: Tightness): number => suggested.limit / smallest.limit;

export async function tightnessOf(
  machine: Machine,
  workload: PlayedWorkload,
  program: string,
): Promise<Tightness> {
  const { unlimited, advice } = await adviceFor(machine, workload, program);
  const attempt = async (limit: number): Promise<Trial> => {
    for (const [replica, schedule] of workload.replicas.entries()) {
      const before = unlimited[replica];
      const worse = before && worseThan(before, await play(machine, schedule, limit, program));
      if (worse !== undefined) return { limit, worse };
    }
    return { limit };
  };
  const suggested = await attempt(advice.limit.target);
  const found = await smallestThatHolds(suggested, boundsOf(workload.replicas), attempt);
  return { workload, version: machine.version, advice, suggested, ...found };
}

/** The recommendation for the workload, observed without a limit. */
export async function adviceFor(
  machine: Machine,
  { stepSeconds, repeats, replicas }: PlayedWorkload,
  program: string,
): Promise<{ readonly unlimited: readonly Run[]; readonly advice: Recommendation }> {
  const unlimited: Run[] = [];
  for (const schedule of replicas) unlimited.push(await play(machine, schedule, undefined, program));
  const advice = adviceOn({ stepSeconds, repeats, replicas: unlimited.map(({ samples }) => samples) });
  return { unlimited, advice };
}

/**
 * Bisects between a limit that holds and one that fails. It starts just above all memory of the workload, and then just
 * below it: the result is expected there.
 * @param least a limit that fails: that of the unreclaimable memory, without the program itself
 */
async function smallestThatHolds(
  suggested: Trial,
  { least, all }: { readonly least: number; readonly all: number },
  attempt: (limit: number) => Promise<Trial>,
): Promise<Pick<Tightness, 'smallest' | 'failing'>> {
  let smallest = suggested.worse === undefined ? suggested : undefined;
  let failing = smallest === undefined ? suggested : undefined;
  for (let trials = 0; trials < mostTrials; trials++) {
    const below = Math.max(failing?.limit ?? 0, least);
    if (smallest !== undefined && smallest.limit / below <= precision) break;
    const guess = [all * precision, all / precision].find((limit) => {
      return limit > below * 1.001 && limit < (smallest?.limit ?? Number.POSITIVE_INFINITY) / 1.001;
    });
    const middle = smallest === undefined ? growth * below : Math.sqrt(smallest.limit * below);
    const trial = await attempt(Math.round(guess ?? middle));
    if (trial.worse === undefined) smallest = trial;
    else failing = trial;
  }
  if (smallest === undefined) throw new Error(`no limit up to ${failing?.limit} bytes holds`);
  return { smallest, failing };
}

/**
 * Compares shares. Duration and number of rounds depend on the other processes of the machine, and the share of refaulted
 * bytes does not.
 */
export function worseThan(unlimited: Run, limited: Run): string | undefined {
  if (limited.oomKills > 0) return 'killed';
  for (const [what, share] of [
    ['refaulted', refaultedShare],
    ['of the time stalled', stalledShare],
  ] as const) {
    const more = share(limited) - share(unlimited);
    if (more > worseAllowed) return `${(100 * more).toFixed(0)} % ${what}`;
  }
  return undefined;
}

const refaultedShare = ({ refaulted, touched }: Run): number => refaulted / touched;

const stalledShare = ({ stalledSeconds = 0, seconds }: Run): number => stalledSeconds / seconds;
