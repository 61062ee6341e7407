/** The process: its arguments, its streams, the signals that end it. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { codeOf } from '../model/located-error.ts';
import type { Output } from '../model/sink.ts';
import { type GivenLimit, readGiven } from './given-file.ts';

/** The kubelet puts it into each pod that has a service account. */
export const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

export interface Io {
  readonly args: readonly string[];
  readonly pid: number;
  /** Called as `kubectl realmem`, of a cluster is spoken; as `realmem`, of this machine. */
  readonly isPlugin: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly output: Output;
  /** A line on standard error. */
  say(text: string): void;
  /** Lines of the log on standard error, written before this returns. Never throws. */
  log(lines: string): void;
  /** Replaces the line of progress on standard error, where that is a terminal; '' removes it. */
  progress(text: string): void;
  /** `-` is standard input; a gzip file is inflated. @throws InputFault above the limit, and where nothing can be read */
  readText(file: string, limit: GivenLimit): string;
  /** Where a program of this user keeps what should last: `$XDG_STATE_HOME/realmem`. */
  readonly stateDir: string;
  /** Whether this is a pod with a service account. */
  readonly inCluster: boolean;
  /** Settles at the first SIGINT or SIGTERM. The next of either kind ends the process at once, with 128 + its number. */
  untilSignal(): Promise<string>;
  exit(code: number): void;
}

/** A user without a home, as in a container, keeps nothing beyond the machine's own time. */
function stateDirOf(given: string | undefined): string {
  try {
    return path.join(given || path.join(os.homedir(), '.local/state'), 'realmem');
  } catch {
    return path.join(os.tmpdir(), 'realmem');
  }
}

/** The reader of standard output has gone (`realmem top | head`): nothing is left to do. */
export class ReaderGone extends Error {}

export function processIo(): Io {
  const { env } = process;
  // Failures reach whoever writes, through the callback below.
  process.stdout.on('error', () => {});
  return {
    args: process.argv.slice(2),
    pid: process.pid,
    isPlugin: path.basename(process.argv[1] ?? '').startsWith('kubectl-realmem'),
    env,
    output: {
      isTerminal: process.stdout.isTTY === true,
      get lines() {
        // A terminal that does not tell its size has 0 rows.
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
    say: (text) => void process.stderr.write(`${text}\n`),
    log: (lines) => {
      try {
        fs.writeSync(2, lines);
      } catch {
        // Nobody reads the log: that is no reason to end.
      }
    },
    progress: (text) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
    },
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
