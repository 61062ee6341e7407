/** Writes the history of the node to its ConfigMap: rarely, because it is large, after a probe, and when the agent ends. */
import { type Api, applyCall } from '../kube/api.ts';
import { ApiError } from '../kube/api-error.ts';
import type { NodeReport, Sink } from '../model/report.ts';
import { encodedLength } from '../model/text.ts';
import type { WriteSchedule } from '../publish/schedule.ts';

export interface HistoryMapOptions {
  readonly api: Api;
  readonly path: () => string;
  readonly render: (report: NodeReport) => Promise<unknown>;
  readonly schedule: WriteSchedule;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Whether the ConfigMap may be written: not before it was read, or its history would be lost. */
  readonly wanted: () => boolean;
  /** Merges a history that another agent may have written there meanwhile. @throws ApiError */
  readonly reread: () => Promise<void>;
  /** Number of answers of probes that the history has taken. Whoever probes asks for a suggestion next. */
  readonly probes: () => number;
}

/** The last write is skipped if the previous one, or the start, is more recent than this, and no answer of a probe waits. */
const justNowMs = 300_000;
/** Writes after probes are at least this far apart: whoever may change a pod can write such answers all the time. */
const betweenProbesMs = 300_000;

export function historyMapSink({
  api,
  path,
  render,
  schedule,
  now,
  wanted,
  reread,
  probes,
}: HistoryMapOptions): Sink {
  let firstAt: number | undefined;
  let writtenAt: number | undefined;
  let last: NodeReport | undefined;
  let probesWritten = 0;
  let probesWrittenAt = Number.NEGATIVE_INFINITY;

  const hasProbe = (at: number): boolean =>
    probes() > probesWritten && at - probesWrittenAt >= betweenProbesMs && !schedule.isBackingOff(at);

  async function put(report: NodeReport, at: number): Promise<void> {
    let object: unknown;
    const taken = probes();
    try {
      await reread();
      if (!wanted()) return;
      object = await render(report);
      await api.call(applyCall(path(), object));
    } catch (error) {
      schedule.failed(now(), error instanceof ApiError ? error.retryAfterMs : undefined);
      throw error;
    }
    if (taken > probesWritten) probesWrittenAt = at;
    probesWritten = taken;
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
      if (wanted() && (schedule.isDue(at) || hasProbe(at))) await put(report, at);
    },
    async close() {
      const at = now();
      if (last === undefined || !wanted()) return;
      const since = writtenAt ?? firstAt;
      // On a node that drains the pod takes its annotation along, and nobody else has the answer.
      const isWaiting = probes() > probesWritten;
      if (!isWaiting && (since === undefined || at - since < justNowMs)) return;
      await put(last, at).catch(() => {});
    },
  };
}
