/** The live view of one host: passes of an agent that publishes nothing. */
import { now, ticks } from '../edges/clock.ts';
import { explain } from '../inspect/explain.ts';
import { shortLines } from '../inspect/short.ts';
import type { Look } from '../layout/look.ts';
import type { LiveSource } from '../live/source.ts';
import { reportState } from '../live/source.ts';
import type { NodeReport } from '../model/report.ts';
import { probeIn } from '../recommend/probed.ts';
import { History } from '../usage/history.ts';
import { Health } from './health.ts';
import { loop } from './loop.ts';
import type { Node } from './tick.ts';

export interface HostSourceOptions extends Look {
  /** The host. The caller closes it. */
  readonly node: Node;
  /** The directory that represents the host's `/`. */
  readonly root: string;
  readonly periodMs: number;
  /** List services, slices and sandboxes too. */
  readonly all: boolean;
  /** The part of the report that is shown. */
  readonly choose: (report: NodeReport) => NodeReport;
}

export function hostSource({ node, root, periodMs, all, choose, ...options }: HostSourceOptions): LiveSource {
  return {
    detail: hostDetail(node, root, options),
    async follow(show, signal) {
      const failed = Promise.withResolvers<never>();
      const aborted = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => aborted.resolve());
      const stop = await loop(
        { ...node, sinks: [] },
        {
          periodMs,
          reportPeriodMs: periodMs,
          health: new Health(periodMs, ticks()),
          log: { warn: () => {} },
          onTick: ({ report }) => {
            if (report !== undefined) show(reportState(choose(report), all, now()));
          },
          onError: failed.reject,
        },
      );
      try {
        await Promise.race([aborted.promise, failed.promise]);
      } finally {
        await stop();
      }
    },
  };
}

/** The lines about one row come from the host's files. A group of pods has none. */
export const hostDetail =
  (node: Node, root: string, options: Look): LiveSource['detail'] =>
  async ({ cgroup }, columns) => {
    if (cgroup === undefined) return undefined;
    return shortLines(
      explain(
        { ...node, history: new History(), remembered: node.history, probeOf: probeIn(node.history) },
        root,
        { target: cgroup },
        now(),
      ),
      { ...options, columns },
    );
  };
