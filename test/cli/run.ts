/** Runs the command in this process, with its own streams, signals and environment. */

import { main } from '../../src/cli/main.ts';
import { readGiven } from '../../src/edges/given-file.ts';
import { type Io, ReaderGone } from '../../src/edges/process.ts';
import { Printed, type Ran, type Running } from './running.ts';

/** Where the command runs. Default: as `realmem`, with its output piped. */
export interface Screen {
  /** Called by kubectl. */
  readonly isPlugin?: boolean;
  readonly isTerminal?: boolean;
  /** Width of the terminal in cells. */
  readonly columns?: number;
}

/**
 * Starts the command without standard input: `-` would read the input of the test runner.
 * @param parts replaces these parts of the process too
 */
export function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  { isPlugin = false, isTerminal = false, columns, ...parts }: Screen & Omit<Partial<Io>, keyof Screen> = {},
): Running {
  const stdout = new Printed();
  const stderr = new Printed();
  let hasReader = true;
  const signal = Promise.withResolvers<string>();
  const io: Io = {
    args,
    pid: process.pid,
    isPlugin,
    env,
    random: () => 0.5,
    output: {
      isTerminal,
      lines: undefined,
      columns,
      // Resolves later, like a pipe.
      async write(text) {
        await new Promise((resolve) => setImmediate(resolve));
        if (!hasReader) throw new ReaderGone();
        stdout.add(text);
      },
    },
    terminal: {
      isInteractive: false,
      open: () => {
        throw new Error('expected no use of the terminal');
      },
    },
    say: (text) => stderr.add(`${text}\n`),
    log: (lines) => stderr.add(lines),
    progress: () => {},
    ask: async () => undefined,
    readText: readGiven,
    stateDir: `${env['XDG_STATE_HOME'] ?? '/nonexistent/.local/state'}/realmem`,
    inCluster: false,
    untilSignal: () => signal.promise,
    exit: () => {
      throw new Error('a command must not exit the process');
    },
    ...parts,
  };
  const ended = main(io).then((code): Ran => {
    stdout.end();
    stderr.end();
    return { code, stdout: stdout.text, stderr: stderr.text };
  });
  return {
    ended,
    kill: (name) => signal.resolve(name),
    hangUp: () => {
      hasReader = false;
    },
    prints: (pattern) => stdout.matches(pattern),
    says: (pattern) => stderr.matches(pattern),
  };
}

export const run = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  screen: Screen = {},
): Promise<Ran> => start(args, env, screen).ended;
