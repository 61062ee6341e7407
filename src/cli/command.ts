/** What a command is, and how it ends. */
import type { Io } from '../edges/process.ts';
import type { Flags } from './flags.ts';

export interface Command {
  readonly name: string;
  /** Behind the name in its usage line: `DIR`. */
  readonly takes?: string;
  readonly about: string;
  readonly flags: Flags;
  readonly examples: readonly string[];
  run(args: readonly string[], io: Io): Promise<ExitCode>;
}

export const ExitCode = {
  done: 0,
  /** It ran, and something was found wrong. */
  wrong: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** The host could not be read. */
  unreadable: 3,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A command line that cannot be carried out. */
export class UsageError extends Error {}
