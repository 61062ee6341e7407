/**
 * The first process of a container that probes. When the first process ends, the kernel kills all others of the container, the guard
 * of a lowered limit too. So the probe is a child: however it ends, the guard restores the limit before the container ends.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import { sleep } from '../clock.ts';
import { ownProgram } from './guard.ts';

/** The guard restores within a second. */
const patienceMs = 5_000;
const pollMs = 20;

/** Runs the command line in a child. @returns its exit code, when no other process of this container is left */
export async function supervise(args: readonly string[]): Promise<number> {
  const [file = '', ...before] = ownProgram();
  const child = spawn(file, [...before, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) =>
      resolve(status ?? 128 + (signal === null ? 0 : os.constants.signals[signal])),
    );
  });
  const { signal: never } = new AbortController();
  for (let left = patienceMs; left > 0 && othersRun(); left -= pollMs) await sleep(pollMs, never);
  return code;
}

/** Whether a process runs beside this one. An ended one that nobody waits for has no command line. */
const othersRun = (): boolean =>
  process.pid === 1 &&
  fs.readdirSync('/proc').some((name) => /^[1-9]\d*$/.test(name) && name !== '1' && isRunning(name));

function isRunning(pid: string): boolean {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`).length > 0;
  } catch {
    return false;
  }
}
