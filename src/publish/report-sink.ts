/** The node's report as one object in the cluster: the custom resource, or a ConfigMap. */
import { type Api, applyCall } from '../kube/api.ts';
import { ApiError } from '../kube/api-error.ts';
import type { NodeReport } from '../model/report.ts';
import type { Sink } from '../model/sink.ts';
import { encodedLength } from '../model/text.ts';
import type { WriteSchedule } from './schedule.ts';
import { Undeclared } from './undeclared.ts';

export interface NodeReportSinkOptions {
  readonly name: string;
  readonly api: Api;
  /** Of the object. */
  readonly path: (report: NodeReport) => string;
  readonly render: (report: NodeReport) => Rendered;
  readonly schedule: WriteSchedule;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
  /** Whether it is to be written at all, now. */
  readonly wanted?: () => boolean;
  /** Told what the API said of each write: undefined, or why not. */
  readonly ended?: (fault: ApiError | undefined) => void;
}

interface Rendered {
  readonly object: unknown;
  /** What makes it differ for a reader: an object with the same news is not written again. */
  readonly news: string;
}

/** Unchanged, it is still written so often, to say that somebody looks. */
const heartbeatMs = 300_000;

export function nodeReportSink(options: NodeReportSinkOptions): Sink {
  const { name, api, path, render, schedule, now, wanted = () => true, ended = () => {} } = options;
  let written: { readonly news: string; readonly at: number } | undefined;
  const undeclared = new Undeclared();
  return {
    name,
    async write(report) {
      const at = now();
      if (!wanted() || !schedule.isDue(at)) return;
      const { object: whole, news } = render(report);
      if (written?.news === news && at - written.at < heartbeatMs) return;
      const object = undeclared.cut(whole, at);
      try {
        await api.call(applyCall(path(report), object));
        written = { news, at };
        schedule.done(at, encodedLength(JSON.stringify(object)));
        ended(undefined);
      } catch (error) {
        const fault = error instanceof ApiError ? error : undefined;
        // The wait begins with the answer, which may have taken its time.
        schedule.failed(now(), fault?.retryAfterMs);
        if (fault !== undefined) ended(fault);
        if (fault === undefined || !undeclared.learn(fault.message, at)) throw error;
        throw new Error(
          `the definition of this report in the cluster is older than the agent and does not know ${undeclared}: ` +
            'they are left out until it is upgraded (helm upgrade with crds.install, or apply the manifests)',
        );
      }
    },
    async close() {},
  };
}
