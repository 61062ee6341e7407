/** What went wrong, where, and what to do about it. */
import { longestQuote, printable, printableUpTo } from './text.ts';

export interface FaultDetail {
  /** What is at fault: a file, a configuration key, a flag. */
  readonly where: string;
  /** Line in that file, from 1. */
  readonly line?: number;
  readonly expected: string;
  /** What came instead: foreign text, made safe to print and cut short here. A message was cut by whoever made it. */
  readonly got: string | { readonly message: string };
  readonly todo?: string;
}

/** Of paths and names together: a path that the kernel takes may be longer. */
const longestPart = 1024;

/** A located error. `message` reads `FILE:LINE: expected X, got Y; do Z`. */
export class LocatedError extends Error {
  readonly detail: FaultDetail & { readonly got: string };

  constructor(detail: FaultDetail) {
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

/** What the user gave is wrong: a flag, a file named on the command line. */
export class InputError extends LocatedError {}

/** Several faults found together: everything that is wrong is said at once. */
export class LocatedErrors extends Error {
  readonly all: readonly string[];

  constructor(all: readonly string[]) {
    super(all.join('\n'));
    this.name = 'LocatedErrors';
    this.all = all;
  }
}

/** Takes what is wrong with a part of a file, where the rest of the file still counts. */
export type OnFault = (fault: LocatedError) => void;

/** A file of bad lines is told by its first ones. */
export const mostFaults = 3;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** `ENOENT`, `EACCES`, …; undefined where the error has none. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The code, and where a right is missing how to get it. */
export function describeErrno(error: unknown): string {
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM')
    return `${code}: permission denied (run as root, or as a user who may read it)`;
  return code ?? String(error);
}
