/**
 * Takes the answers of probes into the history: from the annotations of pods, and from the file of this machine. Whoever may change a
 * pod can write its annotation, so an answer that cannot be true is refused, with one warning.
 */
import { formatRounded as size } from '../../model/bytes.ts';
import type { Accounted } from '../../model/observation.ts';
import type { ProbedCache } from '../../model/pod.ts';
import { printable } from '../../model/text.ts';
import { rfc3339 } from '../../model/time.ts';
import { aheadSeconds, type History } from '../history.ts';

/** Answers that probes on this machine kept, by path of the cgroup. */
export interface KeptProbes {
  readonly byCgroup: ReadonlyMap<string, ProbedCache>;
  readonly faults: readonly string[];
}

export interface ProbeSource {
  /** Reads the file again if it has changed. Absent: this machine has none. */
  readonly kept?: () => KeptProbes;
  readonly warn: (message: string) => void;
}

/** Warnings to remember, so that each comes once. */
const mostWarnings = 1_000;

export class ProbeTaker {
  private readonly source: ProbeSource;
  private readonly warned = new Set<string>();

  constructor(source: ProbeSource) {
    this.source = source;
  }

  /**
   * Called after the history has seen the observations.
   * @param at milliseconds since 1970; undefined: the time is unknown, and nothing is taken
   * @param nodeBytes memory of the node
   */
  take(
    history: History,
    observations: readonly Accounted[],
    at: number | undefined,
    nodeBytes: number | undefined,
  ): void {
    if (at === undefined) return;
    const kept = this.source.kept?.();
    if (kept !== undefined && kept.faults.length > 0) for (const fault of kept.faults) this.warn(fault);
    const byCgroup = kept === undefined || kept.byCgroup.size === 0 ? undefined : kept.byCgroup;
    for (const observation of observations) {
      const { pod, sample } = observation;
      const ofCgroup = byCgroup?.get(sample.id.path);
      // Nearly always: each report asks for every cgroup, and few are ever probed.
      if (pod?.probes === undefined && pod?.probeFault === undefined && ofCgroup === undefined) continue;
      this.takeOf(history, observation, ofCgroup, at / 1000, nodeBytes);
    }
  }

  /** @param ofCgroup the answer in the file of this machine @param at seconds since 1970 */
  private takeOf(
    history: History,
    observation: Accounted,
    ofCgroup: ProbedCache | undefined,
    at: number,
    nodeBytes: number | undefined,
  ): void {
    const { pod, container, sample } = observation;
    const where = pod === undefined ? sample.id.path : `pod ${pod.namespace}/${pod.name}`;
    if (pod?.probeFault !== undefined) this.warn(`${where}: ignored annotation ${pod.probeFault}`);
    const name = container?.container?.name;
    const ofPod = name !== undefined && pod?.probes !== undefined && Object.hasOwn(pod.probes, name);
    for (const probe of [ofPod ? pod.probes[name] : undefined, ofCgroup]) {
      if (probe === undefined) continue;
      const why = whyRefused(probe, at, nodeBytes);
      if (why === undefined) history.probed(observation, probe);
      else this.warn(`${where}: ignored the probe of ${name ?? 'this cgroup'}: ${why}`);
    }
  }

  private warn(message: string): void {
    if (this.warned.has(message)) return;
    if (this.warned.size >= mostWarnings) this.warned.clear();
    this.warned.add(message);
    this.source.warn(printable(message));
  }
}

/** A limit is no bound: it may have been lowered after the probe. @param at seconds since 1970 */
function whyRefused(
  { at: probedAt, neededCacheBytes, coldCacheBytes, errorBytes }: ProbedCache,
  at: number,
  nodeBytes: number | undefined,
): string | undefined {
  if (probedAt > at + aheadSeconds) return `expected a time that has passed, got ${rfc3339(1000 * probedAt)}`;
  // The error is a part of the limit, so it needs a bound as well.
  const cache = neededCacheBytes + coldCacheBytes + errorBytes;
  return nodeBytes !== undefined && cache > nodeBytes
    ? `expected at most the ${size(nodeBytes)} of this node, got ${size(cache)} of page cache with its error`
    : undefined;
}
