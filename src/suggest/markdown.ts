/** Suggestions in Markdown, for a ticket, a pull request or a chat: the total, the table, the reasons and the commands. */
import { escapeMarkdown, fenced, renderMarkdown } from '../layout/markdown.ts';
import type { Suggestions } from '../model/recommendation.ts';
import type { WorkloadPatch } from './patch.ts';
import { rowsOfSuggestions, type SuggestionRow } from './rows.ts';
import { reasonsFor, type SuggestOptions, suggestionColumns, summaryOf } from './text.ts';

export function suggestionsMarkdown(
  suggestions: Suggestions,
  options: SuggestOptions,
  patches: readonly WorkloadPatch[],
): string {
  const rows = rowsOfSuggestions(suggestions, options.sortBy);
  const [total = '', ...notes] = summaryOf(suggestions, rows, options).map(escapeMarkdown);
  const parts = [
    ...(options.headers ? [`**${total}**\n`] : []),
    ...(rows.length === 0 ? [] : [renderMarkdown(suggestionColumns(rows), rows)]),
    ...(options.headers && notes.length > 0 ? [notes.map((note) => `- ${note}\n`).join('')] : []),
    ...(options.why ? rows.map(reasons) : []),
    ...(patches.length === 0 ? [] : [commands(patches)]),
  ];
  return parts.join('\n');
}

const reasons = (row: SuggestionRow): string => {
  const { namespace, workload, container } = row.suggestion.key;
  const name = [namespace, workload, container].filter((part) => part !== '').join('/');
  const because = reasonsFor(row).map((reason) => `- ${escapeMarkdown(reason)}\n`);
  return `**${escapeMarkdown(name)}**\n\n${because.join('')}`;
};

const commands = (patches: readonly WorkloadPatch[]): string =>
  `realmem has applied nothing. Review these commands, then run them:\n\n${fenced(patches.map(({ command }) => command).join(''), 'sh')}`;
