/** The table of a cluster, for a terminal and in Markdown. */
import { type Column, columnLines } from '../layout/columns.ts';
import { markOf, paint } from '../layout/look.ts';
import { escapeMarkdown, renderMarkdown } from '../layout/markdown.ts';
import { version } from '../model/product.ts';
import { rfc3339 } from '../model/time.ts';
import type { Grouping, Row } from '../render/row.ts';
import {
  availableColumns,
  kubectlTopColumn,
  labelColumns,
  markColumn,
  nodeColumn,
  oomsColumn,
  peakColumn,
  podsColumn,
  realColumns,
  requestColumn,
  requestShareColumn,
  rowTone,
  seenColumn,
  suggestColumns,
  totalRow,
  usageColumn,
  verdictColumn,
} from '../render/row-columns.ts';
import {
  attentionText,
  clusterWarnings,
  noPodsNote,
  noteLines,
  noteSums,
  notesBelow,
  sentence,
  urgentOf,
} from './notes.ts';
import { headingsOf } from './rows.ts';
import type { ClusterView } from './view.ts';

export interface ClusterTableOptions {
  readonly by: Grouping;
  readonly wide: boolean;
  readonly headers: boolean;
  /** Shows what could still be scheduled: a table of nodes. */
  readonly available: boolean;
  /** All pods are of one namespace: its column is left out. */
  readonly oneNamespace: boolean;
  /** Maximum width of a line in cells of a terminal. Default: no maximum. */
  readonly columns?: number | undefined;
  readonly colour: boolean;
  readonly marks: boolean;
  readonly ascii: boolean;
}

const shownHeadings = (by: Grouping, oneNamespace: boolean): readonly string[] =>
  headingsOf[by].filter((heading) => !oneNamespace || heading !== 'NAMESPACE');

/** The columns of a cluster's table. @param rows for columns that only some rows fill */
function clusterColumns(
  rows: readonly Row[],
  { by, wide, available, oneNamespace, marks, ascii }: ClusterTableOptions,
): readonly Column<Row>[] {
  const headings = shownHeadings(by, oneNamespace);
  const hasMarks = marks && rows.some((row) => markOf(rowTone(row), ascii) !== '');
  const names = [...(hasMarks ? [markColumn(ascii)] : []), ...labelColumns(headings)];
  if (available) return [...names, ...availableColumns];
  const figures = [
    ...realColumns({ marksHigh: false, digits: 0, by }),
    kubectlTopColumn,
    requestColumn,
    requestShareColumn,
  ];
  if (by === 'node') return [...names, ...figures, podsColumn, oomsColumn, seenColumn];
  return [
    ...names,
    ...figures,
    ...(by === 'container' ? [peakColumn] : []),
    ...(by === 'workload' || by === 'namespace' ? [podsColumn] : []),
    oomsColumn,
    verdictColumn,
    ...(wide ? [usageColumn] : []),
    ...(wide && by === 'container' ? suggestColumns : []),
    ...(wide && (by === 'container' || by === 'pod') ? [nodeColumn] : []),
  ];
}

/** The table line by line. @param rows sorted */
export function* clusterTableLines(
  view: ClusterView,
  rows: readonly Row[],
  options: ClusterTableOptions,
): Generator<string> {
  const { by, oneNamespace, headers, columns, colour } = options;
  if (rows.length > 0) {
    const total = headers && rows.length > 1 ? [totalRow(rows, shownHeadings(by, oneNamespace))] : [];
    yield* columnLines(clusterColumns(rows, options), [...rows, ...total], headers, columns, colour);
  }
  if (!headers) return;
  if (rows.length > 0) yield '\n';
  else {
    const why = noPodsNote(view) ?? 'No matching rows.';
    for (const line of noteLines(sentence(why), columns)) yield `${line}\n`;
  }
  for (const note of notesBelow(view, rows, columns))
    for (const line of noteLines(note, columns)) yield `${colour ? paint(line, note.tone) : line}\n`;
}

/** The table in Markdown. Below it: what needs attention, the sums and the time, which a ticket keeps. */
export function clusterMarkdown(
  view: ClusterView,
  rows: readonly Row[],
  options: ClusterTableOptions,
): string {
  const table = renderMarkdown(clusterColumns(rows, { ...options, marks: false }), rows);
  if (!options.headers) return table;
  const none = rows.length === 0 ? [noPodsNote(view) ?? 'No matching rows.'] : [];
  const below = [
    ...none,
    attentionText(urgentOf(rows)) ?? [],
    ...noteSums(view).map((figures) => figures.join(', ')),
    ...clusterWarnings(view),
    `Read at ${rfc3339(view.at)} by realmem ${version}`,
  ].flat();
  return `${table}${below.map((text) => `\n${escapeMarkdown(text)}\n`).join('')}`;
}
