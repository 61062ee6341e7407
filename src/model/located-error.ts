/** Errors that say where something went wrong, what was expected, what came, and what to do. */
import { longestQuote, printable, printableUpTo } from './text.ts';

export interface ErrorDetail {
  /** The location: a file, a configuration key, a flag. */
  readonly where: string;
  /** Line in that file, from 1. */
  readonly line?: number;
  readonly expected: string;
  /**
   * What came instead. A plain string is untrusted text: it is made printable and cut to 80 characters. A `message` comes
   * from another error that already limited its quotes: it is cut to 1024.
   */
  readonly got: string | { readonly message: string };
  readonly todo?: string;
}

/** Characters of a location or message. A path may have up to 4096, and would hide the rest of the error. */
const longestPart = 1024;

/** `message` reads `FILE:LINE: expected X, got Y; do Z`. */
export class LocatedError extends Error {
  readonly detail: ErrorDetail & { readonly got: string };

  constructor(detail: ErrorDetail) {
    const at = detail.line === undefined ? '' : `:${detail.line}`;
    const todo = detail.todo === undefined ? '' : `; ${detail.todo}`;
    const got =
      typeof detail.got === 'string'
        ? printableUpTo(longestQuote, detail.got)
        : printableUpTo(longestPart, detail.got.message);
    const where = printableUpTo(longestPart, detail.where);
    super(`${where}${at}: expected ${printable(detail.expected)}, got ${got}${printable(todo)}`);
    this.name = 'LocatedError';
    this.detail = { ...detail, got };
  }
}

/** The user may not do something in the cluster. */
export class NoRight extends LocatedError {}

/** The user's input is wrong: a flag, or a file named on the command line. */
export class InputError extends LocatedError {}

/** The command line or the configuration is wrong. The message is one sentence for the user. */
export class UsageError extends Error {}

/** An agent refuses a request. The message is its own: it says what it expected, what came and what to do. */
export class AgentError extends Error {}

/** Several errors found together. `message` has one line per error. */
export class LocatedErrors extends Error {
  readonly all: readonly string[];

  constructor(all: readonly string[]) {
    super(all.join('\n'));
    this.name = 'LocatedErrors';
    this.all = all;
  }
}

/** Receives an error in one part of a file. The rest of the file is still used. */
export type OnFault = (fault: LocatedError) => void;

/** Maximum number of errors to report per file. The first ones are enough to find the cause. */
export const mostFaults = 3;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The error's code: `ENOENT`, `EACCES`, … Undefined when it has none. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The error's code; for EACCES and EPERM also how to get access. */
export function describeErrno(error: unknown): string {
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM')
    return `${code}: permission denied (run as root, or as a user with read permission)`;
  return code ?? String(error);
}

/** What could not be read, for the notes of a view. Keeps the first messages and counts the others: thousands of reports may have the same fault. */
export class Faults {
  private readonly first: string[] = [];
  private count = 0;

  add(detail: ErrorDetail): void {
    this.addMessage(() => new LocatedError(detail).message);
  }

  /** @param message called only if the message is kept */
  addMessage(message: () => string): void {
    if (this.count++ < mostFaults) this.first.push(message());
  }

  get notes(): readonly string[] {
    const more = this.count - this.first.length;
    return more === 0
      ? this.first
      : [...this.first, `and ${more} more values or objects that cannot be read`];
  }
}
