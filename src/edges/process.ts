/** The process: its arguments, streams and signals. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import v8 from 'node:v8';
import { codeOf } from '../model/located-error.ts';
import { type GivenLimit, readGiven } from './given-file.ts';
import { processTerminal } from './terminal/process-terminal.ts';
import type { Terminal } from './terminal/terminal.ts';

/** The kubelet puts it into each pod that has a service account. */
export const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Standard output: a terminal, a pipe or a file. */
export interface Output {
  readonly isTerminal: boolean;
  /** Current size of the terminal; undefined when unknown or not a terminal. */
  readonly lines: number | undefined;
  readonly columns: number | undefined;
  /** Rejects when the reader has closed its end. */
  write(text: string): Promise<void>;
}

export interface Io {
  readonly args: readonly string[];
  readonly pid: number;
  /** Started as `kubectl realmem`: commands then refer to the cluster. Else they refer to this machine. */
  readonly isPlugin: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A random number from 0 to 1, for jitter. The program takes chance from here only. */
  readonly random: () => number;
  readonly output: Output;
  /** Standard input and output as a screen with keys. */
  readonly terminal: Terminal;
  /** Prints a line on standard error. */
  say(text: string): void;
  /** Writes log lines to standard error synchronously. Never throws. */
  log(lines: string): void;
  /** Replaces the progress line on standard error if that is a terminal; '' removes it. */
  progress(text: string): void;
  /** Asks on the terminal. @returns the line that the user types; undefined if standard input is no terminal */
  ask(question: string): Promise<string | undefined>;
  /** Reads a file, `-` for standard input; decompresses gzip. @throws InputError when unreadable or above the limit */
  readText(file: string, limit: GivenLimit): string;
  /** The directory for this user's persistent state: `$XDG_STATE_HOME/realmem`. */
  readonly stateDir: string;
  /** Whether this is a pod with a service account. */
  readonly inCluster: boolean;
  /** Resolves with the first SIGINT or SIGTERM. The second one ends the process at once with 128 + its number. */
  untilSignal(): Promise<string>;
  exit(code: number): void;
}

/** A user without a home directory, as in a container, gets the temporary directory. */
function stateDirOf(given: string | undefined): string {
  try {
    return path.join(given || path.join(os.homedir(), '.local/state'), 'realmem');
  } catch {
    return path.join(os.tmpdir(), 'realmem');
  }
}

/** The reader of standard output closed its end (`realmem top | head`): the program can stop. */
export class ReaderGone extends Error {}

/** The command that prints completions. It is not in --help. */
export const completeCommand = '__complete';

/** The command that guards a lowered limit (reclaim/guard.ts). It is not in --help. */
export const guardCommand = '__restore-limit';

/** The command that runs another one in a container (reclaim/supervisor.ts). It is not in --help. */
export const superviseCommand = '__supervise';

export function processIo(): Io {
  const { env } = process;
  // In an executable file of Node's (image/executable.ts), too, this argument is the name that it was started by.
  const startedAs = path.basename(process.argv[1] ?? '');
  // kubectl runs this program to complete the words after `kubectl realmem`.
  const isCompleter = startedAs.startsWith('kubectl_complete-realmem');
  // Without a listener an error would end the process. The write callback below reports it.
  process.stdout.on('error', () => {});
  return {
    args: [...(isCompleter ? [completeCommand] : []), ...process.argv.slice(2)],
    pid: process.pid,
    isPlugin: isCompleter || startedAs.startsWith('kubectl-realmem'),
    env,
    random: Math.random,
    output: {
      isTerminal: process.stdout.isTTY === true,
      get lines() {
        // A terminal without a known size has 0 rows.
        return process.stdout.rows || undefined;
      },
      get columns() {
        return process.stdout.columns || undefined;
      },
      write: (text) =>
        new Promise((resolve, reject) => {
          process.stdout.write(text, (error) =>
            error == null ? resolve() : reject(codeOf(error) === 'EPIPE' ? new ReaderGone() : error),
          );
        }),
    },
    terminal: processTerminal(env),
    say: (text) => void process.stderr.write(`${text}\n`),
    log: (lines) => {
      try {
        fs.writeSync(2, lines);
      } catch {
        // The agent must continue without a reader of its log.
      }
    },
    progress: (text) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
    },
    ask,
    readText: readGiven,
    stateDir: stateDirOf(env['XDG_STATE_HOME']),
    inCluster: env['KUBERNETES_SERVICE_HOST'] !== undefined && fs.existsSync(serviceAccountToken),
    exit: (code) => process.exit(code),
    untilSignal: () => {
      const { promise, resolve } = Promise.withResolvers<string>();
      let isFirst = true;
      for (const signal of ['SIGINT', 'SIGTERM'] as const)
        process.on(signal, () => {
          if (!isFirst) process.exit(128 + os.constants.signals[signal]);
          isFirst = false;
          resolve(signal);
        });
      return promise;
    },
  };
}

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  process.stderr.write(question);
  const lines = readline.createInterface({ input: process.stdin });
  const { promise, resolve } = Promise.withResolvers<string>();
  lines.once('line', resolve);
  // Ctrl-D: no answer.
  lines.once('close', () => resolve(''));
  try {
    return await promise;
  } finally {
    lines.close();
  }
}

/**
 * From now on V8 collects garbage early, for some more CPU time: a large cluster then takes a third less memory. Node warns of
 * flags that are set after the start. V8 reads this one before each collection.
 */
export const keepHeapSmall = (): void => v8.setFlagsFromString('--optimize-for-size');
