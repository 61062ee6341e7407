/** The process: its arguments, its streams, the signals that end it. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InputFault, messageOf } from '../model/fault.ts';
import type { Output } from '../model/sink.ts';
import { codeOf } from './errors.ts';

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

export interface Io {
  readonly args: readonly string[];
  readonly pid: number;
  /** Called as `kubectl realmem`, of a cluster is spoken; as `realmem`, of this machine. */
  readonly isPlugin: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly output: Output;
  /** A line on standard error. */
  say(text: string): void;
  /** `-` is standard input; what gzip made small is unpacked. @throws InputFault */
  readText(file: string): string;
  /** Where a program of this user keeps what should last: `$XDG_STATE_HOME/realmem`. */
  readonly stateDir: string;
  /** Whether this is a pod with a service account. */
  readonly inCluster: boolean;
  /** Settles at the first SIGINT or SIGTERM. A second one ends the process at once. */
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
    readText(file) {
      try {
        const bytes = fs.readFileSync(file === '-' ? 0 : file);
        return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
      } catch (error) {
        throw new InputFault({
          where: file,
          expected: 'a file that can be read',
          got: codeOf(error) ?? messageOf(error),
        });
      }
    },
    stateDir: stateDirOf(env['XDG_STATE_HOME']),
    inCluster: env['KUBERNETES_SERVICE_HOST'] !== undefined && fs.existsSync(serviceAccountToken),
    exit: (code) => process.exit(code),
    untilSignal: () =>
      new Promise((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
      }),
  };
}
