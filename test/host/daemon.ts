/** A daemon of this test, in a mount namespace of its own: what it mounts and writes in /run is not the machine's. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import type { Cleanup } from './cleanup.ts';
import { endProcesses, run, toolPath, until } from './command.ts';

type Command = readonly [string, ...string[]];

/** Starts a command behind `unshare`, in a session of its own; its output goes to `log`. */
export function startDaemon(cleanup: Cleanup, log: string, [file, ...args]: Command): ChildProcess {
  const output = fs.openSync(log, 'a');
  // Detached: setsid. A Ctrl-C at the terminal must not reach it before what it runs has been taken away.
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

/** Waits until a command that asks the daemon is answered. @throws with the daemon's last words */
export async function untilAnswers(child: ChildProcess, log: string, command: Command): Promise<void> {
  let last = '';
  const words = (): string => `${last}\n${fs.readFileSync(log, 'utf8').split('\n').slice(-20).join('\n')}`;
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
    throw new Error(`${String(error)}\n${words()}`);
  }
}

/** The mount namespace of a process, once it has one of its own; undefined after its end. */
export function mountsOf(pid: number): string | undefined {
  try {
    return fs.readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}

/** The processes in a mount namespace that this test has made. */
export function processesIn(namespace: string): readonly number[] {
  assert.notEqual(namespace, mountsOf(process.pid), 'these are the mounts of the whole machine');
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => mountsOf(pid) === namespace);
}
