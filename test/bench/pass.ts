/**
 * One sampling pass over the cgroups of a node, against the same pass with `readFileSync` and against C. Contestants
 * take turns, and what counts is the ratio of neighbours: absolute times belong to the machine.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Baseline, type Contestant, keptOpen, pass, readByPath } from './contestants.ts';
import { NodeTree } from './node-tree.ts';

const shapes = [30, 110, 250];
const rounds = 15;
/** Not counted: the engine compiles what is hot. */
const warmUps = 3;
/** A turn is as many passes as it takes for about this many cgroups. */
const cgroupsPerTurn = 3000;

const contestants = {
  ours: 'ours',
  readFile: 'readFileSync',
  read: 'C, reading',
  parse: 'C, reading and parsing',
  oursDetailed: 'ours, detailed',
  readFileDetailed: 'readFileSync, detailed',
} as const;
type Name = keyof typeof contestants;
const names = Object.keys(contestants) as readonly Name[];

interface Goal {
  readonly words: string;
  readonly holds: (ratio: number) => boolean;
}

const ratios: readonly { readonly of: Name; readonly to: Name; readonly goal?: Goal }[] = [
  { of: 'ours', to: 'read', goal: { words: '≤ 1.5', holds: (ratio) => ratio <= 1.5 } },
  { of: 'ours', to: 'readFile', goal: { words: '< 0.5', holds: (ratio) => ratio < 0.5 } },
  { of: 'ours', to: 'parse' },
  { of: 'oursDetailed', to: 'readFileDetailed' },
];

interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  return { min: at(0), median: at(0.5), max: at(1) };
}

interface Result {
  readonly pods: number;
  readonly cgroups: number;
  readonly microseconds: Readonly<Record<Name, Spread>>;
  readonly ratios: readonly (Spread & {
    readonly of: Name;
    readonly to: Name;
    readonly goal?: string;
    readonly reached?: boolean;
  })[];
  /** Kept open by our passes, with the growth of the kernel's slab in the first one. */
  readonly descriptors: { readonly count: number; readonly slabBytes: number };
}

const openNow = (): number => fs.readdirSync('/proc/self/fd').length;
const slabNow = (): number =>
  Number(/^Slab:\s+(\d+) kB$/m.exec(fs.readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024;

async function measure(node: NodeTree, scratch: string): Promise<Result> {
  const cgroups = node.cgroups.length;
  const tree = keptOpen(node);
  const ours = pass(node, tree, false);
  const before = { open: openNow(), slab: slabNow() };
  await ours.run(1);
  const descriptors = { count: openNow() - before.open, slabBytes: slabNow() - before.slab };
  const byPath = readByPath(node);
  const baseline = new Baseline(node, scratch);
  const all: Readonly<Record<Name, Contestant>> = {
    ours,
    read: baseline.contestant('read'),
    readFile: pass(node, byPath, false),
    parse: baseline.contestant('parse'),
    oursDetailed: pass(node, tree, true),
    readFileDetailed: pass(node, byPath, true),
  };
  const passes = Math.ceil(cgroupsPerTurn / cgroups);
  const taken: Record<Name, number[]> = {
    ours: [],
    readFile: [],
    read: [],
    parse: [],
    oursDetailed: [],
    readFileDetailed: [],
  };
  for (let round = -warmUps; round < rounds; round++) {
    const found: number[] = [];
    for (const name of names) {
      const { nanoseconds, real } = await all[name].run(passes);
      if (round >= 0) taken[name].push(nanoseconds / passes / cgroups / 1000);
      if (real !== undefined) found.push(real);
    }
    // Not to the byte: the kernel gives charges back from its stocks in its own time.
    if (Math.max(...found) > Math.min(...found) * 1.1)
      throw new Error(`the contestants disagree about real: ${found.join(', ')}`);
  }
  tree.close();
  baseline.close();
  return {
    pods: node.pods.length,
    cgroups,
    microseconds: Object.fromEntries(names.map((name) => [name, spreadOf(taken[name])])) as Record<
      Name,
      Spread
    >,
    ratios: ratios.map(({ of, to, goal }) => {
      const spread = spreadOf(taken[of].map((value, round) => value / (taken[to][round] ?? Number.NaN)));
      return { of, to, ...spread, ...(goal && { goal: goal.words, reached: goal.holds(spread.median) }) };
    }),
    descriptors,
  };
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd : cell.padStart).call(cell, widths[column] ?? 0))
      .join('  ');
  return rows.map((row) => `  ${line(row)}\n`).join('');
}

const machine = {
  cpu: `${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown'}`,
  kernel: `${os.type()} ${os.release()}`,
  node: `${process.version}${process.execArgv.length > 0 ? ` ${process.execArgv.join(' ')}` : ''}`,
};

function text(node: NodeTree, results: readonly Result[]): string {
  const times = names.map((name) => [
    contestants[name],
    ...results.map(({ microseconds }) => microseconds[name].median.toFixed(1)),
  ]);
  const compared = results.flatMap(({ pods, ratios }) =>
    ratios.map(({ of, to, min, median, max, goal, reached }) => [
      `${contestants[of]} / ${contestants[to]}`,
      `${pods}`,
      ...[min, median, max].map((ratio) => ratio.toFixed(2)),
      goal ?? '',
      reached === undefined ? '' : reached ? 'PASS' : 'FAIL',
    ]),
  );
  return `A sampling pass over a node's cgroups
${machine.cpu} · ${machine.kernel} · node ${machine.node}
${node.plain === undefined ? `Real cgroups, v${node.version}` : `PLAIN FILES, not cgroups (${node.plain})`}
A pod: its own cgroup, a sandbox, and one container or, in every second pod, two

Median µs per cgroup
${table([['pods', ...results.map(({ pods }) => `${pods}`)], ['cgroups', ...results.map(({ cgroups }) => `${cgroups}`)], ...times])}
Ratios of neighbouring turns, ${rounds} rounds
${table([['', 'pods', 'min', 'median', 'max', 'goal', ''], ...compared])}`;
}

async function main(): Promise<void> {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-bench-'));
  process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));
  const node = new NodeTree(scratch);
  process.on('exit', () => node.remove());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
  const results: Result[] = [];
  for (const pods of shapes) {
    node.grow(pods);
    results.push(await measure(node, scratch));
  }
  process.stdout.write(text(node, results));
}

await main();
