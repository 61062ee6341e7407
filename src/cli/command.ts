/** The shape of a command, and its exit codes. */
import type { Io } from '../edges/process.ts';
import type { Flags } from './flags.ts';

export interface Command {
  readonly name: string;
  /** The argument after the name in the usage line: `DIR`. */
  readonly takes?: string;
  readonly about: string;
  readonly flags: Flags;
  /** Sentences of --help, below the usage line. */
  readonly notes?: readonly string[];
  readonly examples: readonly string[];
  run(args: readonly string[], io: Io): Promise<ExitCode>;
}

export const ExitCode = {
  done: 0,
  /** The command failed, or it found a fault. */
  wrong: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** The host or the cluster could not be read. */
  unreadable: 3,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
