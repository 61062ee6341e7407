/** The live view of a cluster: the agents' reports, read again and again. */

import { clusterLines, clusterWarnings, noPodsNote } from '../cluster/notes.ts';
import { type ReadOptions, readCluster } from '../cluster/read.ts';
import { clusterRows } from '../cluster/rows.ts';
import type { ClusterView } from '../cluster/view.ts';
import { now, sleep } from '../edges/clock.ts';
import type { Kube } from '../kube/client.ts';
import { messageOf } from '../model/located-error.ts';
import type { LiveSource, LiveState } from './source.ts';

export interface ClusterSourceOptions {
  readonly kube: Pick<Kube, 'list'>;
  /** What to read. */
  readonly read: Omit<ReadOptions, 'now' | 'signal'>;
  /** Replaces nodes of each reading: `--fresh`. Default: the reports stay. */
  readonly refresh?: (view: ClusterView, signal: AbortSignal) => Promise<ClusterView>;
  /** Turns an API error into one with kubectl's words. */
  readonly printed: (error: unknown) => unknown;
  /** What is known of a row beyond its figures. Default: nothing. */
  readonly detail?: LiveSource['detail'];
  /** Milliseconds between two readings. */
  readonly periodMs?: number;
  /** The time in milliseconds since 1970. Default: the clock of this machine. */
  readonly now?: () => number;
  /** Waits between two readings. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const usualPeriodMs = 15_000;

/** The first reading must succeed. After that an error is a note, and the last state stays. */
export function clusterSource(options: ClusterSourceOptions): LiveSource {
  const { kube, read, printed, detail = async () => undefined, periodMs = usualPeriodMs } = options;
  const { refresh = async (view) => view, now: clock = now, sleep: wait = sleep } = options;
  return {
    detail,
    async follow(show, signal) {
      let last: LiveState | undefined;
      while (!signal.aborted) {
        try {
          const view = await readCluster(kube, { ...read, now: clock(), signal });
          last = clusterState(await refresh(view, signal));
          show(last);
        } catch (error) {
          if (signal.aborted) return;
          if (last === undefined) throw printed(error);
          show({ ...last, notes: [`Not updated: ${messageOf(printed(error))}`, ...last.notes] });
        }
        await wait(periodMs, signal);
      }
    },
  };
}

export const clusterState = (view: ClusterView): LiveState => ({
  title: clusterLines(view),
  at: view.at,
  rows: (by) => clusterRows(view, by),
  notes: [noPodsNote(view) ?? [], clusterWarnings(view), view.notes].flat(),
});
