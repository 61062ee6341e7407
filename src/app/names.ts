/** Where the names of pods come from. */
import { now, sleep } from '../edges/clock.ts';
import type { Kube } from '../edges/kube.ts';
import { parseManifest } from '../identify/manifest.ts';
import { Names } from '../identify/names.ts';
import { podsOf } from '../identify/pods.ts';
import type { NamesState } from '../report/conditions.ts';
import { followPods, Pods } from './pods.ts';

/** The names as they are now, and how they came to be known. */
export interface NameSource {
  readonly names: Names;
  /** Undefined: from the paths alone. */
  state(at: number): NamesState | undefined;
  close(): void;
}

/** What `kubectl get pods -A -o json|yaml` printed, with the name to call it by. */
export interface PodsText {
  readonly file: string;
  readonly text: string;
}

export const noNames: NameSource = { names: new Names([]), state: () => undefined, close: () => {} };

/** @throws InputFault where the text is no list of pods */
export function namesFromFile({ file, text }: PodsText): NameSource {
  const { pods, faults } = podsOf(file, parseManifest(file, text));
  const state = { source: 'the file of pods', faults };
  return { names: new Names(pods), state: () => state, close: () => {} };
}

/** A first report without names would call everything unknown: so long it waits for the first list. */
const firstListMs = 5_000;

/** Follows the pods of one node. */
export async function namesFromCluster(kube: Kube, node: string): Promise<NameSource> {
  const pods = new Pods();
  const end = new AbortController();
  const first = Promise.withResolvers<void>();
  void followPods(kube, node, pods, { now, sleep, random: Math.random, listed: first.resolve }, end.signal);
  await Promise.race([first.promise, sleep(firstListMs, end.signal)]);
  return {
    get names() {
      return pods.names;
    },
    state(at) {
      const outOfStep = pods.outOfStep(at);
      return {
        source: 'the API server',
        faults: pods.faults,
        ...(outOfStep !== undefined && { outOfStep }),
      };
    },
    close: () => end.abort(),
  };
}
