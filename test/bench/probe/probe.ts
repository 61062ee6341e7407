/**
 * `npm run bench:probe` compares the answers of `realmem probe` with the smallest limit that holds a workload, and writes docs/probe.md. It
 * needs root, cgroups that it may create, loop devices, cc, and Debian's packages postgresql, redis-server and redis-tools.
 *
 * It takes about 20 minutes for each workload, and keeps what it has measured, so a run that was interrupted goes on. `--only NAME,NAME`
 * measures these again. `--parallel 4` runs four of the paced workloads at once; PostgreSQL and Redis always run alone.
 *
 * `--guest` measures on cgroup v2 in an emulated machine, with `--mglru` under the multi-generational LRU.
 *
 * For a trial, which writes nothing: `--window 10 --rounds 1 --duration 30s --only hot-16`.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { rfc3339 } from '../../../src/model/time.ts';
import { progressOn } from '../../cluster/machine/progress.ts';
import { directoryOf } from '../../host/machine/cgroups.ts';
import { Cleanup } from '../../host/machine/cleanup.ts';
import { compileTo } from '../../truth/machine/compile.ts';
import { makeDisk } from './disk.ts';
import { kernelOfGuest, measureInGuest } from './guest/guest.ts';
import type { Plan } from './measure.ts';
import { writePart } from './page.ts';
import { type Kernel, lruOf, missesOf, type Results, readResults, rowOf, writeResults } from './results.ts';
import { type Listener, machineName, measureAll, workloadNames } from './workers.ts';
import type { Place } from './workloads.ts';

const usual: Plan = { window: 60, rounds: 3, duration: '2m' };

const { values } = parseArgs({
  options: {
    window: { type: 'string', default: String(usual.window) },
    rounds: { type: 'string', default: String(usual.rounds) },
    duration: { type: 'string', default: usual.duration },
    only: { type: 'string' },
    parallel: { type: 'string', default: '1' },
    guest: { type: 'boolean', default: false },
    mglru: { type: 'boolean', default: false },
  },
});
const plan: Plan = {
  window: Number(values.window),
  rounds: Number(values.rounds),
  duration: values.duration,
};
const isTrial = JSON.stringify(plan) !== JSON.stringify(usual);
if (values.mglru && !values.guest) throw new Error('--mglru: expected --guest too');
const kernel: Kernel = values.mglru ? 'guest-mglru' : values.guest ? 'guest' : 'here';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => process.exit(128 + os.constants.signals[signal]));
const progress = progressOn(process.stdout, new AbortController().signal);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-bench-'));
process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));
const reader = path.join(scratch, 'reader');
compileTo(reader, new URL('reader.c', import.meta.url));
const cli = new URL('../../../src/cli.ts', import.meta.url).pathname;
const cleanup = new Cleanup({ after: () => {} });
const disk = values.guest ? scratch : makeDisk(cleanup);
const here: Place = { disk, reader, realmem: [process.execPath, cli], postgresScale: 3 };

const kept = isTrial ? undefined : readResults(kernel);
const known = workloadNames(here);
const only = values.only?.split(',');
for (const name of only ?? [])
  if (!known.includes(name)) throw new Error(`--only: expected names of ${known.join(', ')}, got ${name}`);
const names = only ?? known.filter((name) => !kept?.workloads.some((one) => one.name === name));

const origin = { machine: await machineOf(), commit: commit() };
let results: Results = {
  plan,
  workloads: kept?.workloads ?? [],
  failed: kept?.failed.filter(({ name }) => !names.includes(name)) ?? [],
};
const keep = (change: Partial<Results>): void => {
  results = { ...results, ...change };
  if (!isTrial) writeResults(kernel, results);
};
const listener: Listener = {
  say,
  measured(measured) {
    const others = results.workloads.filter(({ name }) => name !== measured.name);
    const all = [...others, { ...measured, ...origin, at: rfc3339(Date.now()) }];
    keep({ workloads: known.flatMap((name) => all.filter((one) => one.name === name)) });
  },
  failed: (name, why) => keep({ failed: [...results.failed, { name, why }] }),
};
const work = { names, plan, parallel: Number(values.parallel) };
if (values.guest)
  await measureInGuest(
    scratch,
    reader,
    await kernelOfGuest(progress),
    { ...work, isMultiGenerational: values.mglru },
    progress,
    listener,
  );
else await measureAll(here, work, listener, cleanup);

const misses = [
  ...results.failed.map(({ name, why }) => `${name}: ${why}`),
  ...results.workloads.map((one) => rowOf(one, lruOf(kernel))).flatMap(missesOf),
];
for (const line of misses) say(line);
if (isTrial) say('A trial: docs/probe.md stays as it is.');
else writePart(kernel, known, results);
if (misses.length > 0) process.exitCode = 1;
// Timers of workloads that ended may be left.
process.exit();

/** For people. */
async function machineOf(): Promise<string> {
  if (!values.guest) return machineName(fs.existsSync(`${directoryOf('')}/cgroup.controllers`) ? 2 : 1);
  const { version } = await kernelOfGuest(progress);
  const lru = values.mglru ? 'multi-generational' : 'classic';
  return `Emulated machine, Linux ${version}, cgroup v2, ${lru} LRU`;
}

function commit(): string {
  const git = (...words: readonly string[]): string =>
    execFileSync('git', words, {
      cwd: path.resolve(import.meta.dirname, '../../..'),
      encoding: 'utf8',
    }).trim();
  // The benchmark writes its results, and a page.
  const changed = git('status', '--porcelain', '--', 'src', 'image', 'test', ':!test/bench/probe/results');
  return git('rev-parse', '--short', 'HEAD') + (changed === '' ? '' : '-dirty');
}
