/** Suggestions → what the page shows. */
import { defined } from '../model/json.ts';
import { version } from '../model/product.ts';
import type { Suggestion, Suggestions } from '../model/recommendation.ts';
import { reasonsOf, rowsOfSuggestions, type SuggestionRow } from '../suggest/rows.ts';
import { summaryOf } from '../suggest/text.ts';
import type { PageData, PageSuggestion } from './data.ts';

/** A page of suggestions alone. @param name of the cluster */
export const pageOfSuggestions = (
  suggestions: Suggestions,
  doubtOf: (suggestion: Suggestion) => string | undefined,
  name?: string,
): PageData => ({
  // Histories in files name no cluster. Outside a cluster there are no namespaces.
  scope: name !== undefined || suggestions.items.some(({ key }) => key.namespace !== '') ? 'cluster' : 'host',
  ...(name !== undefined && { name }),
  ...{ at: 1000 * suggestions.at, version, nodes: [], pods: [] },
  suggestions: pageSuggestions(suggestions, doubtOf),
});

/** @param doubtOf what a person should check before running the command */
export const pageSuggestions = (
  suggestions: Suggestions,
  doubtOf: (suggestion: Suggestion) => string | undefined,
): readonly PageSuggestion[] =>
  rowsOfSuggestions(suggestions, 'frees').map((row) => suggestionOf(row, doubtOf(row.suggestion)));

/** The notes under the table of `suggest`. @param now seconds since 1970 */
export const suggestionNotes = (suggestions: Suggestions, now: number): readonly string[] => {
  const [, ...notes] = summaryOf(suggestions, rowsOfSuggestions(suggestions, 'frees'), { now });
  return notes;
};

function suggestionOf(row: SuggestionRow, doubt: string | undefined): PageSuggestion {
  const { suggestion, request, limit, frees, risk } = row;
  const { key, setting, replicas, recommendation, killCount, daily } = suggestion;
  return defined<PageSuggestion>({
    ...{ ...key, replicas, requestNow: setting.request, limitNow: setting.limit },
    ...{ request, limit, frees, risk, doubt },
    ...{ confidence: recommendation.confidence, days: Number(recommendation.days.toFixed(2)) },
    learningPeak: recommendation.learning?.peak,
    kills: killCount === 0 ? undefined : killCount,
    because: reasonsOf(suggestion),
    history: daily === undefined || daily.peaks.length === 0 ? undefined : daily,
  });
}
