/** Writes each pod's memory to two annotations of the pod, through `pods/status`, and only if something changed. */
import type { Api } from '../kube/api.ts';
import { ApiError } from '../kube/api-error.ts';
import type { Pod, PodAnnotations } from '../model/pod.ts';
import type { NodeReport, Sink } from '../model/report.ts';
import { patchOf } from './annotations.ts';
import type { Budget } from './budget.ts';
import { type Memory, type Rules, trackStability, waitOf } from './due.ts';
import type { PodFigures } from './pod-figures.ts';
import type { WriteSchedule } from './schedule.ts';

export interface AnnotationSinkOptions extends Rules {
  readonly api: Api;
  /** Pods of this node, in the last state from the API. */
  readonly pods: () => readonly Pod[];
  /** Figures by pod UID. */
  readonly figuresOf: (report: NodeReport) => ReadonlyMap<string, PodFigures>;
  /** Cuts figures to the room beside `taken` bytes of other annotations. Undefined if nothing fits. */
  readonly fit: (figures: PodFigures, taken: number) => PodFigures | undefined;
  readonly render: (figures: PodFigures) => Required<PodAnnotations>;
  /** Whether the agent may write to pods at all. */
  readonly allowed: () => boolean;
  /** Whether the pods of a namespace get annotations. Elsewhere the agent removes its own. */
  readonly annotates: (namespace: string) => boolean;
  /** Each write takes one token. */
  readonly budget: Budget;
  /** Delays writes after failures. */
  readonly schedule: WriteSchedule;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

interface Due {
  readonly pod: Pod;
  readonly memory: Memory;
  readonly figures: PodFigures | undefined;
  /** How long the pod has waited, in multiples of its write interval. */
  readonly waited: number;
}

/** The pod is gone, or a new pod has its name. */
const gone: readonly number[] = [404, 409];
/** Status codes that concern only this pod, not all writes. */
const refused: readonly number[] = [...gone, 400, 413, 422];

export function annotationSink(options: AnnotationSinkOptions): Sink {
  let memories = new Map<string, Memory>();

  /** @returns the error if it concerns only this pod. @throws ApiError if it concerns all writes */
  async function put({ pod, memory, figures }: Due, at: number): Promise<ApiError | undefined> {
    try {
      await options.api.call(patchOf(pod, figures === undefined ? undefined : options.render(figures)));
    } catch (error) {
      const fault = error instanceof ApiError ? error : undefined;
      memory.failed = { at, refused: fault !== undefined && refused.includes(fault.status) };
      if (fault !== undefined && memory.failed.refused)
        return gone.includes(fault.status) ? undefined : fault;
      // The wait starts when the answer comes, because a slow answer must not shorten it.
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
        const excluded = pod.ignored || !options.annotates(pod.namespace);
        const all = excluded ? undefined : figures.get(pod.uid);
        const now = all && options.fit(all, pod.otherAnnotationBytes ?? 0);
        const memory = known.get(pod.uid) ?? {};
        memories.set(pod.uid, memory);
        if (now === undefined && !excluded) continue;
        trackStability(memory, now?.realBytes, at);
        const waited = waitOf(options, pod, memory, now, at, options.wallClock());
        if (waited !== undefined) due.push({ pod, memory, figures: now, waited });
      }
      if (!options.allowed() || !options.schedule.isDue(at)) return;
      // The budget may not suffice for all pods: those that waited longest come first, and a failed one waits anew.
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
