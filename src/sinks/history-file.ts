/** What the node remembers, as a file that a next agent reads: each minute, and at the end. */
import { messageOf } from '../model/fault.ts';
import type { NodeReport } from '../model/report.ts';
import type { Sink } from '../model/sink.ts';
import { elapsed } from './pace.ts';

export interface HistoryFileOptions {
  readonly file: string;
  /** Everything that is remembered now. */
  readonly render: (report: NodeReport) => string;
  /** Puts a whole file in the place of the old one. */
  readonly replaceFile: (file: string, text: string) => Promise<void>;
  /** Milliseconds. */
  readonly now: () => number;
}

/** No peak that is older than this is lost, however the agent ends. */
const periodMs = 60_000;
/** Reports come in steps of their own. */
const earlyMs = 500;

export function historyFileSink({ file, render, replaceFile, now }: HistoryFileOptions): Sink {
  let writtenAt: number | undefined;
  let last: NodeReport | undefined;

  async function put(report: NodeReport): Promise<void> {
    const at = now();
    try {
      await replaceFile(file, render(report));
      writtenAt = at;
      last = undefined;
    } catch (error) {
      throw new Error(
        `${file} was not written: ${messageOf(error)}; make the directory writable or give another with --history-dir`,
      );
    }
  }

  return {
    name: 'history file',
    async write(report) {
      last = report;
      if (writtenAt !== undefined && elapsed(writtenAt, now()) < periodMs - earlyMs) return;
      await put(report);
    },
    async close() {
      if (last !== undefined) await put(last).catch(() => {});
    },
  };
}
