/** All suggestions, as a table, and what they free together. */
import { type ComponentChild, h } from 'preact';
import { useMemo } from 'preact/hooks';
import { printable } from '../../model/text.ts';
import { type SuggestionEntry, sorted, suggestedColumns } from '../view/columns.ts';
import { counted } from '../view/entries.ts';
import type { Model } from '../view/leaves.ts';
import type { Sorting, State } from '../view/scope.ts';
import { effectOf, suggestedTotals, suggestionEntries } from '../view/suggested.ts';
import { size } from '../view/words.ts';
import { CopyButton } from './element.ts';
import type { Go } from './location.ts';
import { SearchField } from './search.ts';
import { DataTable } from './table.ts';

const byFrees: Sorting = { column: 'FREES', isDescending: true };

export function SuggestionList({
  model,
  state,
  go,
  isAlone,
}: {
  readonly model: Model;
  readonly state: State;
  readonly go: Go;
  /** The data has nothing but suggestions. */
  readonly isAlone: boolean;
}): ComponentChild {
  const sort = state.sort ?? byFrees;
  const { filter } = state;
  const all = useMemo(() => suggestionEntries(model), [model]);
  const rows = useMemo(() => {
    const words = filter.toLowerCase().split(/\s+/);
    const some = all.filter(({ search }) => words.every((word) => search.includes(word)));
    return sorted(some, suggestedColumns, sort);
  }, [all, filter, sort.column, sort.isDescending]);
  const { now, after } = suggestedTotals(rows);
  const { notes: others = [], suggestionNotes = [] } = model.data;
  const notes = isAlone ? [...others, ...suggestionNotes] : suggestionNotes;
  const commands = useMemo(() => commandsOf(model, rows), [model, rows]);
  return h(
    'section',
    { class: 'explore', 'aria-label': 'Suggestions' },
    h(
      'div',
      { class: 'headline' },
      h(
        'h1',
        null,
        h('span', { class: 'shown' }, 'Requests now: ', h('b', null, size(now)), '. '),
        h(
          'span',
          { class: 'really' },
          'Suggested: ',
          h('b', null, after === now ? 'unchanged' : size(after)),
          '.',
        ),
      ),
      h('p', null, `${effectOf(rows)} realmem has applied nothing.`),
    ),
    // On what the suggestions rest. A report for others has it too, also on paper.
    notes.length > 0 &&
      h(
        'ul',
        { class: 'notes' },
        notes.map((note) => h('li', { key: note }, printable(note))),
      ),
    h(
      'div',
      { class: 'tools' },
      h(SearchField, {
        value: filter,
        placeholder: 'Filter: name, risk …',
        hint: 'cart   shop/   killed   high',
        count:
          rows.length === all.length
            ? counted(all.length, 'suggestion')
            : `${counted(rows.length, 'suggestion')} of ${all.length}`,
        onInput: (text: string) => go({ filter: text }, 'replace'),
      }),
      commands !== '' &&
        h(CopyButton, {
          text: commands,
          label: `Copy ${rows.length === all.length ? 'all commands' : 'these commands'}`,
        }),
    ),
    h(DataTable<SuggestionEntry>, {
      ...{ rows, sort, columns: suggestedColumns, label: 'Suggestions' },
      onSort: (next: Sorting) => go({ sort: next }, 'replace'),
      onOpen: ({ key }: SuggestionEntry) => go({ open: key }),
      empty: h(
        'p',
        null,
        filter === ''
          ? 'No suggestions yet: agents need an hour or more of history.'
          : `No suggestion matches “${filter}”.`,
      ),
    }),
  );
}

/** Each workload's command once. */
const commandsOf = ({ patches }: Model, rows: readonly SuggestionEntry[]): string =>
  [...new Set(rows.map(({ workloadKey }) => workloadKey))]
    .flatMap((key) => patches.get(key) ?? [])
    .map((command) => command.trimEnd())
    .join('\n\n');
