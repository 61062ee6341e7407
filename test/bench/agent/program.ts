/** Programs that this process starts, measures and stops. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { Hopeless, until } from '../../cluster/machine/until.ts';

/** The text at this address. Undefined if the answer is no success. */
export async function get(url: string): Promise<string | undefined> {
  const answer = await fetch(url);
  const text = await answer.text();
  return answer.ok ? text : undefined;
}

export interface Running {
  readonly pid: number;
  /** Waits until a check is true. @throws Error if the program ends before */
  until(what: string, check: () => Promise<boolean>): Promise<void>;
  stop(): Promise<void>;
}

/** A program that has served nothing after this time never will. */
const timeoutMs = 180_000;

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Starts a program that writes to a log file. It ends with `stop`, and with this process. */
export function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv, log: string): Running {
  const output = fs.openSync(log, 'w');
  const child = spawn(program, args, { env, stdio: ['ignore', output, output] });
  fs.closeSync(output);
  children.add(child);
  if (child.pid === undefined) throw new Error(`cannot start ${program}`);
  return {
    pid: child.pid,
    async until(what, check) {
      await until(
        what,
        () => {
          if (child.exitCode !== null)
            throw new Hopeless(
              `${program} ended with ${child.exitCode}:\n${fs.readFileSync(log, 'utf8').slice(-2000)}`,
            );
          return check();
        },
        { timeoutMs },
      );
    },
    async stop() {
      children.delete(child);
      child.kill('SIGTERM');
      if ((child.exitCode ?? child.signalCode) === null) await once(child, 'exit');
    },
  };
}
