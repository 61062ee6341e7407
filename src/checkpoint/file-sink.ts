/** What the node remembers, as a file that a next agent reads: each minute, and at the end. */
import type { NodeReport } from '../model/report.ts';
import type { Sink } from '../model/sink.ts';

export interface HistoryFileOptions {
  readonly file: string;
  /** Everything that is remembered now. */
  readonly render: (report: NodeReport) => string;
  /** Puts a whole file in the place of the old one, on the disk. */
  readonly keepFile: (file: string, text: string) => Promise<void>;
  /** What to say where that failed. */
  readonly explain: (error: unknown) => Error;
  /** Whether this agent may write the file now. @throws where it never may */
  readonly isMine: () => Promise<boolean>;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
  /** Nothing is written any more. */
  readonly closed: () => void;
}

/** No peak that is older than this is lost, however the agent ends. */
const periodMs = 60_000;
/** Reports come in steps of their own. */
const earlyMs = 500;

export function historyFileSink(options: HistoryFileOptions): Sink {
  const { file, render, keepFile, explain, isMine, now, closed } = options;
  let writtenAt: number | undefined;
  let last: NodeReport | undefined;

  async function put(report: NodeReport): Promise<void> {
    const at = now();
    if (!(await isMine())) return;
    try {
      await keepFile(file, render(report));
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
