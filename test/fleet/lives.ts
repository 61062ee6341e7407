/** Runs all simulations of docs/scale.md, and returns their results. */
import { type Change, changesOnThree } from './changes.ts';
import { type Figures, figuresIn } from './figures.ts';
import { install, outage, overload, rollOut, startAnnotated, steady } from './scenarios.ts';
import { Fleet } from './simulation/fleet.ts';
import { type Waits, waitsIn } from './waits.ts';

export interface FleetResults {
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

/** Runs one simulation after the other and keeps none, because a whole fleet takes more than 1 GB. */
export async function simulateAll(say: (message: string) => void): Promise<FleetResults> {
  say('a first install');
  const first = await firstInstall();
  say('a steady state, 429, an outage, a roll-out');
  const whole = await wholeFleet();
  say('two hours and more, of a part');
  const parts = { ...(await longLife()), installWaits: await longInstall() };
  say('three nodes');
  return { install: first, ...whole, ...parts, changes: await changesOnThree(12 * hour) };
}

async function firstInstall(): Promise<Figures> {
  const fleet = new Fleet({ nodes, seconds: 10 * minute, annotateEach: 1 });
  const { from, to } = await install(fleet, 10 * minute);
  return figuresIn(fleet.api, from, to);
}

type Whole = Pick<FleetResults, 'steady' | 'busy' | 'afterBusy' | 'away' | 'back' | 'rollOut'>;

async function wholeFleet(): Promise<Whole> {
  const fleet = new Fleet({ nodes, seconds: hour });
  await startAnnotated(fleet, 5 * minute);
  const quiet = await steady(fleet, 10 * minute);
  const busy = await overload(fleet, minute, 6 * minute);
  const back = await outage(fleet, 10 * minute, 10 * minute);
  const rolled = await rollOut(fleet, 10 * minute);
  const of = (from: number, to: number): Figures => figuresIn(fleet.api, from, to);
  return {
    steady: of(quiet.from, quiet.to),
    busy: of(busy.from, busy.from + minute),
    afterBusy: of(busy.from + minute, busy.to),
    away: of(back.from - 10 * minute, back.from),
    back: of(back.from, back.to),
    rollOut: of(rolled.from, rolled.to),
  };
}

async function longLife(): Promise<Pick<FleetResults, 'long' | 'longWaits'>> {
  const fleet = new Fleet({ nodes, living: nodes / part, seconds: 3 * hour });
  await startAnnotated(fleet, 30 * minute);
  const { from, to } = await steady(fleet, 2 * hour);
  return { long: figuresIn(fleet.api, from, to, part), longWaits: waitsIn(fleet) };
}

async function longInstall(): Promise<Waits> {
  const fleet = new Fleet({ nodes, living: nodes / part, seconds: 3 * hour, annotateEach: 1 });
  await install(fleet, 160 * minute);
  return waitsIn(fleet);
}
