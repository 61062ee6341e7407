/** The comparison on this machine, with a real API server. */
import os from 'node:os';
import type { Progress } from '../../cluster/machine/progress.ts';
import { NodeTree } from '../node-tree.ts';
import { type Contestant, cadvisor, realmem } from './contestants.ts';
import type { Cost } from './cost.ts';
import { loadOf } from './load.ts';
import { costOfMetricsServer } from './metrics-server.ts';
import { announce, startNodeApi } from './node-api.ts';
import { type Turn, takeTurns, type Windows } from './turns.ts';

export interface Here {
  readonly turns: readonly Turn[];
  readonly metricsServer: Cost;
  readonly machine: string;
}

export interface PlanHere {
  readonly pods: number;
  readonly rounds: number;
  readonly periods: readonly number[];
  /** Seconds, for a trial. */
  readonly window: number | undefined;
  /** Settings of the agent that differ from the chart's. */
  readonly settings: Readonly<Record<string, string>>;
}

/** @param scratch has the bundle */
export async function turnsHere(
  scratch: string,
  { pods, rounds, periods, window, settings }: PlanHere,
  progress: Progress,
  say: (turn: Turn) => void,
): Promise<Here> {
  const tree = new NodeTree(scratch);
  process.on('exit', () => tree.remove());
  if (tree.plain !== undefined)
    throw new Error(`expected cgroups that this user may create, got: ${tree.plain}`);
  const api = await progress.part('API server', () => startNodeApi(pods));
  try {
    tree.grow(pods, { uid: (index) => api.uids[index] ?? '', containers: () => 2 });
    await announce(
      api.api.kube,
      tree.pods.map(({ containers }) => containers.flatMap(({ ids }) => ids)),
    );
    const contestants = [realmem(scratch, tree, api, settings), cadvisor(scratch, tree)];
    const windows = windowsOf(window);
    const turns = await takeTurns(contestants, loadOf(tree, scratch), { rounds, periods, windows }, say);
    const measured = { warmUp: 10, measured: window ?? 30 };
    return {
      turns,
      metricsServer: await costOfMetricsServer(scratch, tree, api, measured),
      machine: `${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown'}, ${os.type()} ${os.release()}, cgroup v${tree.version}`,
    };
  } finally {
    await api.api.close();
  }
}

/**
 * A report comes every 15 s, and once a minute the agent writes it to the cluster. V8 has compiled what is hot after five minutes: an
 * agent runs for months. cAdvisor neither writes nor compiles.
 */
const windowsOf =
  (window: number | undefined) =>
  ({ name }: Contestant, period: number): Windows => {
    const busy = period === 1 ? (window ?? 30) : 0;
    if (name === 'cAdvisor') return { warmUp: 10, calm: window ?? 30, busy };
    return { warmUp: window === undefined ? 300 : 15, calm: window ?? 60, busy };
  };
