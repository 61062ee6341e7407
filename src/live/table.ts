/** The table of the live view: only rows on the screen are formatted. */
import { headingsOf } from '../cluster/rows.ts';
import { type Column, renderColumns } from '../layout/columns.ts';
import { cutMiddle, widthOf } from '../layout/width.ts';
import type { BarOptions } from '../render/bars.ts';
import type { Grouping, Row } from '../render/row.ts';
import {
  availableColumns,
  kubectlTopColumn,
  labelColumns,
  markColumn,
  nodeColumn,
  oomsColumn,
  partColumns,
  peakColumn,
  podsColumn,
  realColumns,
  requestColumn,
  requestShareColumn,
  seenColumn,
  suggestColumns,
  verdictColumn,
} from '../render/row-columns.ts';
import type { ScreenLine } from './cells.ts';
import type { List } from './list.ts';

/** Columns that are shown if a row has something to show there. */
const optional: readonly Column<Row>[] = [
  kubectlTopColumn,
  requestColumn,
  requestShareColumn,
  peakColumn,
  podsColumn,
  seenColumn,
  oomsColumn,
  verdictColumn,
  ...suggestColumns,
];

/** Names that are longer would make a wide column for all the others. */
const longestName = 100;
/** Rows that are searched for something to show in an optional column. */
const mostSearched = 1_000;

export interface LiveTableOptions {
  /** Shows more figures: `-o wide`. */
  readonly wide?: boolean;
  /** All pods are of one namespace: its column is left out. */
  readonly oneNamespace?: boolean;
  /** Shows what could still be scheduled on each node: `--available`. */
  readonly available?: boolean;
}

/** Keeps columns and their widths while the reader scrolls. */
export class Table {
  private readonly options: LiveTableOptions;
  private by: Grouping | undefined;
  private rows: readonly Row[] = [];
  private columns: readonly Column<Row>[] = [];
  /** The widest text of each column so far, by heading. */
  private readonly widest = new Map<string, string>();

  constructor(options: LiveTableOptions = {}) {
    this.options = options;
  }

  /** A line of headings, then one line for each row. With one line only: the selected row. */
  lines(list: List, columns: number, height: number, options: BarOptions): readonly ScreenLine[] {
    const hasHeadings = height > 1;
    const rows = list.visible(hasHeadings ? height - 1 : 1);
    this.choose(list, options);
    const [head = '', ...body] = this.render(rows, columns, options);
    const selected = list.at - list.top;
    const lines = body.map(
      (text, index): ScreenLine => (index === selected ? { text, base: inverse } : { text }),
    );
    return hasHeadings ? [{ text: head }, ...lines] : lines;
  }

  private choose({ by, rows }: List, { ascii }: BarOptions): void {
    if (by === this.by && rows === this.rows) return;
    if (by !== this.by) this.widest.clear();
    const { wide = false, available = false, oneNamespace = false } = this.options;
    const isLeftOut = (heading: string): boolean =>
      oneNamespace && heading === 'NAMESPACE' && by !== 'namespace';
    const shown = new Set(by === this.by ? this.columns.map(({ heading }) => heading) : []);
    const some = rows.slice(0, mostSearched);
    const has = (column: Column<Row>): boolean =>
      shown.has(column.heading) || some.some((row) => !nothing.has(column.cell(row)));
    const isOutsidePods =
      by === 'container' && some.length > 0 && !some.some(({ labels }) => 'POD' in labels);
    const figures = [
      ...realColumns({ marksHigh: wide, digits: 0, by }),
      ...[...optional, ...(wide ? partColumns : [])].filter(has),
      ...(by !== 'node' && has(nodeColumn) ? [nodeColumn] : []),
    ];
    this.columns = [
      ...[markColumn(ascii)].filter(has),
      ...labelColumns(
        isOutsidePods ? ['TYPE', 'NAME'] : headingsOf[by].filter((heading) => !isLeftOut(heading)),
      ),
      ...(by === 'node' && available ? availableColumns : figures),
    ];
    this.by = by;
    this.rows = rows;
  }

  /** @returns the headings and the rows */
  private render(rows: readonly Row[], columns: number, { colour }: BarOptions): readonly string[] {
    const shown = columns < roomForNames ? this.columns.filter(isShownInLittleRoom) : this.columns;
    const cells = shown.map((column): Column<Row | undefined> => {
      const { heading, tone, cell } = column;
      return {
        ...column,
        cell: (row) => (row === undefined ? this.widest.get(heading) : this.note(heading, cell(row))),
        tone: (row) => (row === undefined ? undefined : tone?.(row)),
      };
    });
    // The last line keeps the widths. It is not shown.
    const text = renderColumns(cells, [...rows, undefined], true, columns, colour);
    return text.split('\n').slice(0, rows.length + 1);
  }

  private note(heading: string, text: string | undefined): string | undefined {
    if (text === undefined) return undefined;
    const shown = cutMiddle(text, longestName);
    if (widthOf(shown) > widthOf(this.widest.get(heading) ?? '')) this.widest.set(heading, shown);
    return shown;
  }
}

/** Below this width only the last name of a row is shown. */
const roomForNames = 30;

const isShownInLittleRoom = (
  { rank, heading }: Column<Row>,
  index: number,
  all: readonly Column<Row>[],
): boolean => rank !== undefined || all[index + 1]?.rank !== undefined || heading === '';

const inverse = '7';
/** Cells that say nothing. */
const nothing: ReadonlySet<string | undefined> = new Set([undefined, '', '0']);
