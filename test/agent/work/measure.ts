/**
 * Counts what ticks of the agent ask of the file system, and what they allocate. Prints it as JSON. It is a process of its own, because it
 * replaces functions of node:fs. Arguments: the root of a host with a cgroup tree of plain files, which then passes for one of the kernel;
 * the cgroup version; a file with the pods.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import v8 from 'node:v8';
import { openNode } from '../../../src/agent/source.ts';
import { tick } from '../../../src/agent/tick.ts';
import { probesIn } from '../../../src/checkpoint/probes-file.ts';
import { Names } from '../../../src/identify/names.ts';
import type { Pod } from '../../../src/model/pod.ts';
import type { ProbeSource } from '../../../src/usage/probes/taker.ts';

/** Of the passes of one kind. */
export interface Work {
  passes: number;
  /** How often each function of node:fs was called. */
  readonly calls: Record<string, number>;
  bytesRead: number;
  /** By the pass that allocated least. Others close windows of the history, or compile code. */
  leastAllocated: number;
}

export interface Measured {
  readonly sample: Work;
  readonly report: Work;
}

const none = (): Work => ({ passes: 0, calls: {}, bytesRead: 0, leastAllocated: Number.POSITIVE_INFINITY });
/** statfs(2) types of the kernel's cgroup file systems. */
const cgroupFileSystem = { 1: 0x27e0eb, 2: 0x63677270 } as const;

/**
 * Exact to the byte while no garbage is collected. `total_allocated_bytes` counts whole buffers of some 140 kB: the same pass then
 * differs by more than it allocates.
 */
const heapUsed = (): number => v8.getHeapStatistics().used_heap_size;

/** The current pass. Undefined between passes. */
let work: Work | undefined;

type Function = (...args: unknown[]) => unknown;

/** Counts the calls of every function in the module. */
function countCalls(module: object, prefix: string): void {
  const functions = module as Record<string, unknown>;
  for (const [name, original] of Object.entries(functions)) {
    // A class has no calls to count.
    if (typeof original !== 'function' || /^[A-Z]/.test(name)) continue;
    const counted = function (this: unknown, ...args: readonly unknown[]): unknown {
      if (work !== undefined) work.calls[prefix + name] = (work.calls[prefix + name] ?? 0) + 1;
      const result = (original as Function).apply(this, [...args]);
      if (work !== undefined) work.bytesRead += bytesOf(name, result);
      return result;
    };
    functions[name] = Object.assign(counted, original);
  }
}

function bytesOf(name: string, result: unknown): number {
  if (name === 'readSync' || name === 'readvSync') return Number(result);
  if (name !== 'readFileSync') return 0;
  return typeof result === 'string' ? Buffer.byteLength(result) : (result as Uint8Array).length;
}

function passForCgroups(directory: string, version: 1 | 2): void {
  const { statfsSync } = fs;
  fs.statfsSync = ((file: string) =>
    String(file).startsWith(directory)
      ? { ...statfsSync(file), type: cgroupFileSystem[version] }
      : statfsSync(file)) as typeof statfsSync;
}

/** Settings of the chart. */
const [periodMs, reportPeriodMs] = [5_000, 15_000];
/** A missing file is looked for again after 60 passes, so this many passes have the same work wherever they begin. */
const passes = 60;
const warmUps = passes;
const start = Date.UTC(2026, 10, 23);

const [root = '', version, podsFile = ''] = process.argv.slice(2);
passForCgroups(path.join(root, 'sys/fs/cgroup'), version === '1' ? 1 : 2);
countCalls(fs, '');
countCalls(fs.promises, 'promises.');
syncBuiltinESMExports();

const pods = JSON.parse(fs.readFileSync(podsFile, 'utf8')) as readonly Pod[];
// Names that an API server keeps fresh.
const names = {
  names: new Names(pods),
  state: () => ({ source: 'API server', faults: [] }),
  close: () => {},
};
// As on most nodes, nobody has probed.
const probes: ProbeSource = {
  warn: (message) => {
    throw new Error(message);
  },
  kept: probesIn(path.join(root, 'node.probes.jsonl')),
};
const node = openNode({ root, node: 'node', periodSeconds: periodMs / 1000, probes }, [], names);
const measured = { sample: none(), report: none() };
for (let pass = -warmUps; pass < passes; pass++) {
  performance.now = () => (warmUps + pass) * periodMs;
  const isDue = pass % (reportPeriodMs / periodMs) === 0;
  const current = pass < 0 ? none() : isDue ? measured.report : measured.sample;
  const before = heapUsed();
  work = current;
  const { faults } = await tick(node, start + pass * periodMs, isDue);
  work = undefined;
  const allocated = heapUsed() - before;
  // Less after a pass than before it: the engine collected garbage, and the difference says nothing.
  if (allocated > 0) current.leastAllocated = Math.min(current.leastAllocated, allocated);
  current.passes++;
  if (faults[0] !== undefined) throw new Error(`${faults[0].cgroup}: ${faults[0].why}`);
}
node.host.close();
process.stdout.write(JSON.stringify(measured satisfies Measured));
