/** Simulations of a part of a cluster of 5,000 nodes. Each simulated node uses one share of the budget, and counts for many. */
import { once } from 'node:events';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { changesOnThree } from './changes.ts';
import { type Figures, figuresIn } from './figures.ts';
import { longestWaitSeconds } from './requirements.ts';
import { install, outage, overload, rollOut, startAnnotated, steady, type Window } from './scenarios.ts';
import { SimulatedCluster } from './simulation/cluster.ts';
import { large } from './simulation/pods.ts';
import { waitsIn } from './waits.ts';

const nodes = 5_000;
const minute = 60;

/** A few complete nodes. */
const few = (simulated: number, seconds: number): SimulatedCluster =>
  new SimulatedCluster({ nodes, simulated, seconds, annotateEach: 1 });

/** Many nodes with one pod each and without annotations, to measure single seconds. */
const many = (seconds: number): SimulatedCluster =>
  new SimulatedCluster({ nodes, simulated: 500, pods: 1, seconds, annotateEach: 1_000_000 });

const figuresOf = (cluster: SimulatedCluster, { from, to }: Window): Figures =>
  figuresIn(cluster.api, from, to, nodes / cluster.nodes.length);

const measures = {
  async steady() {
    const cluster = few(10, 40 * minute);
    await startAnnotated(cluster, 10 * minute);
    return figuresOf(cluster, await steady(cluster, 30 * minute));
  },

  async largePods() {
    const some = 3_000;
    const cluster = new SimulatedCluster({
      nodes: some,
      simulated: 6,
      pods: 50,
      shape: large,
      seconds: 20 * minute,
      annotateEach: 1,
    });
    await startAnnotated(cluster, 10 * minute);
    const { from, to } = await steady(cluster, 10 * minute);
    return figuresIn(cluster.api, from, to, some / cluster.nodes.length);
  },

  async tenMinutesOfInstall() {
    const cluster = few(100, 10 * minute);
    return figuresOf(cluster, await install(cluster, 10 * minute));
  },

  async firstInstall() {
    const cluster = few(5, longestWaitSeconds);
    await install(cluster, longestWaitSeconds);
    return waitsIn(cluster);
  },

  async startOfAll() {
    const cluster = many(6 * minute);
    const { writes } = figuresOf(cluster, await install(cluster, 6 * minute));
    return { writes, histories: Math.max(...cluster.api.counts.history.writes) };
  },

  async trouble() {
    const cluster = many(24 * minute);
    await startAnnotated(cluster, 2 * minute);
    const rolled = figuresOf(cluster, await rollOut(cluster, 5 * minute));
    const busy = figuresOf(cluster, await overload(cluster, minute, 3 * minute));
    const heard = new Set<number>();
    for (const node of cluster.nodes) node.wrote = () => heard.add(node.index);
    const back = figuresOf(cluster, await outage(cluster, 6 * minute, 7 * minute));
    return { rolled, busy, back, heard: heard.size, nodes: cluster.nodes.length };
  },

  changes: () => changesOnThree(2 * 3600),
};

type Measures = typeof measures;
type Measured = { readonly [Name in keyof Measures]: Awaited<ReturnType<Measures[Name]>> };

/** One for all measures: a new thread would load the agent again. */
let thread: Worker | undefined;

/**
 * Measures in another thread, one measure at a time. In a thread with tests, the test runner follows each promise: that takes a
 * third of the time.
 */
export async function measure<Name extends keyof Measures>(name: Name): Promise<Measured[Name]> {
  thread ??= new Worker(new URL(import.meta.url), { workerData: { measures: true } });
  thread.ref();
  thread.postMessage(name);
  // Rejects when the thread fails.
  const [measured] = await once(thread, 'message');
  // An idle thread does not keep the process alive.
  thread.unref();
  return measured;
}

if ((workerData as { readonly measures?: true } | null)?.measures)
  parentPort?.on('message', async (name: keyof Measures) => parentPort?.postMessage(await measures[name]()));
