/** Suggestions as rows. */
import { printable } from '../../model/text.ts';
import type { SuggestionEntry } from './columns.ts';
import type { Model } from './leaves.ts';

export const suggestionEntries = ({ suggestions }: Model): readonly SuggestionEntry[] =>
  [...suggestions].map(([key, suggestion]) => {
    const [namespace, workload] = [printable(suggestion.namespace), printable(suggestion.workload)];
    const container = printable(suggestion.container);
    const [kind = '', owner = workload] = workload.split('/', 2);
    const { risk, confidence = '' } = suggestion;
    return {
      ...suggestion,
      key,
      workloadKey: `${namespace}/${workload}`,
      name: `${owner}/${container === '' ? '(whole pod)' : container}`,
      detail: `${namespace} · ${kind}`,
      search: `${key} ${risk} ${confidence}`.toLowerCase(),
    };
  });

/** Requests of all running replicas: now, and with the suggestions. */
export function totalsOf(rows: readonly SuggestionEntry[]): { now: number; after: number; frees: number } {
  let [now, frees] = [0, 0];
  for (const row of rows) {
    now += row.replicas * (row.requestNow ?? 0);
    frees += row.frees;
  }
  return { now, after: now - frees, frees };
}
