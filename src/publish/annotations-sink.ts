/** Each pod's memory on the pod itself: two annotations, through `pods/status`, and only when there is news. */
import type { Api } from '../kube/api.ts';
import { ApiError } from '../kube/api-error.ts';
import type { Pod, PodAnnotations } from '../model/pod.ts';
import type { NodeReport } from '../model/report.ts';
import type { Sink } from '../model/sink.ts';
import type { Budget } from './budget.ts';
import { type Memory, type Rules, resolveClaims, waitOf } from './due.ts';
import type { PodFigures } from './pod-figures.ts';
import { patchOf } from './pod-patch.ts';
import type { WriteSchedule } from './schedule.ts';

export interface AnnotationSinkOptions extends Rules {
  readonly api: Api;
  /** Of this node, as the API last told. */
  readonly pods: () => readonly Pod[];
  /** By pod UID. */
  readonly figuresOf: (report: NodeReport) => ReadonlyMap<string, PodFigures>;
  /** What has room beside so many bytes of other annotations; undefined: nothing has. */
  readonly fit: (figures: PodFigures, taken: number) => PodFigures | undefined;
  readonly render: (figures: PodFigures) => Required<PodAnnotations>;
  /** Whether pods may be written to at all. */
  readonly allowed: () => boolean;
  /** One write each. */
  readonly budget: Budget;
  /** After failures. */
  readonly schedule: WriteSchedule;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

interface Due {
  readonly pod: Pod;
  readonly memory: Memory;
  readonly figures: PodFigures | undefined;
  /** In intervals of its own. */
  readonly waited: number;
}

/** Gone, or another of the same name by now. */
const gone: readonly number[] = [404, 409];
/** What the API has against this one write, rather than against all of them. */
const refused: readonly number[] = [...gone, 400, 413, 422];

export function annotationSink(options: AnnotationSinkOptions): Sink {
  let memories = new Map<string, Memory>();

  /** @throws KubeFault where this is not the pod's own fault. @returns why this one was not written */
  async function put({ pod, memory, figures }: Due, at: number): Promise<ApiError | undefined> {
    try {
      await options.api.call(patchOf(pod, figures === undefined ? undefined : options.render(figures)));
    } catch (error) {
      const fault = error instanceof ApiError ? error : undefined;
      memory.failed = { at, refused: fault !== undefined && refused.includes(fault.status) };
      if (fault !== undefined && memory.failed.refused)
        return gone.includes(fault.status) ? undefined : fault;
      // The wait begins with the answer, which may have taken its time.
      options.schedule.failed(options.now(), fault?.retryAfterMs);
      throw error;
    }
    memory.written = { at, figures };
    delete memory.failed;
    options.schedule.done(at);
    return undefined;
  }

  return {
    name: 'annotations',
    async write(report) {
      const at = options.now();
      const figures = options.figuresOf(report);
      const known = memories;
      memories = new Map();
      const due: Due[] = [];
      for (const pod of options.pods()) {
        const all = pod.ignored ? undefined : figures.get(pod.uid);
        const now = all && options.fit(all, pod.otherAnnotationBytes ?? 0);
        const memory = known.get(pod.uid) ?? {};
        memories.set(pod.uid, memory);
        if (now === undefined && !pod.ignored) continue;
        resolveClaims(memory, now?.realBytes, at);
        const waited = waitOf(options, pod, memory, now, at, options.wallClock());
        if (waited !== undefined) due.push({ pod, memory, figures: now, waited });
      }
      if (!options.allowed() || !options.schedule.isDue(at)) return;
      // The budget is not for all of them: whoever waited longest is first, and who failed goes behind the others.
      due.sort((a, b) => b.waited - a.waited);
      let fault: ApiError | undefined;
      for (const one of due) {
        if (!options.budget.take(at)) break;
        const why = await put(one, at);
        fault ??= why;
      }
      if (fault !== undefined) throw fault;
    },
    async close() {},
  };
}
