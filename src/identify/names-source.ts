/** Sources of pod names: the API, a file, the kubelet's log directories. */
import { sleep, ticks } from '../edges/clock.ts';
import type { GivenLimit } from '../edges/given-file.ts';
import { readPodLogs } from '../edges/pod-logs.ts';
import { type ApiFailures, FailureLog } from '../kube/api-failures.ts';
import type { Kube } from '../kube/client.ts';
import type { PodLogs } from '../model/pod.ts';
import { parseManifest } from '../pods/manifest.ts';
import { podsOfLogs } from '../pods/pod-logs.ts';
import { podsOf } from '../pods/pods.ts';
import { FollowedPods, type FollowWorld, followPods } from './followed-pods.ts';
import { Names } from './names.ts';

/** The state of a source of names. */
export interface NamesState {
  readonly source: string;
  /** Pods that could not be parsed, or were too large or too many, one message each. */
  readonly faults: readonly string[];
  /** Number of faults beyond those in `faults`. */
  readonly moreFaults?: number;
  /** Since when and why the source has not answered: `for 65 s: REASON`. */
  readonly outOfStep?: string;
}

/** The current names of a node's pods, and their source. */
export interface NameSource {
  readonly names: Names;
  /** Undefined: no source, so pods are identified by their paths only. @param at monotonic milliseconds */
  state(at: number): NamesState | undefined;
  /** The kubelet's log directories, while names come from them. */
  readonly logs?: PodLogs | undefined;
  close(): void;
}

/** The output of `kubectl get pods -A -o json|yaml`, and the file's name for errors. */
export interface PodsText {
  readonly file: string;
  readonly text: string;
}

/** Some 20,000 pods. A process with Node's default heap cannot parse a longer list. */
export const podsLimit: GivenLimit = {
  bytes: 128 * 1024 * 1024,
  todo: 'give the pods of one node: kubectl get pods -A --field-selector spec.nodeName=NODE -o json',
};

/** A source without names. */
export const noNames = (): NameSource => ({ names: new Names([]), state: () => undefined, close: () => {} });

/** @returns the list as the API returns it @throws InputError when the text is not a list of pods */
export function parsePodsText({ file, text }: PodsText): unknown {
  const value = parseManifest(file, text);
  podsOf(file, value);
  return value;
}

/** @throws InputError when the text is not a list of pods */
export function namesFromFile({ file, text }: PodsText): NameSource {
  const { pods, faults } = podsOf(file, parseManifest(file, text));
  const names = new Names(pods);
  const state = { source: 'the file of pods', faults: [...faults, ...names.faults] };
  return { names, state: () => state, close: () => {} };
}

/** How long the first report waits for the first list. Without names it would call every pod unknown. */
const firstListMs = 5_000;

/** Follows the pods of one node. @param failures counts failed calls @param say logs failures and recoveries @param random from 0 to 1 */
export async function namesFromCluster(
  kube: Kube,
  node: string,
  failures: ApiFailures,
  say: (message: string) => void,
  random: () => number,
): Promise<NameSource> {
  const pods = new FollowedPods(node);
  const log = new FailureLog(say);
  const end = new AbortController();
  const first = Promise.withResolvers<void>();
  // The monotonic clock: a wall clock that is set cannot measure silence.
  const world: FollowWorld = {
    now: ticks,
    sleep,
    random,
    listed: first.resolve,
    inStep: (at) => log.worked(at),
    outOfStep(fault, call) {
      failures.add(call, fault);
      log.failed(call, fault, ticks());
    },
  };
  void followPods(kube, node, pods, world, end.signal);
  await Promise.race([first.promise, sleep(firstListMs, end.signal)]);
  return {
    get names() {
      return pods.names;
    },
    state() {
      const outOfStep = pods.outOfStep(ticks());
      return {
        source: 'the API server',
        faults: [...pods.faults, ...pods.names.faults],
        moreFaults: pods.moreFaults,
        ...(outOfStep !== undefined && { outOfStep }),
      };
    },
    close: () => end.abort(),
  };
}

/** How often to list the log directories. Listing some hundred of them takes milliseconds. */
const logsPeriodMs = 10_000;

/**
 * While `source` does not answer, takes the names of pods that it does not know from the kubelet's log directories below
 * `root`. The names of `source` have priority.
 */
export function withPodLogs(source: NameSource, root: string, clock: () => number = ticks): NameSource {
  let readAt: number | undefined;
  let seen = '';
  let known: Names | undefined;
  let merged = source.names;
  let logs: PodLogs | undefined;

  const inStep = (at: number): boolean => {
    const state = source.state(at);
    return state !== undefined && state.outOfStep === undefined;
  };

  function read(at: number): void {
    if (readAt !== undefined && at - readAt < logsPeriodMs && source.names === known) return;
    readAt = at;
    logs = readPodLogs(root);
    const text = JSON.stringify(logs ?? '');
    // Return the same object for the same names: users compare it to detect changes.
    if (text === seen && source.names === known) return;
    seen = text;
    known = source.names;
    const more = (logs === undefined ? [] : podsOfLogs(logs)).filter(
      ({ uid }) => known?.pod(uid) === undefined,
    );
    merged = more.length === 0 ? known : new Names([...known.pods, ...more], known.sandboxes);
  }

  return {
    get names() {
      const at = clock();
      if (inStep(at)) return source.names;
      read(at);
      return merged;
    },
    get logs() {
      return inStep(clock()) ? undefined : logs;
    },
    state: (at) => source.state(at),
    close: () => source.close(),
  };
}
