/**
 * `npm run bench:agent` measures what the whole agent costs a node, beside cAdvisor and in turns with it, on the same cgroups. It takes 25
 * minutes, and writes docs/performance.md. It needs root, cgroups that it may create, cc, and Go for the first build. For a trial:
 * `--rounds 1 --window 30 --pods 20`, which writes no page. `--set logLevel=debug` changes a setting of the agent. `--guest` measures on cgroup v2
 * instead, in an emulated machine.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildBinaries } from '../../cluster/bed/binaries.ts';
import { progressOn } from '../../cluster/machine/progress.ts';
import { bundleInto, programs } from './contestants.ts';
import type { Cost } from './cost.ts';
import { guestTurns } from './guest/guest.ts';
import { turnsHere } from './here.ts';
import { writeGuestPart, writePart } from './page.ts';
import { formatRange, formatRatio, rowsOf } from './results.ts';
import type { Turn } from './turns.ts';

/** The kubelet's default limit. */
const usualPods = 110;
/** The guest is emulated, and cAdvisor needs more time for a sample each second than its processors have. */
const periods = { here: [1, 15], guest: [5, 15] } as const;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2' },
    window: { type: 'string' },
    pods: { type: 'string', default: String(usualPods) },
    set: { type: 'string', multiple: true, default: [] },
    guest: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const window = values.window === undefined ? undefined : Number(values.window);
const pods = Number(values.pods);
const isTrial = rounds < 2 || window !== undefined || pods !== usualPods || values.set.length > 0;
const settings = Object.fromEntries(values.set.map((one) => one.split('=', 2)));

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
const describe = ({ cpuMs, anonymousBytes, rssBytes }: Cost): string =>
  `${cpuMs.toFixed(2)} ms/s, ${megabytes(anonymousBytes)} MB anonymous, ${megabytes(rssBytes)} MB RSS`;
const sayTurn = (turn: Turn): void =>
  say(
    `round ${turn.round}, every ${`${turn.period} s`.padStart(4)}, ${turn.load}: ${turn.program.padEnd(8)} ${describe(turn)}`,
  );

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => process.exit(128 + os.constants.signals[signal]));
const progress = progressOn(process.stdout, new AbortController().signal);
for (const program of values.guest ? ['cadvisor'] : programs) await buildBinaries(progress, program);

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-bench-'));
process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));
await bundleInto(scratch);

const busiest = os.loadavg()[0] ?? 0;
if (busiest > 0.5) say(`The machine is not quiet: its load is ${busiest.toFixed(1)}. Figures are too high.`);

const plan = { pods, rounds, window };
const { turns, ...more } = values.guest
  ? { turns: await guestTurns(scratch, { ...plan, periods: periods.guest }, progress, sayTurn) }
  : await turnsHere(scratch, { ...plan, periods: periods.here, settings }, progress, sayTurn);
if ('metricsServer' in more) say(`metrics-server, for the cluster: ${describe(more.metricsServer)}`);

const rows = rowsOf(turns);
for (const { what, unit, period, load, realmem, cadvisor, ratio, goal, isReached } of rows) {
  const verdict = goal === undefined ? '' : ` (goal ${goal}: ${isReached ? 'PASS' : 'FAIL'})`;
  say(
    `${what.padEnd(9)} every ${`${period} s`.padStart(4)}, ${load}: ${formatRange(realmem)} and ${formatRange(cadvisor)} ${unit}: ${formatRatio(ratio)}${verdict}`,
  );
}
if (isTrial) say('A trial: docs/performance.md stays as it is.');
else if ('metricsServer' in more) writePart({ ...plan, ...more, rows });
else writeGuestPart({ ...plan, rows });
if (rows.some(({ isReached }) => isReached === false)) process.exitCode = 1;
