/** A sink that nobody waits for. */
import type { NodeReport } from '../model/report.ts';
import type { Sink } from '../model/sink.ts';

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
