/**
 * `npm run cluster up|down|status|helm`, and `npm run test:cluster`, which runs `test`: up, the tests, down.
 * `-- --host-only` leaves out the second node. `-- --systemd` boots it with systemd, which then creates the cgroups of
 * its pods. `test -- --retry` runs failed files once more on a new cluster.
 */
import path from 'node:path';
import { guestDriver, isGuestRunning, startGuest } from '../guest/guest.ts';
import { agentArchive, agentImage, makeAgentImage } from '../images/agent-image.ts';
import { ownArchives } from '../images/archive.ts';
import { importArchive } from '../images/import.ts';
import { kubeconfig } from '../machine/paths.ts';
import { exclusively, isRunning, startedPrograms } from '../machine/processes.ts';
import { progressOn } from '../machine/progress.ts';
import { binary, buildBinaries } from './binaries.ts';
import { down } from './down.ts';
import { failedFiles } from './run-files.ts';
import { isUp, programs, up } from './up.ts';

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => interrupt.abort(new Error(`interrupted by ${signal}`)));
const progress = progressOn(process.stdout, interrupt.signal);

const hostOnly = '--host-only';
const systemd = '--systemd';
const retry = '--retry';

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  up: (args) => exclusively(() => bringUp(args)),
  down: () => exclusively(() => progressOn(process.stdout, new AbortController().signal).part('down', down)),
  status,
  helm: () => exclusively(buildHelm),
  test: (args) => exclusively(() => test(args)),
};

async function bringUp(args: readonly string[]): Promise<void> {
  const withGuest = !args.includes(hostOnly);
  const driver = args.includes(systemd) ? 'systemd' : 'cgroupfs';
  const wasUp = await isUp();
  if (wasUp) {
    // Without --systemd, a guest with either cgroup driver is fine.
    if (withGuest && driver === 'systemd' && isGuestRunning() && (await guestDriver()) !== driver)
      throw new Error('the second node runs without systemd: npm run cluster down');
    process.stdout.write('the cluster is already up\n');
    // The tests may need a new program.
    await buildBinaries(progress);
    // This is outside `try`, so a work tree that cannot build an image does not take down a running cluster.
    await makeAgentImage(progress);
  }
  try {
    if (!wasUp) {
      await progress.part('cluster up', () => up(progress));
      await makeAgentImage(progress);
    }
    if (withGuest && !isGuestRunning()) await startGuest(driver, [...ownArchives, agentArchive], progress);
    await progress.part('image of the agent imported', () => importArchive(agentImage, agentArchive));
  } catch (error) {
    await down();
    throw error;
  }
  printAccess();
}

/** Builds helm for the chart tests, which need no cluster. The last line of output is its path. */
async function buildHelm(): Promise<void> {
  await buildBinaries(progress, 'helm');
  process.stdout.write(`${binary('helm')}\n`);
}

function printAccess(): void {
  const programs = path.dirname(binary('kubectl'));
  process.stdout.write(`export KUBECONFIG=${kubeconfig('admin')} PATH=${programs}:$PATH\n`);
}

async function status(): Promise<void> {
  for (const name of new Set([...programs, ...startedPrograms()]))
    process.stdout.write(`${name.padEnd(24)} ${isRunning(name) ? 'running' : 'not running'}\n`);
  const ready = await isUp();
  if (ready) return printAccess();
  process.stdout.write('not ready\n');
  process.exitCode = 1;
}

/** A cluster that ran before keeps running, unless --retry has to replace it. */
async function test(args: readonly string[]): Promise<void> {
  const wasUp = await isUp();
  const flags = args.filter((arg) => arg.startsWith('--'));
  const named = args.filter((arg) => !arg.startsWith('--'));
  // The chart tests need no cluster, but they use the helm built here.
  const files = named.length > 0 ? named : ['test/chart/**/*.test.ts', 'test/cluster/**/!(tools).test.ts'];
  const takeDown = (): Promise<void> =>
    progressOn(process.stdout, new AbortController().signal).part('down', down);
  const run = async (files: readonly string[]): Promise<readonly string[]> => {
    await bringUp(flags);
    return failedFiles(files, { ...process.env, HELM: binary('helm') }, interrupt.signal);
  };
  try {
    let failed = await run(files);
    if (failed.length > 0 && flags.includes(retry)) {
      process.stdout.write(`\nretrying on a new cluster: ${failed.join(' ')}\n`);
      await takeDown();
      failed = await run(failed);
    }
    if (failed.length > 0) throw new Error(`failed: ${failed.join(' ')}`);
  } finally {
    if (!wasUp) await takeDown();
  }
}

const [name = '', ...args] = process.argv.slice(2);
const chosen = commands[name];
if (chosen === undefined) {
  process.stderr.write(`usage: npm run cluster ${Object.keys(commands).join('|')}\n`);
  process.exitCode = 2;
} else {
  try {
    await chosen(args);
  } catch (error) {
    const reason: unknown = interrupt.signal.aborted ? interrupt.signal.reason : error;
    process.stderr.write(`${reason instanceof Error ? reason.message : String(reason)}\n`);
    process.exitCode = 1;
  }
}
