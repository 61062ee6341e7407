/** What every sink gets: each report for itself, a deadline, and a place in the background. */
import { within } from '../edges/clock.ts';
import type { NodeReport } from '../model/report.ts';
import type { Sink } from '../model/sink.ts';

const deadlineMs = 2_000;

/** The same sink, given up on after two seconds; while it is still at one report it gets no other. */
export function withDeadline(sink: Sink): Sink {
  let busy = false;
  const write = async (report: NodeReport): Promise<void> => {
    busy = true;
    try {
      await sink.write(report);
    } finally {
      busy = false;
    }
  };
  return {
    name: sink.name,
    async write(report) {
      if (busy)
        throw new Error(`${sink.name}: the last report is still being written; this one was left out`);
      await within(deadlineMs, write(report), `${sink.name}: not written within ${deadlineMs / 1000} s`);
    },
    close: () => sink.close(),
  };
}

export interface Failure {
  readonly sink: string;
  readonly error: unknown;
}

export async function write(report: NodeReport, sinks: readonly Sink[]): Promise<readonly Failure[]> {
  const settled = await Promise.allSettled(sinks.map((sink) => sink.write(report)));
  return settled.flatMap((result, index) =>
    result.status === 'rejected' ? [{ sink: sinks[index]?.name ?? '', error: result.reason }] : [],
  );
}

/**
 * The same sink: a write begins and is left to itself, and while it goes on other reports pass it by. What became of it is
 * told at the next. An API that does not answer holds up neither the sampling nor another sink.
 * @param turn settles when this node may begin; at once unless given
 */
export function inBackground(sink: Sink, turn?: () => Promise<void>): Sink {
  let busy = false;
  let failure: { readonly error: unknown } | undefined;
  const begin = async (report: NodeReport): Promise<void> => {
    busy = true;
    try {
      if (turn !== undefined) await turn();
      await sink.write(report);
    } catch (error) {
      failure = { error };
    } finally {
      busy = false;
    }
  };
  return {
    name: sink.name,
    async write(report) {
      const before = failure;
      failure = undefined;
      if (!busy) void begin(report);
      if (before !== undefined) throw before.error;
    },
    close: () => sink.close(),
  };
}
