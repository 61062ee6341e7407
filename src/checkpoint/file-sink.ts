/** Writes the history of the node to a file every five minutes, and at the end. The next agent reads it. */
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

/** A killed agent loses at most this much history. A write makes tens of megabytes of garbage, so it costs more than a report. */
const longestMs = 300_000;
/** In the first minutes of an agent, someone may wait for what the file is for. */
const leastMs = 60_000;
/** Reports are not exactly on time, so a write may come this much early. */
const earlyMs = 500;

export function historyFileSink(options: HistoryFileOptions): Sink {
  const { file, render, keepFile, explain, isMine, now, closed } = options;
  let firstAt: number | undefined;
  let writtenAt: number | undefined;
  let last: NodeReport | undefined;

  async function put(report: NodeReport): Promise<void> {
    const at = now();
    if (!(await isMine())) return;
    try {
      await keepFile(file, await render(report));
      firstAt ??= at;
      writtenAt = at;
      last = undefined;
    } catch (error) {
      throw explain(error);
    }
  }

  /** As long as the file is young, it is written each time its age doubles. */
  function isDue(at: number): boolean {
    if (firstAt === undefined || writtenAt === undefined) return true;
    const waitMs = Math.min(longestMs, Math.max(leastMs, writtenAt - firstAt));
    return at - writtenAt >= waitMs - earlyMs;
  }

  return {
    name: 'history file',
    async write(report) {
      last = report;
      if (isDue(now())) await put(report);
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
