/** Whether the answer of a probe is in the history that the node's agent writes to the cluster. */
import { historyMapPath, readHistoryMap } from '../checkpoint/cluster.ts';
import { historyOf } from '../checkpoint/kept-history.ts';
import { sleep, ticks } from '../edges/clock.ts';
import { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/client.ts';
import { oneMetadata } from '../kube/pages.ts';
import { fieldsOf, textOf } from '../model/json.ts';
import { LocatedError } from '../model/located-error.ts';
import type { ProbedCache } from '../model/pod.ts';
import { historyWrittenKey } from '../publish/history-map.ts';
import { type Probe, probesKept } from '../usage/aggregate-entries.ts';
import type { ProbeTarget } from './target.ts';

/**
 * - `holds`: the history has the answer.
 * - `needier`: the history has the answers of other replicas that need as much or more, and no room for this one.
 * - `lacks`: the agent had time to take the answer, but wrote its history without it.
 * - `unknown`: the agent wrote nothing in time, or the user cannot read it.
 */
export type Taken = 'holds' | 'needier' | 'lacks' | 'unknown';

/** Times in milliseconds. */
interface Patience {
  /** An agent that took an answer writes its history with the next report, 15 s later. */
  readonly withinMs: number;
  /** This long after the answer was kept, the agent has made a report with it. */
  readonly reportMs: number;
  readonly pollMs: number;
}
const usualPatience: Patience = { withinMs: 60_000, reportMs: 30_000, pollMs: 1_000 };

interface Asked {
  readonly kube: Pick<Kube, 'call'>;
  /** Of the agents. */
  readonly namespace: string;
  readonly target: ProbeTarget;
  readonly probe: ProbedCache;
  readonly signal: AbortSignal;
}

/** Waits until a history that the agent wrote has the answer. Called when it is kept. @throws ApiError only from a broken connection */
export async function waitUntilTaken(asked: Asked, patience = usualPatience): Promise<Taken> {
  const { signal } = asked;
  let last: string | undefined;
  let otherwise: Taken = 'unknown';
  for (const since = ticks(); ; ) {
    try {
      const written = await writtenAt(asked);
      if (written === undefined) return 'unknown';
      if (written !== last) {
        const found = await readTaken(asked);
        if (found === 'holds' || found === 'unknown') return found;
        // Before its report it may still have the answers of an earlier template only.
        const isLate = last !== undefined && ticks() - since >= patience.reportMs;
        otherwise = found === 'needier' || isLate ? found : 'unknown';
        last = written;
      }
    } catch (error) {
      if (error instanceof ApiError || error instanceof LocatedError) return 'unknown';
      throw error;
    }
    if (ticks() - since >= patience.withinMs || signal.aborted) return otherwise;
    await sleep(patience.pollMs, signal);
  }
}

/** When the agent wrote it: small, where the whole history can have a megabyte. */
async function writtenAt({ kube, namespace, target }: Asked): Promise<string | undefined> {
  const map = await kube.call({ path: historyMapPath(namespace, target.node), accept: oneMetadata });
  return textOf(fieldsOf(fieldsOf(fieldsOf(map)['metadata'])['annotations'])[historyWrittenKey]);
}

/** @throws ApiError; LocatedError for a history that this version cannot read */
async function readTaken({ kube, namespace, target, probe }: Asked): Promise<Taken> {
  const map = await readHistoryMap(kube, historyMapPath(namespace, target.node));
  if (map === undefined) return 'unknown';
  const probes: Probe[] = [];
  for (const { key, aggregate } of historyOf(map).aggregates)
    if (key.namespace === target.namespace && key.container === target.container)
      probes.push(...aggregate.probes);
  const isIt = ({ pod, at, neededCacheBytes }: Probe): boolean =>
    pod === target.pod &&
    Math.abs(at - probe.at) <= 1 &&
    Math.round(neededCacheBytes) === Math.round(probe.neededCacheBytes);
  if (probes.some(isIt)) return 'holds';
  const needier = probes.filter(
    ({ pod, neededCacheBytes }) => pod !== target.pod && neededCacheBytes >= probe.neededCacheBytes,
  );
  const ofTemplates = [...Map.groupBy(needier, ({ revision }) => revision).values()];
  return ofTemplates.some(({ length }) => length >= probesKept) ? 'needier' : 'lacks';
}

/** @param agent its pod */
export function takenInWords(
  taken: Taken,
  { namespace, node }: Pick<ProbeTarget, 'namespace' | 'node'>,
  agent: { readonly namespace: string; readonly name: string },
): string {
  const then = `kubectl realmem suggest -n ${namespace} --why`;
  const logs = `kubectl -n ${agent.namespace} logs ${agent.name}`;
  if (taken === 'holds') return `Kept. The agent of ${node} has it; then: ${then}`;
  if (taken === 'needier')
    return `Kept. Probes of three other replicas on ${node} found as much or more, and they decide: ${then}`;
  if (taken === 'lacks')
    return `Kept in the pod, but not in the history of ${node}. The agent refused it (its log says why), or is too old: ${logs}`;
  return `Kept. The agent of ${node} takes it soon; then: ${then}\nThe agent writes its history up to 5 minutes later. If --why does not name the probe then, the agent's log says why: ${logs}`;
}
