/** The command as people run it: a process of its own. */
import { spawn } from 'node:child_process';

const cli = new URL('../../src/cli.ts', import.meta.url).pathname;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly ended: Promise<Ran>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Closes the reading end of its standard output. */
  readonly hangUp: () => void;
  /** Settles when this stands in what was printed so far on standard error. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>;
}

/** @param program another than the sources: a bundle of them */
export function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  program = cli,
): Running {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let changed = Promise.withResolvers<void>();
  child.stdout.on('data', (data: Buffer) => {
    stdout += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString();
    changed.resolve();
    changed = Promise.withResolvers<void>();
  });
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      changed.resolve();
      resolve({ code, stdout, stderr });
    });
  });
  return {
    ended,
    kill: (signal) => void child.kill(signal),
    hangUp: () => void child.stdout.destroy(),
    async says(pattern) {
      for (;;) {
        const found = pattern.exec(stderr);
        if (found) return found;
        if (child.exitCode !== null) throw new Error(`it ended without saying ${pattern}: ${stderr}`);
        await changed.promise;
      }
    },
  };
}

export const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  start(args, env).ended;
