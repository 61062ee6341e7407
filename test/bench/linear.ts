/**
 * Measures what the agent computes for a pass, without a host: whether it grows with the number of pods, how long it keeps
 * other events waiting, what churn and a scrape cost, and what a history weighs. Takes CPU time of this thread in turns and
 * compares medians, because other load changes the time. Fails if it misses a goal.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Health } from '../../src/agent/health.ts';
import { probeSite } from '../../src/agent/serve.ts';
import { thisProcess } from '../../src/edges/machine.ts';
import { metricFormats } from '../../src/metrics/metrics.ts';
import { monday } from '../usage/made/played.ts';
import { SimulatedNode } from '../usage/made/simulated-node.ts';
import { SimulatedAgent } from './simulated-agent.ts';

interface Line {
  readonly what: string;
  readonly found: number;
  readonly goal: number;
  readonly unit: string;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** CPU time of all threads, in milliseconds: compression runs aside. */
async function cost(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The median of ratios of neighbouring turns. A turn handles as many containers with either agent. */
async function ratio(
  [one, other]: readonly [SimulatedAgent, SimulatedAgent],
  turn: (agent: SimulatedAgent) => void,
): Promise<number> {
  const ratios: number[] = [];
  for (let round = -2; round < 9; round++) {
    const [first, second] = [await cost(() => turn(one)), await cost(() => turn(other))];
    if (round >= 0) ratios.push(second / first);
  }
  return median(ratios);
}

/** Turns of similar length, or a disturbance would meet only one of them. */
const containersPerTurn = 20_000;
const repeat = (agent: SimulatedAgent, work: () => void): void => {
  for (let done = 0; done < containersPerTurn; done += agent.containers) work();
};

async function grows(): Promise<readonly Line[]> {
  const agents = [new SimulatedAgent(110), new SimulatedAgent(1_000)] as const;
  const sample = await ratio(agents, (agent) => repeat(agent, () => agent.sample(1)));
  const report = await ratio(agents, (agent) => repeat(agent, () => agent.report(15)));
  const unit = '× the cost per container at 110 pods';
  return [
    { what: 'history of a sample, 1,000 pods', found: sample, goal: 1.2, unit },
    { what: 'report, 1,000 pods', found: report, goal: 1.2, unit },
  ];
}

async function churns(): Promise<Line> {
  const agents = [new SimulatedAgent(110), new SimulatedAgent(110)] as const;
  /** Makes up as many pods beside the calm agent: that costs the benchmark, not the agent. */
  const beside = new SimulatedNode(110);
  const found = await ratio(agents, (agent) => {
    for (let second = 1; second <= 60; second++) {
      if (agent === agents[1]) agent.replace(10);
      else {
        beside.replace(10);
        beside.observe(monday);
      }
      agent.sample(1);
      if (second % 15 === 0) agent.report(0);
    }
  });
  return { what: 'churn of 10 pods a second', found, goal: 2, unit: '× the cost of a calm minute' };
}

/** Half an hour with the closing of hours, and recommendations renewed every ten minutes. */
function pauses(): readonly Line[] {
  const agent = new SimulatedAgent(250);
  for (let report = 0; report < 40; report++) agent.report(3_600);
  agent.longest.clear();
  for (let report = 0; report < 120; report++) agent.report(15);
  return [...agent.longest].map(([stage, found]) => ({
    ...{ what: `longest stretch at 250 pods: ${stage}`, found, goal: 20, unit: 'ms of CPU' },
  }));
}

async function scrapes(): Promise<readonly Line[]> {
  const agent = new SimulatedAgent(110);
  const health = new Health(1_000, 0);
  const site = probeSite(
    health,
    () => 0,
    () => thisProcess(4096),
  );
  const lines: Line[] = [];
  for (const [format, { type, version }] of Object.entries(metricFormats))
    for (const acceptEncoding of ['identity', 'gzip']) {
      const accepts = { accept: `${type};version=${version}`, acceptEncoding };
      const costs: number[] = [];
      for (let scrape = 0; scrape < 60; scrape++) {
        health.ticked({ report: agent.report(15), faults: [], failures: [] }, 0, 0);
        costs.push(await cost(() => site.page('/metrics', accepts) ?? site.slowPage?.('/metrics', accepts)));
      }
      lines.push({
        ...{ what: `scrape of 220 containers, ${format}, ${acceptEncoding}`, found: median(costs) },
        ...{ goal: 5, unit: 'ms of CPU' },
      });
    }
  return lines;
}

type Weighed = Readonly<Record<'containers' | 'steady' | 'restored', number>>;

function weighs(): readonly Line[] {
  const script = fileURLToPath(new URL('../usage/made/history-bytes.ts', import.meta.url));
  const [few, many] = [500, 2_500].map((pods) => {
    // With threads, the compilers hold more or less from run to run.
    const args = ['--single-threaded', script, String(pods), String((pods * 2) / 5), '14'];
    const { stdout } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return JSON.parse(stdout) as Weighed;
  }) as [Weighed, Weighed];
  const more = many.containers - few.containers;
  return (['steady', 'restored'] as const).flatMap((state) => [
    {
      ...{ what: `history of 5,000 containers, 14 days, ${state}`, found: many[state] / 1e6 },
      ...{ goal: 6, unit: 'MB of heap' },
    },
    {
      ...{ what: `history of one more container, ${state}`, found: (many[state] - few[state]) / more },
      ...{ goal: 1_200, unit: 'bytes' },
    },
  ]);
}

const parts: Readonly<Record<string, () => Promise<readonly Line[]>>> = {
  grows,
  churns: async () => [await churns()],
  pauses: async () => pauses(),
  scrapes,
  weighs: async () => weighs(),
};
const wanted = process.argv.slice(2);
for (const [name, measure] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const { what, found, goal, unit } of await measure()) {
    const isReached = found <= goal;
    if (!isReached) process.exitCode = 1;
    const judged = isReached ? 'PASS' : 'FAIL';
    process.stdout.write(
      `${what.padEnd(58)} ${found.toFixed(2).padStart(7)} ${unit}, goal ${goal}  ${judged}\n`,
    );
  }
}
