/** Starts and stops programs that outlive the starting command. A PID file identifies each. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { dirs } from './paths.ts';
import { Hopeless, type Patience, until } from './until.ts';

interface Identity {
  readonly pid: number;
  /** Start time in clock ticks since boot. It distinguishes a process from a later one with the same PID. */
  readonly start: string;
}

const pidFile = (name: string): string => path.join(dirs.pids, name);
const logFile = (name: string): string => path.join(dirs.logs, `${name}.log`);

/** The shell records its own PID and then becomes the program, so the program never runs unrecorded. */
const recordAndBecome = 'read -r stat <"/proc/$$/stat" && echo "$stat" >"$0" && exec "$@"';

/** Starts a program in its own session. Ctrl-C then reaches only the command, which knows how to end the program. */
export async function start(name: string, program: string, args: readonly string[]): Promise<void> {
  fs.rmSync(pidFile(name), { force: true });
  const log = fs.openSync(logFile(name), 'a');
  const child = spawn('sh', ['-c', recordAndBecome, pidFile(name), program, ...args], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  fs.closeSync(log);
  child.unref();
  await until(`${name} to start`, () => identityIn(pidFile(name)) !== undefined || child.exitCode !== null);
}

/** Waits until a started program is ready. If it ends instead, the error has the end of its log. */
export function untilReady(name: string, check: () => Promise<boolean>, patience: Patience): Promise<true> {
  return until(
    `${name} to be ready`,
    async () => {
      if (await check()) return true;
      if (isRunning(name)) return false;
      const log = fs.readFileSync(logFile(name), 'utf8').trim().split('\n').slice(-12).join('\n');
      throw new Hopeless(`${name} ended; the end of ${logFile(name)}:\n${log}`);
    },
    patience,
  );
}

export function isRunning(name: string): boolean {
  const identity = identityIn(pidFile(name));
  return identity !== undefined && isAlive(identity);
}

export function startedPrograms(): readonly string[] {
  return fs.existsSync(dirs.pids) ? fs.readdirSync(dirs.pids) : [];
}

/** Ends a program: SIGTERM first, and SIGKILL after the grace period. */
export async function stop(name: string, graceMs: number): Promise<void> {
  const identity = identityIn(pidFile(name));
  if (identity !== undefined) {
    kill(identity, 'SIGTERM');
    await until(`${name} to end`, () => !isAlive(identity), { timeoutMs: graceMs }).catch(() => {});
    kill(identity, 'SIGKILL');
    await until(`${name} to end`, () => !isAlive(identity));
  }
  fs.rmSync(pidFile(name), { force: true });
}

function kill(identity: Identity, signal: NodeJS.Signals): void {
  if (isAlive(identity)) process.kill(identity.pid, signal);
}

function isAlive({ pid, start }: Identity): boolean {
  return identityIn(`/proc/${pid}/stat`)?.start === start;
}

/**
 * Parses a line of `/proc/<pid>/stat`. Returns undefined if all threads of the process have ended, even before its
 * parent reaps it.
 */
function identityIn(file: string): Identity | undefined {
  let line: string;
  try {
    line = fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  // The name stands in parentheses and may contain anything. After it come the state (field 3), …, and the start time
  // (field 22).
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const start = fields[19];
  // A main thread that has ended is a zombie while other threads still run. Until the last one ends, the listeners stay
  // open.
  const isOver = fields[0] === 'Z' && Number(fields[17]) <= 1;
  if (start === undefined || isOver) return undefined;
  return { pid: Number.parseInt(line, 10), start };
}

const lockFile = path.join(dirs.cache, 'lock');

/** Lets one command at a time work on the cluster. A lock of a killed command does not count. */
export async function exclusively(work: () => Promise<void>): Promise<void> {
  const other = identityIn(lockFile);
  if (other !== undefined && isAlive(other))
    throw new Error(`another command works on the cluster: process ${other.pid}`);
  fs.mkdirSync(dirs.cache, { recursive: true });
  fs.copyFileSync('/proc/self/stat', lockFile);
  try {
    await work();
  } finally {
    fs.rmSync(lockFile, { force: true });
  }
}
