/** What the page shows of a cluster: its reports, and suggestions from the histories. Everything with the user's rights. */
import { type ReadOptions, readCluster } from '../../cluster/read.ts';
import type { ClusterView } from '../../cluster/view.ts';
import { now } from '../../edges/clock.ts';
import type { Io } from '../../edges/process.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { Kube } from '../../kube/client.ts';
import { workloadName } from '../../model/container-key.ts';
import { LocatedError, messageOf } from '../../model/located-error.ts';
import type { PageData } from '../../page/data.ts';
import { pageOfCluster } from '../../page/from-cluster.ts';
import { reportedSuggestions } from '../../page/from-reported.ts';
import { pageSuggestions, suggestionNotes } from '../../page/from-suggestions.ts';
import { patchesOf } from '../../suggest/patch.ts';
import { suggest } from '../../suggest/sources.ts';
import type { Parsed } from '../flags.ts';
import { mergeHistories, wantedBy } from '../suggest/histories.ts';
import { patchOptions } from '../suggest/patches.ts';

export interface ClusterSource {
  readonly kube: Kube;
  /** Name of the cluster for people: that of the context. */
  readonly name: string;
  readonly values: Parsed['values'];
  readonly scope: Pick<ReadOptions, 'namespace' | 'contextNamespace' | 'selector'>;
  readonly io: Pick<Io, 'say' | 'progress' | 'stateDir'>;
}

/** @throws ApiError, LocatedError, InputError, as `readCluster` */
export function readView({ kube, scope, io }: ClusterSource): Promise<ClusterView> {
  return readCluster(kube, {
    ...scope,
    now: now(),
    progress: (count, all) => io.progress(`${count} of ${all} reports read`),
  });
}

export type SuggestedData = Pick<PageData, 'suggestions' | 'suggestionNotes' | 'patches' | 'notes'>;

/** With a command for each workload. Without the right to read histories: a note says why there are none. */
export async function readSuggested({ kube, values, scope, io }: ClusterSource): Promise<SuggestedData> {
  try {
    const merged = await mergeHistories(kube, values, wantedBy(scope.namespace), io);
    const suggestions = suggest(merged, { daily: true });
    if (suggestions.items.length === 0) return {};
    const patching = await patchOptions(kube, suggestions, { given: undefined, least: 'medium', io });
    return {
      suggestions: pageSuggestions(suggestions, patching.doubts),
      // They count and name rows. A selector hides some of these.
      ...(scope.selector === undefined && { suggestionNotes: suggestionNotes(suggestions, now() / 1000) }),
      patches: patchesOf(suggestions, patching),
      notes: suggestions.faults,
    };
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof LocatedError)) throw error;
    return { notes: [`Suggestions come from the reports alone, without the histories: ${messageOf(error)}`] };
  } finally {
    io.progress('');
  }
}

/** The view and the suggestions as one document. A selector chooses pods, and so the workloads with suggestions. */
export function clusterPage(
  view: ClusterView,
  suggested: SuggestedData,
  { name, scope }: ClusterSource,
): PageData {
  const page = pageOfCluster(view, name);
  const { suggestions = reportedSuggestions(page.pods), patches = [], notes = [] } = suggested;
  const { suggestionNotes: about } = suggested;
  const shown = new Set(page.pods.map((pod) => `${pod.namespace}/${workloadName(pod)}`));
  const isShown = (one: { readonly namespace: string; readonly workload: string }): boolean =>
    scope.selector === undefined || shown.has(`${one.namespace}/${one.workload}`);
  return {
    ...page,
    notes: [...(page.notes ?? []), ...notes],
    suggestions: suggestions.filter(isShown),
    ...(about !== undefined && { suggestionNotes: about }),
    patches: patches.filter(isShown),
  };
}
