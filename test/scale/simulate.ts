/** Runs all simulations of docs/scale.md, and returns their results. */
import { type Change, changesOnThree } from './changes.ts';
import { type Figures, figuresIn } from './figures.ts';
import { install, outage, overload, rollOut, startAnnotated, steady } from './scenarios.ts';
import { SimulatedCluster } from './simulation/cluster.ts';
import { type Waits, waitsIn } from './waits.ts';

export interface Results {
  readonly steady: Figures;
  readonly long: Figures;
  readonly longWaits: Waits;
  readonly install: Figures;
  readonly installWaits: Waits;
  readonly rollOut: Figures;
  readonly away: Figures;
  readonly back: Figures;
  readonly busy: Figures;
  readonly afterBusy: Figures;
  readonly changes: readonly Change[];
}

const minute = 60;
const hour = 60 * minute;
/** One simulated node counts for this many. */
export const part = 25;
const nodes = 5_000;

/** Runs one simulation after the other and keeps none, because a whole cluster takes more than 1 GB. */
export async function simulateAll(say: (message: string) => void): Promise<Results> {
  say('a first install');
  const first = await firstInstall();
  say('a steady state, 429, an outage, a roll-out');
  const whole = await wholeCluster();
  say('two hours and more, of a part');
  const parts = { ...(await longRun()), installWaits: await longInstall() };
  say('three nodes');
  return { install: first, ...whole, ...parts, changes: await changesOnThree(12 * hour) };
}

async function firstInstall(): Promise<Figures> {
  const cluster = new SimulatedCluster({ nodes, seconds: 10 * minute, annotateEach: 1 });
  const { from, to } = await install(cluster, 10 * minute);
  return figuresIn(cluster.api, from, to);
}

type WholeCluster = Pick<Results, 'steady' | 'busy' | 'afterBusy' | 'away' | 'back' | 'rollOut'>;

async function wholeCluster(): Promise<WholeCluster> {
  const cluster = new SimulatedCluster({ nodes, seconds: hour });
  await startAnnotated(cluster, 5 * minute);
  const quiet = await steady(cluster, 10 * minute);
  const busy = await overload(cluster, minute, 6 * minute);
  const back = await outage(cluster, 10 * minute, 10 * minute);
  const rolled = await rollOut(cluster, 10 * minute);
  const of = (from: number, to: number): Figures => figuresIn(cluster.api, from, to);
  return {
    steady: of(quiet.from, quiet.to),
    busy: of(busy.from, busy.from + minute),
    afterBusy: of(busy.from + minute, busy.to),
    away: of(back.from - 10 * minute, back.from),
    back: of(back.from, back.to),
    rollOut: of(rolled.from, rolled.to),
  };
}

async function longRun(): Promise<Pick<Results, 'long' | 'longWaits'>> {
  const cluster = new SimulatedCluster({ nodes, simulated: nodes / part, seconds: 3 * hour });
  await startAnnotated(cluster, 30 * minute);
  const { from, to } = await steady(cluster, 2 * hour);
  return { long: figuresIn(cluster.api, from, to, part), longWaits: waitsIn(cluster) };
}

async function longInstall(): Promise<Waits> {
  const cluster = new SimulatedCluster({
    nodes,
    simulated: nodes / part,
    seconds: 3 * hour,
    annotateEach: 1,
  });
  await install(cluster, 160 * minute);
  return waitsIn(cluster);
}
