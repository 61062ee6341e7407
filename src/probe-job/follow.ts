/** The Job of a probe from its creation until it is gone: waits until its pod runs, and reads what it prints. */
import { sleep, ticks, timer } from '../edges/clock.ts';
import { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/client.ts';
import { LocatedError } from '../model/located-error.ts';
import type { ProbeResult } from '../probe/answer.ts';
import type { Progress } from '../probe/progress.ts';

import { createJob, deleteJob, type JobName } from './job.ts';
import { parseLine } from './lines.ts';
import { containerName, startSeconds } from './manifest.ts';
import { lastWarning, type PodState, readPodState } from './pod-state.ts';
import { nameOf, type ProbeTarget } from './target.ts';

interface Following {
  readonly kube: Pick<Kube, 'call' | 'lines'>;
  readonly job: JobName;
  readonly target: ProbeTarget;
  /** Ends it early. */
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly waiting: (why: string) => void;
}

/** Limits in milliseconds. */
export interface Patience {
  /** Until the pod runs. */
  readonly startMs: number;
  /** Until the Job's controller has made a pod. After that, the Job's events say why it has not. */
  readonly podMs: number;
  /** Between two lines of the pod. It prints one in ten seconds or less. */
  readonly silenceMs: number;
  readonly pollMs: number;
}

const usualPatience: Patience = {
  startMs: startSeconds * 1000,
  podMs: 5_000,
  silenceMs: 90_000,
  pollMs: 1_000,
};

/** Errors that pass when the API server has restarted or the network works again. */
const isPassing = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);

/**
 * @returns what the probe found
 * @throws LocatedError if the pod does not start, prints nothing, or prints an error; ApiError; the reason of the signal
 */
async function followJob(following: Following, patience = usualPatience): Promise<ProbeResult> {
  const { job, signal } = following;
  const pod = await started(following, patience);
  let errors: readonly string[] = [];
  // A stream can break, and each one begins with the first line.
  for (let state = pod, heard = ticks(); ; state = (await stateNow(following)) ?? state) {
    const said = await listen(following, pod.name, patience.silenceMs - (ticks() - heard));
    if (said.result !== undefined) return said.result;
    if (said.lines > 0) heard = ticks();
    errors = said.errors;
    signal.throwIfAborted();
    if (state.is === 'ended' || state.is === 'refused') throw ended(job, state, errors);
    if (said.isSilent || ticks() - heard >= patience.silenceMs)
      throw fault(job, 'a line of the probe', `none for ${patience.silenceMs / 1000} s`, eventsOf(job, pod));
    await sleep(patience.pollMs, signal);
    signal.throwIfAborted();
  }
}

/** Undefined if the API server does not answer just now. */
async function stateNow({ kube, job, signal }: Following): Promise<PodState | undefined> {
  try {
    return await readPodState(kube, job, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isPassing(error)) throw error;
    return undefined;
  }
}

/** Waits until the pod runs or has run. */
async function started(following: Following, patience: Patience): Promise<PodState> {
  const { kube, job, signal, waiting } = following;
  const { namespace, name } = job;
  for (const since = ticks(); ; ) {
    const state = await stateNow(following);
    const waited = ticks() - since;
    if (state?.is === 'running' || state?.is === 'ended') return state;
    if (state?.is === 'refused') throw notStarted(job, state, state.why ?? 'a pod that failed');
    const isLate = waited > patience.startMs;
    if (state === undefined && waited > patience.podMs) {
      const why = await lastWarning(kube, namespace, 'Job', name);
      if (why !== undefined || isLate) throw notCreated(job, why);
    }
    if (state !== undefined && isLate) {
      const why = (await lastWarning(kube, namespace, 'Pod', state.name)) ?? state.why;
      throw notStarted(job, state, why ?? `a pod that waits for ${patience.startMs / 1000} s`);
    }
    waiting(state?.why ?? 'the pod starts');
    await sleep(patience.pollMs, signal);
    signal.throwIfAborted();
  }
}

interface Said {
  readonly result?: ProbeResult;
  readonly errors: readonly string[];
  readonly lines: number;
  /** The pod printed nothing for too long. */
  readonly isSilent?: boolean;
}

/** Errors to keep. */
const mostErrors = 3;
/** Lines of one stream. A probe of a day prints some 10,000. */
const mostLines = 100_000;

/** Reads the log until its end, or until the pod is silent for too long. */
async function listen(
  { kube, job, target, signal, progress }: Following,
  pod: string,
  silenceMs: number,
): Promise<Said> {
  const [namespace, name] = [job.namespace, pod].map(encodeURIComponent);
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/log?container=${containerName}&follow=true`;
  const silence = new AbortController();
  const left = timer(Math.max(1, silenceMs), () => silence.abort());
  const errors: string[] = [];
  let lines = 0;
  try {
    const call = { path, accept: '*/*', signal: AbortSignal.any([signal, silence.signal]) };
    for await (const text of kube.lines(call)) {
      left.restart();
      if (++lines > mostLines) break;
      const line = typeof text === 'string' ? parseLine(text) : undefined;
      if (line === undefined) continue;
      if ('result' in line) return { result: line.result, errors, lines };
      if ('progress' in line) progress(line.progress);
      else if (errors.length < mostErrors) errors.push(line.error.replaceAll(target.id, nameOf(target)));
    }
  } catch (error) {
    signal.throwIfAborted();
    // 400: the container is about to start.
    const isEarly = error instanceof ApiError && error.status === 400;
    if (!silence.signal.aborted && !isPassing(error) && !isEarly) throw error;
  } finally {
    left.stop();
  }
  return { errors, lines, isSilent: silence.signal.aborted };
}

const fault = ({ namespace, name }: JobName, expected: string, got: string, todo?: string): LocatedError =>
  new LocatedError({
    ...{ where: `Job ${namespace}/${name}`, expected },
    got: { message: got },
    ...(todo !== undefined && { todo }),
  });

/** The pod is deleted by now, and its events stay for an hour. */
const eventsOf = ({ namespace }: JobName, { name }: Pick<PodState, 'name'>): string =>
  `try again; if it fails again: kubectl -n ${namespace} get events --field-selector involvedObject.name=${name}`;

function ended(
  job: JobName,
  { why = 'a pod that ended' }: PodState,
  errors: readonly string[],
): LocatedError {
  const [first] = errors;
  if (first !== undefined) return fault(job, 'a probe', first);
  const todo = why.startsWith('OOMKilled')
    ? 'report it: the pod needs more memory than its limit'
    : undefined;
  return fault(job, 'the result of the probe', why, todo);
}

function notStarted(job: JobName, { lacksImage }: PodState, why: string): LocatedError {
  const todo =
    lacksImage === true
      ? `the probe uses the agents' image; check imagePullSecrets of the chart, and kubectl -n ${job.namespace} get events`
      : `check the quotas of namespace ${job.namespace} and the memory of the node`;
  return fault(job, 'a pod that runs', why, todo);
}

function notCreated(job: JobName, why = 'none'): LocatedError {
  // The event of a refused pod has no code.
  const todo = why.includes('violates PodSecurity')
    ? `kubectl label namespace ${job.namespace} pod-security.kubernetes.io/enforce=privileged`
    : `a quota or a policy of namespace ${job.namespace} can refuse it: docs/probe.md`;
  return fault(job, 'a pod', why, todo);
}

export interface Running extends Following {
  readonly manifest: object;
  /** The Job could not be deleted. */
  readonly left: (error: unknown) => void;
}

/** @throws ApiError, LocatedError; the reason of the signal. Whatever happens, it deletes the Job and waits until its pod is gone */
export async function runJob(running: Running, patience: Patience = usualPatience): Promise<ProbeResult> {
  const { kube, job, manifest, left } = running;
  const uid = await createJob(kube, job, manifest);
  try {
    return await followJob(running, patience);
  } finally {
    await deleteJob(kube, job, uid).catch(left);
  }
}
