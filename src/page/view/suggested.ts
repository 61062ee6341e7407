/** Suggestions as rows. */
import { printable } from '../../model/text.ts';
import type { SuggestionEntry } from './columns.ts';
import type { Model } from './leaves.ts';
import { size } from './words.ts';

export const suggestionEntries = ({ suggestions }: Model): readonly SuggestionEntry[] =>
  [...suggestions].map(([key, suggestion]) => {
    const [namespace, workload] = [printable(suggestion.namespace), printable(suggestion.workload)];
    const container = printable(suggestion.container);
    const [kind = '', owner = workload] = workload.split('/', 2);
    const { risk, confidence = '', learningPeak } = suggestion;
    return {
      ...suggestion,
      key,
      workloadKey: `${namespace}/${workload}`,
      name: `${owner}/${container === '' ? '(whole pod)' : container}`,
      detail: `${namespace} · ${kind}`,
      search: `${key} ${risk} ${learningPeak === undefined ? confidence : 'learning'}`.toLowerCase(),
    };
  });

/** Requests of all running replicas: now, and with the suggestions. */
export function suggestedTotals(rows: readonly SuggestionEntry[]): {
  now: number;
  after: number;
  frees: number;
} {
  let [now, frees] = [0, 0];
  for (const row of rows) {
    now += row.replicas * (row.requestNow ?? 0);
    frees += row.frees;
  }
  return { now, after: now - frees, frees };
}

/** The sentence under the total. Where nothing changes it says so, and why. */
export function effectOf(rows: readonly SuggestionEntry[]): string {
  const { frees } = suggestedTotals(rows);
  if (frees > 0) return `That frees ${size(frees)} for other pods.`;
  if (frees < 0) return `That needs ${size(-frees)} more.`;
  const learning = rows.filter(({ learningPeak }) => learningPeak !== undefined).length;
  const changed = rows.some((row) => row.request !== row.requestNow || row.limit !== row.limitNow);
  if (learning === 0 || changed) return 'That neither frees nor needs requested memory.';
  return learning === rows.length
    ? 'No other value is suggested yet: all containers have less than a day of history.'
    : `No other value is suggested yet: ${learning} of ${rows.length} containers have less than a day of history.`;
}
