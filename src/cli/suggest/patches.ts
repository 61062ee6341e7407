/** What the API knows of the workloads to patch: their pods and owners, and its version. */
import { podsOn } from '../../checkpoint/cluster.ts';
import type { Io } from '../../edges/process.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { Kube } from '../../kube/client.ts';
import type { Suggestions } from '../../model/recommendation.ts';
import { lookUp, minorOf } from '../../pods/pod-specs.ts';
import { decidingNodes, doubtOf } from '../../suggest/doubt.ts';
import { type Doubts, ownerText, type PatchOptions, workloadsToPatch } from '../../suggest/patch.ts';

interface Asking extends Pick<PatchOptions, 'least' | 'inPlace'> {
  /** Pods of a file, or the running ones. */
  readonly given: PatchOptions['pods'];
  readonly io: Pick<Io, 'say' | 'progress'>;
}

/** What commands depend on beside the suggestions. @throws ApiError */
export async function patchOptions(
  kube: Kube | undefined,
  suggestions: Suggestions,
  { given, io, ...asked }: Asking,
): Promise<PatchOptions> {
  const workloads = asked.inPlace === true ? [] : workloadsToPatch(suggestions, asked.least);
  return {
    ...{ ...asked, doubts: await doubtsOn(kube, suggestions, io) },
    ...(await fromApi(kube, workloads, given, io)),
  };
}

/** Asks the API for the pods on nodes that decide a suggestion alone. */
async function doubtsOn(kube: Kube | undefined, { items }: Suggestions, io: Asking['io']): Promise<Doubts> {
  if (kube === undefined) return doubtOf;
  const decided = items.filter(({ key, origin }) => key.namespace !== '' && decidingNodes(origin).length > 0);
  const nodes = new Set(decided.flatMap(({ origin }) => decidingNodes(origin)));
  try {
    const there = await podsOn(kube, [...nodes], (read, all) =>
      io.progress(`pods of ${read} of ${all} nodes read`),
    );
    return (suggestion) => doubtOf(suggestion, (node) => there(node, suggestion.key));
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    io.say('The API server refuses to list pods (403): replicas are counted as each node reports them.');
    return doubtOf;
  } finally {
    io.progress('');
  }
}

/** Owners, pods and version from the API. @param workloads those to patch @param given pods of a file, or the running ones */
async function fromApi(
  kube: Kube | undefined,
  workloads: ReturnType<typeof workloadsToPatch>,
  given: PatchOptions['pods'],
  io: Asking['io'],
): Promise<Pick<PatchOptions, 'pods' | 'owners' | 'minor'>> {
  if (kube === undefined) return given === undefined ? {} : { pods: given };
  const minor = await minorOf(kube);
  const version = minor === undefined ? {} : { minor };
  try {
    const { owners, pods } = await lookUp(kube, workloads, (read, all) =>
      io.progress(`${read} of ${all} owners read`),
    );
    return {
      ...version,
      pods: [...pods, ...(given ?? [])],
      owners: new Map([...owners].map(([workload, owner]) => [ownerText(workload), owner])),
    };
  } finally {
    io.progress('');
  }
}
