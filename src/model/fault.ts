/** What went wrong, where, and what to do about it. */
import { printable } from './text.ts';

export interface FaultDetail {
  /** What is at fault: a file, a configuration key, a flag. */
  readonly where: string;
  /** Line in that file, from 1. */
  readonly line?: number;
  readonly expected: string;
  /** What came instead; foreign text, made safe to print here. */
  readonly got: string;
  readonly todo?: string;
}

/** A located error. `message` reads `FILE:LINE: expected X, got Y; do Z`. */
export class Fault extends Error {
  readonly detail: FaultDetail;

  constructor(detail: FaultDetail) {
    const at = detail.line === undefined ? '' : `:${detail.line}`;
    const todo = detail.todo === undefined ? '' : `; ${detail.todo}`;
    super(
      `${printable(detail.where)}${at}: expected ${detail.expected}, got ${printable(detail.got)}${todo}`,
    );
    this.name = 'Fault';
    this.detail = detail;
  }
}

/** What the user gave is wrong: a flag, a file named on the command line. */
export class InputFault extends Fault {}

/** Several faults found together: everything that is wrong is said at once. */
export class Faults extends Error {
  readonly all: readonly string[];

  constructor(all: readonly string[]) {
    super(all.join('\n'));
    this.name = 'Faults';
    this.all = all;
  }
}

/** Takes what is wrong with a part of a file, where the rest of the file still counts. */
export type OnFault = (fault: Fault) => void;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
