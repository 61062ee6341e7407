/** What the node remembers, in the cluster: seldom, since it is large, and when the agent ends. */
import { type Api, applyCall } from '../kube/api.ts';
import { ApiError } from '../kube/api-error.ts';
import type { NodeReport } from '../model/report.ts';
import type { Sink } from '../model/sink.ts';
import { encodedLength } from '../model/text.ts';
import type { WriteSchedule } from '../publish/schedule.ts';

export interface HistoryMapOptions {
  readonly api: Api;
  readonly path: () => string;
  readonly render: (report: NodeReport) => unknown;
  readonly schedule: WriteSchedule;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
  /** What was kept before must have been read first, or it would be lost. */
  readonly wanted: () => boolean;
  /** Takes up what another agent may have written there meanwhile. @throws KubeFault */
  readonly reread: () => Promise<void>;
}

/** At the end it is written once more, unless it was, or began, just now. */
const justNowMs = 300_000;

export function historyMapSink({
  api,
  path,
  render,
  schedule,
  now,
  wanted,
  reread,
}: HistoryMapOptions): Sink {
  let firstAt: number | undefined;
  let writtenAt: number | undefined;
  let last: NodeReport | undefined;

  async function put(report: NodeReport, at: number): Promise<void> {
    let object: unknown;
    try {
      await reread();
      if (!wanted()) return;
      object = render(report);
      await api.call(applyCall(path(), object));
    } catch (error) {
      schedule.failed(now(), error instanceof ApiError ? error.retryAfterMs : undefined);
      throw error;
    }
    writtenAt = at;
    last = undefined;
    schedule.done(at, encodedLength(JSON.stringify(object)));
  }

  return {
    name: 'history',
    async write(report) {
      const at = now();
      firstAt ??= at;
      last = report;
      if (wanted() && schedule.isDue(at)) await put(report, at);
    },
    async close() {
      const at = now();
      if (last === undefined || !wanted()) return;
      const since = writtenAt ?? firstAt;
      if (since === undefined || at - since < justNowMs) return;
      await put(last, at).catch(() => {});
    },
  };
}
