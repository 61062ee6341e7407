/** A sink that takes too long holds up nobody. */
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
