/** Runs a daemon in its own mount namespace, so it does not change the machine's mounts and /run. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import type { Cleanup } from '../machine/cleanup.ts';
import { endProcesses, run, toolPath, until } from '../machine/command.ts';

type Command = readonly [string, ...string[]];

/** Starts a command with `unshare` in its own session. Its output goes to `log`. */
export function startDaemon(cleanup: Cleanup, log: string, [file, ...args]: Command): ChildProcess {
  const output = fs.openSync(log, 'a');
  // Detached calls setsid: Ctrl-C must not reach the daemon before the cleanup has removed its containers.
  const child = spawn(file, args, {
    detached: true,
    env: { PATH: toolPath },
    stdio: ['ignore', output, output],
  });
  fs.closeSync(output);
  child.unref();
  cleanup.add(() => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      endProcesses([child.pid]);
  });
  return child;
}

/** Waits until a client command succeeds. @throws with the last lines of the daemon's log */
export async function untilAnswers(child: ChildProcess, log: string, command: Command): Promise<void> {
  let last = '';
  const details = (): string => `${last}\n${fs.readFileSync(log, 'utf8').split('\n').slice(-20).join('\n')}`;
  try {
    await until(`${command.join(' ')} to be answered`, () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
      try {
        run(command);
        return true;
      } catch (error) {
        last = String(error);
        return undefined;
      }
    });
  } catch (error) {
    throw new Error(`${String(error)}\n${details()}`);
  }
}

/** The mount namespace of a process. Undefined after its end. */
export function mountsOf(pid: number): string | undefined {
  try {
    return fs.readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}

/** The processes in a mount namespace of this test. */
export function processesIn(namespace: string): readonly number[] {
  assert.notEqual(namespace, mountsOf(process.pid), 'the daemon shares the mounts of the machine');
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => mountsOf(pid) === namespace);
}
