/** Runs the command as a process, like a user does. */
import { spawn } from 'node:child_process';
import { Printed, type Ran, type Running } from './running.ts';

/** Without the variables and the home of whoever runs the tests. */
export const bareEnv = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
  NODE_OPTIONS: process.env['NODE_OPTIONS'],
};

const cli = new URL('../../src/cli.ts', import.meta.url).pathname;

/** @param program the bundle instead of the sources */
export function startProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  program = cli,
): Running {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...bareEnv, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout = new Printed();
  const stderr = new Printed();
  child.stdout.on('data', (data: Buffer) => stdout.add(data.toString()));
  child.stderr.on('data', (data: Buffer) => stderr.add(data.toString()));
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      stdout.end();
      stderr.end();
      resolve({ code, stdout: stdout.text, stderr: stderr.text });
    });
  });
  return {
    ended,
    kill: (signal) => void child.kill(signal),
    hangUp: () => void child.stdout.destroy(),
    prints: (pattern) => stdout.matches(pattern),
    says: (pattern) => stderr.matches(pattern),
  };
}

export const runProcess = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> => startProcess(args, env).ended;
