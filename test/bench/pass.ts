/**
 * Measures one sampling pass over the cgroups of a node, and compares it with `readFileSync` and with C. The contestants
 * take turns, and the result is the ratio of neighbouring turns, because absolute times depend on the machine. With
 * `--json`, figures go to standard output and the table to standard error. Fails if it misses a goal.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { NodeTree } from './node-tree.ts';
import { cRunner, nodeRunner, type Runner } from './runner.ts';
import { type Goal, type Measured, printed, type Spread } from './table.ts';

/** Pods on a node: a small node, the kubelet's default limit, and the limit of large nodes. */
const shapes = [30, 110, 250];

/** Turns are short, so a disturbance affects neighbouring turns equally. */
const cgroupsPerTurn = 1000;

const goals: readonly Goal[] = [
  { of: 'tick', to: 'C, reading', below: 1.25 },
  { of: 'all', to: 'C, reading', below: 1.5 },
  { of: 'all', to: 'readFileSync', below: 0.5 },
  { of: 'all', to: 'C, reading and parsing' },
  { of: 'detailed', to: 'detailed, readFileSync' },
];

/** The contestant and its command. */
type Contestants = Readonly<Record<string, readonly [Runner, string]>>;

/**
 * Warm-ups do not count, because the engine compiles hot code meanwhile.
 * @returns the µs of CPU per cgroup of each contestant, round by round
 */
async function race(
  contestants: Contestants,
  cgroups: number,
  { warmUps, rounds }: { readonly warmUps: number; readonly rounds: number },
): Promise<Map<string, number[]>> {
  const passes = Math.ceil(cgroupsPerTurn / cgroups);
  const taken = new Map(Object.keys(contestants).map((name) => [name, [] as number[]]));
  for (let round = -warmUps; round < rounds; round++)
    for (const [name, [runner, command]] of Object.entries(contestants)) {
      const { nanoseconds } = await runner.run(command, passes);
      if (round >= 0) taken.get(name)?.push(nanoseconds / passes / cgroups / 1000);
    }
  return taken;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  return { min: at(0), median: at(0.5), max: at(1) };
}

async function measure(node: NodeTree): Promise<Measured> {
  const cgroups = node.cgroups.length;
  const ours = nodeRunner(node, 'kept');
  // The process runs, but has no file open yet.
  await ours.run('tick', 0);
  const before = { open: ours.openDescriptors, slab: slabNow() };
  await ours.run('tick', 3);
  const kept = { count: ours.openDescriptors - before.open, slabBytes: slabNow() - before.slab };
  const plain = nodeRunner(node, 'by-path');
  const c = cRunner(node);
  const taken = new Map([
    ...(await race(
      {
        tick: [ours, 'tick'],
        all: [ours, 'all'],
        'C, reading': [c, 'read'],
        readFileSync: [plain, 'all'],
        'C, reading and parsing': [c, 'parse'],
      },
      cgroups,
      { warmUps: 40, rounds: 60 },
    )),
    ...(await race({ detailed: [ours, 'detailed'], 'detailed, readFileSync': [plain, 'detailed'] }, cgroups, {
      warmUps: 4,
      rounds: 12,
    })),
  ]);
  const found = [await ours.run('real', 1), await plain.run('real', 1), await c.run('parse', 1)];
  const real = found.map((answer) => answer.real);
  // Not exact to the byte: the kernel returns precharged pages when it likes.
  if (!(Math.max(...real) <= Math.min(...real) * 1.1))
    throw new Error(`the contestants disagree about real: ${real.join(', ')}`);
  for (const runner of [ours, plain, c]) runner.close();
  const of = (name: string): readonly number[] => taken.get(name) ?? [];
  return {
    pods: node.pods.length,
    cgroups,
    microseconds: Object.fromEntries([...taken].map(([name, values]) => [name, spreadOf(values)])),
    ratios: goals.map((goal) => {
      const spread = spreadOf(of(goal.of).map((value, round) => value / (of(goal.to)[round] ?? Number.NaN)));
      // Plain files cost the kernel almost nothing, so only our own work would count.
      const judged = goal.below !== undefined && (node.plain === undefined || goal.to === 'readFileSync');
      return { ...goal, ...spread, ...(judged && { reached: spread.median < goal.below }) };
    }),
    kept,
  };
}

/** In memory if possible. */
function makeScratch(): string {
  try {
    return fs.mkdtempSync('/dev/shm/realmem-bench-');
  } catch {
    return fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-bench-'));
  }
}

const slabNow = (): number =>
  Number(/^Slab:\s+(\d+) kB$/m.exec(fs.readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => process.exit(128 + os.constants.signals[signal]));
const scratch = makeScratch();
const node = new NodeTree(scratch);
process.on('exit', () => {
  node.remove();
  fs.rmSync(scratch, { recursive: true, force: true });
});

const measured: Measured[] = [];
for (const pods of shapes) {
  node.grow(pods);
  measured.push(await measure(node));
}
const machine = {
  cpu: `${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown'}`,
  kernel: `${os.type()} ${os.release()}`,
  node: [process.version, ...process.execArgv].join(' '),
  cgroups: node.plain === undefined ? `real ones, v${node.version}` : `PLAIN FILES: ${node.plain}`,
};
const json = process.argv.includes('--json');
(json ? process.stderr : process.stdout).write(printed(machine, measured));
if (json) process.stdout.write(`${JSON.stringify({ machine, measured }, undefined, 2)}\n`);
if (measured.some(({ ratios }) => ratios.some(({ reached }) => reached === false))) process.exitCode = 1;
