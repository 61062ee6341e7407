/** A limit on the real kernel: whether the workload does under it as well as without, and how much smaller it could be. */
import type { CgroupVersion } from '../../src/model/cgroup.ts';
import type { Recommendation } from '../../src/model/recommendation.ts';
import type { Machine } from './machine.ts';
import { play, type Run } from './play.ts';
import { boundsOf, type PlayedWorkload } from './schedules.ts';
import { adviceOn } from './watch.ts';

/** Of what it goes over, and of its time: so much worse than without a limit is as good. */
export const worseAllowed = 0.05;
/** The smallest limit is known so exactly, as a ratio. */
export const precision = 1.02;
const growth = 1.2;
const mostTrials = 10;

export interface Tightness {
  readonly workload: PlayedWorkload;
  readonly version: CgroupVersion;
  readonly advice: Recommendation;
  readonly suggested: Trial;
  /** The smallest limit that was found to hold. */
  readonly smallest: Trial;
  /** The largest that was found not to. Undefined: none was tried, since less than it holds cannot do. */
  readonly failing: Trial | undefined;
}

export interface Trial {
  /** Bytes. */
  readonly limit: number;
  /** In words, of the first replica that did worse. Undefined: the limit holds. */
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

/** What it is advised when it is watched without a limit. */
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
 * By bisection of the ratio between a limit that holds and one that does not. It begins close to where the answer should be:
 * just above all that it holds, and then just below.
 * @param least known not to hold: what cannot be taken back is as much, and the program comes on top
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
  if (smallest === undefined) throw new Error(`nothing holds up to ${failing?.limit} bytes`);
  return { smallest, failing };
}

/**
 * Not by how long it took or how often it went round: neighbours on the machine decide that too. What it had to fetch anew
 * of all that it went over is the same on a slow machine.
 */
export function worseThan(unlimited: Run, limited: Run): string | undefined {
  if (limited.oomKills > 0) return 'killed';
  for (const [what, share] of [
    ['fetched anew', refaultedShare],
    ['of its time stalled', stalledShare],
  ] as const) {
    const more = share(limited) - share(unlimited);
    if (more > worseAllowed) return `${(100 * more).toFixed(0)} % ${what}`;
  }
  return undefined;
}

const refaultedShare = ({ refaulted, goneOver }: Run): number => refaulted / goneOver;

const stalledShare = ({ stalledSeconds = 0, seconds }: Run): number => stalledSeconds / seconds;
