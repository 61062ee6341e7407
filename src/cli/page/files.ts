/** The page as one file: `-o html`. */

import type { Suggestions } from '../../model/recommendation.ts';
import type { PageData } from '../../page/data.ts';
import { pageDocument } from '../../page/document.ts';
import { pageOfSuggestions } from '../../page/from-suggestions.ts';
import { pageTemplate } from '../../page/template.ts';
import { type PatchOptions, patchesOf } from '../../suggest/patch.ts';
import { rowsOfSuggestions } from '../../suggest/rows.ts';
import { type SuggestOptions, summaryOf } from '../../suggest/text.ts';

export const htmlOf = (data: PageData): string => pageDocument(pageTemplate(), data).html;

/** @param toPatch the suggestions with commands @param name of the cluster */
export function suggestionsHtml(
  chosen: Suggestions,
  options: SuggestOptions,
  toPatch: Suggestions,
  patching: PatchOptions,
  name: string | undefined,
): string {
  const rows = rowsOfSuggestions(chosen, options.sortBy);
  const summary = summaryOf(chosen, rows, options);
  return htmlOf({
    ...pageOfSuggestions(chosen, patching.doubts, name),
    patches: patchesOf(toPatch, patching),
    // The page adds up the total itself.
    notes: rows.length === 0 ? summary : summary.slice(1),
  });
}
