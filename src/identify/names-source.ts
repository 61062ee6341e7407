/** Where the names of pods come from. */
import { sleep, ticks } from '../edges/clock.ts';
import type { GivenLimit } from '../edges/given-file.ts';
import { readPodLogs } from '../edges/pod-logs.ts';
import { type ApiFailures, FailureLog } from '../kube/api-failures.ts';
import type { Kube } from '../kube/client.ts';
import type { PodLogs } from '../model/pod.ts';
import { parseManifest } from '../pods/manifest.ts';
import { podsOfLogs } from '../pods/pod-logs.ts';
import { podsOf } from '../pods/pods.ts';
import { type FollowWorld, followPods, Pods } from './followed-pods.ts';
import { Names } from './names.ts';

/** What is known of a source of names. */
export interface NamesState {
  readonly source: string;
  /** Pods that could not be understood, or were too large or too many to be kept, and why. */
  readonly faults: readonly string[];
  /** How many more there are. */
  readonly moreFaults?: number;
  /** Since when, and why, the source has not answered. */
  readonly outOfStep?: string;
}

/** The names as they are now, and how they came to be known. */
export interface NameSource {
  readonly names: Names;
  /** Undefined: from the paths alone. */
  state(at: number): NamesState | undefined;
  /** What the kubelet's log directories said, where names come from them now. */
  readonly logs?: PodLogs | undefined;
  close(): void;
}

/** What `kubectl get pods -A -o json|yaml` printed, with the name to call it by. */
export interface PodsText {
  readonly file: string;
  readonly text: string;
}

/** Some 20,000 pods: a longer list cannot be parsed within the memory of a usual process. */
export const podsLimit: GivenLimit = {
  bytes: 128 * 1024 * 1024,
  todo: 'give the pods of one node: kubectl get pods -A --field-selector spec.nodeName=NODE -o json',
};

export const noNames: NameSource = { names: new Names([]), state: () => undefined, close: () => {} };

/** As the API has them. @throws InputFault where the text is no list of pods */
export function parsePodsText({ file, text }: PodsText): unknown {
  const value = parseManifest(file, text);
  podsOf(file, value);
  return value;
}

/** @throws InputFault where the text is no list of pods */
export function namesFromFile({ file, text }: PodsText): NameSource {
  const { pods, faults } = podsOf(file, parseManifest(file, text));
  const names = new Names(pods);
  const state = { source: 'the file of pods', faults: [...faults, ...names.faults] };
  return { names, state: () => state, close: () => {} };
}

/** A first report without names would call everything unknown: so long it waits for the first list. */
const firstListMs = 5_000;

/** Follows the pods of one node. @param say what changed for better or worse */
export async function namesFromCluster(
  kube: Kube,
  node: string,
  failures: ApiFailures,
  say: (message: string) => void,
): Promise<NameSource> {
  const pods = new Pods(node);
  const news = new FailureLog(say);
  const end = new AbortController();
  const first = Promise.withResolvers<void>();
  // For how long something was silent, no clock that is set can tell.
  const world: FollowWorld = {
    now: ticks,
    sleep,
    random: Math.random,
    listed: first.resolve,
    inStep: (at) => news.worked(at),
    outOfStep(fault, call) {
      failures.add(call, fault);
      news.failed(call, fault, ticks());
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

/** Listing some hundred directories costs milliseconds, and a new pod is named soon enough. */
const logsPeriodMs = 10_000;

/**
 * Where nobody answers who knows the pods, those that are not known go by the names of the kubelet's log directories
 * below `root`, if they are there. Whoever knows them has the last word.
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
    // The same names are the same object: whoever remembers by it tells from that that there is no news.
    if (text === seen && source.names === known) return;
    seen = text;
    known = source.names;
    const more = (logs === undefined ? [] : podsOfLogs(logs)).filter(
      ({ uid }) => known?.pod(uid) === undefined,
    );
    merged = more.length === 0 ? known : new Names([...known.pods, ...more]);
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
