/** Writes the history of the node to a file each minute, and at the end. The next agent reads it. */
import type { NodeReport, Sink } from '../model/report.ts';

export interface HistoryFileOptions {
  readonly file: string;
  /** The current history as text. */
  readonly render: (report: NodeReport) => Promise<string>;
  /** Replaces the file atomically and syncs it. */
  readonly keepFile: (file: string, text: string) => Promise<void>;
  /** Turns the error of a failed write into one for people. */
  readonly explain: (error: unknown) => Error;
  /** Whether this agent may write the file now. @throws if it never may */
  readonly isMine: () => Promise<boolean>;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Called after the last write. */
  readonly closed: () => void;
}

/** A killed agent loses at most this much history. */
const periodMs = 60_000;
/** Reports are not exactly on time, so a write may come this much early. */
const earlyMs = 500;

export function historyFileSink(options: HistoryFileOptions): Sink {
  const { file, render, keepFile, explain, isMine, now, closed } = options;
  let writtenAt: number | undefined;
  let last: NodeReport | undefined;

  async function put(report: NodeReport): Promise<void> {
    const at = now();
    if (!(await isMine())) return;
    try {
      await keepFile(file, await render(report));
      writtenAt = at;
      last = undefined;
    } catch (error) {
      throw explain(error);
    }
  }

  return {
    name: 'history file',
    async write(report) {
      last = report;
      if (writtenAt !== undefined && now() - writtenAt < periodMs - earlyMs) return;
      await put(report);
    },
    async close() {
      try {
        if (last !== undefined) await put(last);
      } finally {
        closed();
      }
    },
  };
}
