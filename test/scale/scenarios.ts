/** The scenarios of the simulation. */
import type { SimulatedCluster } from './simulation/cluster.ts';

/** The seconds that a scenario covers. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Only the pods change. */
export async function steady(cluster: SimulatedCluster, seconds: number): Promise<Window> {
  const from = cluster.second;
  await cluster.run(seconds);
  return { from, to: from + seconds };
}

/** All agents start in the same second. */
export async function install(cluster: SimulatedCluster, seconds: number): Promise<Window> {
  cluster.startAll();
  return steady(cluster, seconds);
}

/** Like agents after a long time: they are out of step, and every pod has its annotations. */
export async function startAnnotated(cluster: SimulatedCluster, seconds: number): Promise<Window> {
  cluster.annotateAll();
  return install(cluster, seconds);
}

const downSeconds = 20;
const batchSeconds = 30;

/** Restarts a tenth of the agents at a time with an empty memory, and the next tenth 30 s later. */
export function rollOut(cluster: SimulatedCluster, seconds: number): Promise<Window> {
  const { nodes, second: from } = cluster;
  const endsAt = (index: number): number =>
    from + batchSeconds * Math.floor((10 * index) / nodes.length) + ((index * 7) % (batchSeconds / 3));
  return during(cluster, seconds, (second) => {
    for (const [index, node] of nodes.entries()) {
      if (second === endsAt(index)) node.stop();
      if (second === endsAt(index) + downSeconds) node.start(cluster.at);
    }
  });
}

/** The API server is away: half of the nodes get an error at once, half get no answer. @returns the time after it */
export async function outage(cluster: SimulatedCluster, away: number, seconds: number): Promise<Window> {
  const begin = cluster.at;
  cluster.api.trouble = (at, node) =>
    isWithin(at, begin, away) ? (node % 2 === 0 ? 'away' : 'silent') : undefined;
  await cluster.run(away);
  return steady(cluster, seconds);
}

/** The API server answers with Retry-After: 5 s. @returns the whole time */
export function overload(cluster: SimulatedCluster, busy: number, seconds: number): Promise<Window> {
  const begin = cluster.at;
  cluster.api.trouble = (at) => (isWithin(at, begin, busy) ? { retryAfterMs: 5_000 } : undefined);
  return steady(cluster, busy + seconds);
}

const isWithin = (at: number, begin: number, seconds: number): boolean =>
  at >= begin && at < begin + 1000 * seconds;

async function during(
  cluster: SimulatedCluster,
  seconds: number,
  happen: (second: number) => void,
): Promise<Window> {
  const from = cluster.second;
  await cluster.run(seconds, happen);
  return { from, to: from + seconds };
}
