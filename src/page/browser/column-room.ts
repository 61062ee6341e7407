/** How wide the columns of a table are, and which of them have room. CSS pixels. */
import type { PageColumn } from '../view/columns.ts';

const widths: Readonly<Record<string, number>> = {
  MEMORY: 132,
  REAL: 76,
  LIMIT: 68,
  CAPACITY: 84,
  'REAL%': 62,
  REQUEST: 78,
  PEAK: 68,
  'KUBECTL-TOP': 100,
  'WORKING-SET': 108,
  OOMS: 58,
  VERDICT: 110,
  'SUGGEST-REQ': 102,
  'SUGGEST-LIM': 102,
  RUN: 56,
  FREES: 116,
  'RISK NOW': 104,
  CONFIDENCE: 170,
};

const changeWidths: Readonly<Record<string, number>> = { REQUEST: 140, LIMIT: 140 };

/** Below this width in CSS pixels only the most important columns stay. */
export const narrow = 620;

/** The track of a column in the grid of a row. */
export function trackOf<Row>(column: PageColumn<Row>, width: number, isSuggestion: boolean): string {
  if (column.kind === 'name') return 'minmax(0, 3fr)';
  const least = widthOf(column, isSuggestion, width < narrow);
  return column.kind === 'bar' && width > 1300 ? `minmax(${least}px, 1fr)` : `${least}px`;
}

function widthOf(column: { readonly heading: string }, isSuggestion: boolean, isNarrow: boolean): number {
  const usual = (isSuggestion ? changeWidths[column.heading] : undefined) ?? widths[column.heading] ?? 90;
  return isNarrow && isSuggestion ? Math.min(usual, 126) : usual;
}

const leastName = 210;

/** Leaves out columns, those of the highest rank first, until the name has room. */
export function visibleColumns<Row>(
  columns: readonly PageColumn<Row>[],
  width: number,
  isSuggestion: boolean,
): readonly PageColumn<Row>[] {
  if (width === 0) return columns;
  if (width < narrow) return columns.filter(({ rank }) => rank === 0);
  for (const most of [3, 2, 1]) {
    const some = columns.filter(({ rank }) => rank <= most);
    const taken = some.reduce(
      (sum, column) => sum + (column.kind === 'name' ? leastName : widthOf(column, isSuggestion, false)),
      0,
    );
    if (taken <= width) return some;
  }
  return columns.filter(({ rank }) => rank === 0);
}
