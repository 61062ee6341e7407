/** Writes the node's report as one object in the cluster: a NodeMemoryReport or a ConfigMap. */
import { type Api, applyCall } from '../kube/api.ts';
import { ApiError } from '../kube/api-error.ts';
import type { NodeReport, Sink } from '../model/report.ts';
import { encodedLength } from '../model/text.ts';
import type { WriteSchedule } from './schedule.ts';
import { Undeclared } from './undeclared.ts';

export interface NodeReportSinkOptions {
  readonly name: string;
  readonly api: Api;
  /** Path of the object in the API. */
  readonly path: (report: NodeReport) => string;
  readonly render: (report: NodeReport) => Rendered;
  readonly schedule: WriteSchedule;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Whether to write the object at all now. */
  readonly wanted?: () => boolean;
  /** Called after each write with the API server's error, or undefined. */
  readonly ended?: (fault: ApiError | undefined) => void;
}

interface Rendered {
  readonly object: unknown;
  /** The sink does not write an object again while this text is the same. */
  readonly news: string;
}

/** An unchanged object is written this often, to show that the agent still observes. */
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
        // The wait starts when the answer comes, because a slow answer must not shorten it.
        schedule.failed(now(), fault?.retryAfterMs);
        if (fault !== undefined) ended(fault);
        if (fault === undefined || !undeclared.learn(fault, at)) throw error;
        throw new Error(
          `the CRD NodeMemoryReport in the cluster is older than the agent and lacks ${undeclared}: ` +
            'the agent omits these fields until the CRD is upgraded (helm upgrade with crds.install=true, or apply the manifests)',
        );
      }
    },
    async close() {},
  };
}
