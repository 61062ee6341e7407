/** Aligns text in columns like kubectl: three spaces between columns, numbers aligned to the right. */
import { paint, type Tone } from './look.ts';
import { beginOf, cutMiddle, widthOf } from './width.ts';

export interface Column<Item> {
  readonly heading: string;
  readonly right?: boolean;
  /** Text that is safe to print. Undefined prints as `-`. */
  readonly cell: (item: Item) => string | undefined;
  /** Columns with the highest rank give way first when a line is too long. Default: the column always stays. */
  readonly rank?: number;
  /** Colour of the cell, where colours are on. */
  readonly tone?: (item: Item) => Tone | undefined;
}

const gap = 3;
const narrowGap = 2;
/** Labels keep this width before columns of less importance give way, those with a rank above `important`. */
const comfortableLabel = 20;
/** Labels keep this width before the important columns give way. */
const readableLabel = 12;
/** The figures that people look for first have a rank up to this. */
const important = 3;
/** A label keeps this width before the end of the line is cut. */
const shortestLabel = 8;
const absent = '-';

/**
 * Lines never exceed `most`: first columns give way by their rank, then labels are cut, at last the end of the line.
 * @param most maximum width of a line in cells of a terminal
 */
export const renderColumns = <Item>(
  columns: readonly Column<Item>[],
  items: readonly Item[],
  headers: boolean,
  most = Number.POSITIVE_INFINITY,
  colour = false,
): string => [...columnLines(columns, items, headers, most, colour)].join('');

/** The same line by line. It asks for each cell twice: all cells of a large cluster at once would need hundreds of megabytes. */
export function* columnLines<Item>(
  columns: readonly Column<Item>[],
  items: readonly Item[],
  headers: boolean,
  most = Number.POSITIVE_INFINITY,
  colour = false,
): Generator<string> {
  const wanted = columns.map(({ heading, cell }) => {
    let widest = headers ? widthOf(heading) : 0;
    for (const item of items) widest = Math.max(widest, widthOf(cell(item) ?? absent));
    return widest;
  });
  const { shown, widths, between } = fit(columns, wanted, most);
  const space = ' '.repeat(between);
  const lineOf = (
    textOf: (column: Column<Item>) => string,
    toneOf: (column: Column<Item>) => Tone | undefined,
  ): string => {
    const parts = shown.map((index) => {
      const column = columns[index] as Column<Item>;
      const width = widths[index] ?? 0;
      return { column, text: pad(cutMiddle(textOf(column), width), width, column.right === true) };
    });
    const plain = parts.map(({ text }) => text).join(space);
    if (!colour || widthOf(plain) > most) return `${beginOf(plain, most).trimEnd()}\n`;
    return `${parts
      .map(({ column, text }) => paint(text, toneOf(column)))
      .join(space)
      .trimEnd()}\n`;
  };
  if (headers)
    yield lineOf(
      ({ heading }) => heading,
      () => 'bold',
    );
  for (const item of items)
    yield lineOf(
      ({ cell }) => cell(item) ?? absent,
      ({ tone }) => tone?.(item),
    );
}

interface Layout {
  /** Indexes of the columns that are shown. */
  readonly shown: readonly number[];
  readonly widths: readonly number[];
  /** Spaces between two columns. */
  readonly between: number;
}

function fit(columns: readonly Column<never>[], wanted: readonly number[], most: number): Layout {
  const widths = [...wanted];
  const isLabel = (index: number): boolean => columns[index]?.right !== true;
  const least = (index: number, label: number): number =>
    isLabel(index) ? Math.min(widths[index] ?? 0, label) : (widths[index] ?? 0);
  const totalOf = (shown: readonly number[], between: number, label: number): number =>
    shown.reduce((sum, index) => sum + least(index, label), between * Math.max(0, shown.length - 1));
  let shown = columns.map((_, index) => index);
  const whole = totalOf(shown, gap, Number.POSITIVE_INFINITY);
  if (whole <= most) return { shown, widths, between: gap };
  for (;;) {
    const rank = Math.max(...shown.map((index) => columns[index]?.rank ?? 0));
    const label = rank > important ? comfortableLabel : readableLabel;
    if (rank === 0 || totalOf(shown, narrowGap, label) <= most) break;
    shown = shown.filter((index) => (columns[index]?.rank ?? 0) < rank);
  }
  const between = totalOf(shown, gap, comfortableLabel) <= most ? gap : narrowGap;
  let over = totalOf(shown, between, Number.POSITIVE_INFINITY) - most;
  while (over > 0) {
    const labels = shown.filter((index) => isLabel(index) && (widths[index] ?? 0) > shortestLabel);
    const [first, ...others] = labels;
    if (first === undefined) break;
    const widest = others.reduce((a, b) => ((widths[b] ?? 0) > (widths[a] ?? 0) ? b : a), first);
    widths[widest] = (widths[widest] ?? 0) - 1;
    over--;
  }
  return { shown, widths, between };
}

function pad(text: string, width: number, right: boolean): string {
  const fill = ' '.repeat(Math.max(0, width - widthOf(text)));
  return right ? fill + text : text + fill;
}
