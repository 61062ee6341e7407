/**
 * `npm run cluster up|down|status|helm`; `npm run test:cluster` is `test`: up, the tests, down. With `-- --host-only` there is
 * no second node; with `-- --systemd` it has systemd, which makes the cgroups of its pods. `test -- --retry` runs what failed
 * once more, on a new cluster.
 */
import path from 'node:path';
import { agentArchive, agentImage, makeAgentImage } from './agent-image.ts';
import { binary, buildBinaries } from './binaries.ts';
import { down } from './down.ts';
import { guestDriver, isGuestRunning, startGuest } from './guest/guest.ts';
import { ownArchives } from './images.ts';
import { importArchive } from './import.ts';
import { kubeconfig } from './paths.ts';
import { exclusively, isRunning, startedPrograms } from './processes.ts';
import { progressOn } from './progress.ts';
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
    // Whoever does not ask for systemd takes what there is.
    if (withGuest && driver === 'systemd' && isGuestRunning() && (await guestDriver()) !== driver)
      throw new Error('the second node runs without systemd: npm run cluster down');
    process.stdout.write('up already\n');
    // A program of the tests may be new.
    await buildBinaries(progress);
    // A work tree that makes no image is no reason to end a cluster that runs.
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
  sayHowToReach();
}

/** For the tests of the chart, which need no cluster. The last line is its file. */
async function buildHelm(): Promise<void> {
  await buildBinaries(progress, 'helm');
  process.stdout.write(`${binary('helm')}\n`);
}

function sayHowToReach(): void {
  const programs = path.dirname(binary('kubectl'));
  process.stdout.write(`export KUBECONFIG=${kubeconfig('admin')} PATH=${programs}:$PATH\n`);
}

async function status(): Promise<void> {
  for (const name of new Set([...programs, ...startedPrograms()]))
    process.stdout.write(`${name.padEnd(24)} ${isRunning(name) ? 'runs' : 'not there'}\n`);
  const ready = await isUp();
  if (ready) return sayHowToReach();
  process.stdout.write('not ready\n');
  process.exitCode = 1;
}

/** A cluster that was up before stays up, unless a test failed that is to run again. */
async function test(args: readonly string[]): Promise<void> {
  const wasUp = await isUp();
  const flags = args.filter((arg) => arg.startsWith('--'));
  const named = args.filter((arg) => !arg.startsWith('--'));
  // The tests of the chart need the helm that is built here, and no cluster.
  const files = named.length > 0 ? named : ['test/chart/**/*.test.ts', 'test/cluster/**/*.test.ts'];
  const takeDown = (): Promise<void> =>
    progressOn(process.stdout, new AbortController().signal).part('down', down);
  const run = async (files: readonly string[]): Promise<readonly string[]> => {
    await bringUp(flags);
    return failedFiles(files, { ...process.env, HELM: binary('helm') }, interrupt.signal);
  };
  try {
    let failed = await run(files);
    if (failed.length > 0 && flags.includes(retry)) {
      process.stdout.write(`\nonce more, on a new cluster: ${failed.join(' ')}\n`);
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
