/** Text in columns, as kubectl sets it: three spaces between, figures to the right. */

export interface Column<Item> {
  readonly heading: string;
  readonly right?: boolean;
  /** Already printable. Undefined shows as `-`. */
  readonly cell: (item: Item) => string | undefined;
}

const gap = '   ';

export function renderColumns<Item>(
  columns: readonly Column<Item>[],
  items: readonly Item[],
  headers: boolean,
): string {
  const cells = items.map((item) => columns.map((column) => column.cell(item) ?? '-'));
  const lines = headers ? [columns.map(({ heading }) => heading), ...cells] : cells;
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((line) => lengthOf(line[index] as string)), 0),
  );
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, index) => pad(cell, widths[index] as number, columns[index]?.right))
          .join(gap)
          .trimEnd()}\n`,
    )
    .join('');
}

/** Characters, not code units. */
const lengthOf = (text: string): number => [...text].length;

function pad(text: string, width: number, right: boolean | undefined): string {
  const fill = ' '.repeat(Math.max(0, width - lengthOf(text)));
  return right ? fill + text : text + fill;
}
