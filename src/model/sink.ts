/** Destinations of reports. */
import type { NodeReport } from './report.ts';

/**
 * One destination. `write` resolves when the report has arrived. It rejects with a message that names the destination and
 * says what to do. A sink never throws synchronously and keeps no report after `write`. After a failure it accepts further
 * writes. `close` may be called more than once.
 */
export interface Sink {
  readonly name: string;
  write(report: NodeReport): Promise<void>;
  close(): Promise<void>;
}

/** Standard output: a terminal, a pipe or a file. */
export interface Output {
  readonly isTerminal: boolean;
  /** Current size of the terminal; undefined when unknown or not a terminal. */
  readonly lines: number | undefined;
  readonly columns: number | undefined;
  /** Rejects when the reader has closed its end. */
  write(text: string): Promise<void>;
}
