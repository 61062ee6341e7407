/** Where reports go. */
import type { NodeReport } from './report.ts';

/**
 * One destination. `write` settles when the report is there, or rejects with a message that names the destination
 * and says what to do; a sink never throws otherwise, keeps no report after `write`, and may be written again after
 * a failure. `close` may be called more than once.
 */
export interface Sink {
  readonly name: string;
  write(report: NodeReport): Promise<void>;
  close(): Promise<void>;
}

/** A stream that people or programs read. */
export interface Output {
  readonly isTerminal: boolean;
  /** Of a terminal, as it is now. */
  readonly lines: number | undefined;
  readonly columns: number | undefined;
  /** Rejects when the reader has gone. */
  write(text: string): Promise<void>;
}
