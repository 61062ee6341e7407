/** Wrappers for sinks: a deadline, independent failures, and writes in the background. */
import { within } from '../edges/clock.ts';
import type { NodeReport, Sink } from '../model/report.ts';

const deadlineMs = 2_000;

/** Wraps a sink: a write fails after two seconds, and reports are skipped while the last write still runs. */
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
        throw new Error(
          `${sink.name}: the last report is still being written, so the agent skipped this one`,
        );
      await within(deadlineMs, write(report), `${sink.name}: not written within ${deadlineMs / 1000} s`);
    },
    close: () => sink.close(),
  };
}

export interface Failure {
  readonly sink: string;
  readonly error: unknown;
}

export async function publish(report: NodeReport, sinks: readonly Sink[]): Promise<readonly Failure[]> {
  const settled = await Promise.allSettled(sinks.map((sink) => sink.write(report)));
  return settled.flatMap((result, index) =>
    result.status === 'rejected' ? [{ sink: sinks[index]?.name ?? '', error: result.reason }] : [],
  );
}

/**
 * Wraps a sink: writes run in the background, and reports are skipped while one runs. The next `write` throws the error of the last
 * one. So an API server that does not answer delays neither the sampling nor another sink.
 * @param turn resolves when this node may begin to write. Default: at once
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
