/** The scenarios of the simulation. */
import type { Fleet } from './simulation/fleet.ts';

/** The seconds that a scenario covers. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Only the pods change. */
export async function steady(fleet: Fleet, seconds: number): Promise<Window> {
  const from = fleet.second;
  await fleet.run(seconds);
  return { from, to: from + seconds };
}

/** All agents start in the same second. */
export async function install(fleet: Fleet, seconds: number): Promise<Window> {
  fleet.startAll();
  return steady(fleet, seconds);
}

/** Like agents after a long time: they are out of step, and every pod has its annotations. */
export async function startAnnotated(fleet: Fleet, seconds: number): Promise<Window> {
  fleet.annotateAll();
  return install(fleet, seconds);
}

const downSeconds = 20;
const batchSeconds = 30;

/** Restarts a tenth of the agents at a time with an empty memory, and the next tenth 30 s later. */
export function rollOut(fleet: Fleet, seconds: number): Promise<Window> {
  const { nodes, second: from } = fleet;
  const endsAt = (index: number): number =>
    from + batchSeconds * Math.floor((10 * index) / nodes.length) + ((index * 7) % (batchSeconds / 3));
  return during(fleet, seconds, (second) => {
    for (const [index, node] of nodes.entries()) {
      if (second === endsAt(index)) node.stop();
      if (second === endsAt(index) + downSeconds) node.start(fleet.at);
    }
  });
}

/** The API server is away: half of the nodes get an error at once, half get no answer. @returns the time after it */
export async function outage(fleet: Fleet, away: number, seconds: number): Promise<Window> {
  const begin = fleet.at;
  fleet.api.trouble = (at, node) =>
    isWithin(at, begin, away) ? (node % 2 === 0 ? 'away' : 'silent') : undefined;
  await fleet.run(away);
  return steady(fleet, seconds);
}

/** The API server answers with Retry-After: 5 s. @returns the whole time */
export function overload(fleet: Fleet, busy: number, seconds: number): Promise<Window> {
  const begin = fleet.at;
  fleet.api.trouble = (at) => (isWithin(at, begin, busy) ? { retryAfterMs: 5_000 } : undefined);
  return steady(fleet, busy + seconds);
}

const isWithin = (at: number, begin: number, seconds: number): boolean =>
  at >= begin && at < begin + 1000 * seconds;

async function during(fleet: Fleet, seconds: number, happen: (second: number) => void): Promise<Window> {
  const from = fleet.second;
  await fleet.run(seconds, happen);
  return { from, to: from + seconds };
}
