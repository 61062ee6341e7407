/**
 * Guards a lowered limit: a second process in a session of its own, which outlives the probe. The probe arms it before it
 * lowers the limit, and disarms it after. While armed, the guard restores the limit if the probe ends, even by SIGKILL, or
 * does not disarm it within a second.
 */
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import sea from 'node:sea';
import { LocatedError } from '../../model/located-error.ts';
import { guardCommand } from '../process.ts';
import { LimitFiles, type LimitState } from './limit-files.ts';

/** How this program starts: an executable file of its own, or Node with a script. */
export const ownProgram = (): readonly string[] => [
  process.execPath,
  ...(sea.isSea() ? [] : [...process.execArgv, process.argv[1] ?? '']),
];

export interface Guard {
  /** Resolves when the guard would restore the limit. @throws if the guard has ended */
  arm(): Promise<void>;
  disarm(): void;
  /** Ends the guard. */
  close(): Promise<void>;
}

/** @throws LocatedError if no guard starts */
export async function startGuard(
  directory: string,
  { limit, oomKillDisable }: LimitState,
  program = ownProgram(),
): Promise<Guard> {
  const [file = '', ...args] = [...program, guardCommand, directory, limit, oomKillDisable];
  // In a session of its own, Ctrl-C does not reach it.
  const child = spawn(file, args, { detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  child.stdin.on('error', () => {});
  const expect = async (word: string): Promise<void> => {
    const { value, done } = await lines.next();
    if (done === true || value !== word)
      throw new LocatedError({
        where: directory,
        expected: 'a second process that would restore the limit',
        got: 'none: it ended',
      });
  };
  await expect(words.ready);
  return {
    async arm() {
      child.stdin.write(`${words.arm}\n`);
      await expect(words.armed);
    },
    disarm() {
      child.stdin.write(`${words.disarm}\n`);
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

const words = { ready: 'ready', arm: 'arm', armed: 'armed', disarm: 'disarm' } as const;

/** The kernel takes milliseconds for one step. A stopped probe (SIGSTOP) would never raise the limit. */
const patienceMs = 1_000;

/** Runs until standard input ends. @param args directory, limit, oom_kill_disable */
export async function runGuard(args: readonly string[]): Promise<void> {
  const [directory = '', limit = '', oomKillDisable = ''] = args;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.stdout.on('error', () => {});
  const files = new LimitFiles(directory);
  let timer: NodeJS.Timeout | undefined;
  const restore = (): void => {
    try {
      files.restore({ limit, oomKillDisable });
    } catch {
      // The cgroup is gone. Or the kernel refuses, and the next try may succeed.
    }
  };
  const disarm = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  process.stdout.write(`${words.ready}\n`);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    disarm();
    if (line !== words.arm) continue;
    timer = setInterval(restore, patienceMs);
    process.stdout.write(`${words.armed}\n`);
  }
  if (timer !== undefined) restore();
  disarm();
}
