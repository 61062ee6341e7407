/** Aligns text in columns like kubectl: three spaces between columns, numbers aligned to the right. */

export interface Column<Item> {
  readonly heading: string;
  readonly right?: boolean;
  /** Text that is safe to print. Undefined prints as `-`. */
  readonly cell: (item: Item) => string | undefined;
}

const gap = '   ';
/** Minimum width of a shortened label. */
const shortestLabel = 8;

/** @param most maximum width of a line in characters: longer lines get shorter labels, the widest first */
export function renderColumns<Item>(
  columns: readonly Column<Item>[],
  items: readonly Item[],
  headers: boolean,
  most = Number.POSITIVE_INFINITY,
): string {
  const cells = items.map((item) => columns.map((column) => column.cell(item) ?? '-'));
  const lines = headers ? [columns.map(({ heading }) => heading), ...cells] : cells;
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => lengthOf(line[index] ?? '')), 0));
  narrow(widths, columns, most - gap.length * (columns.length - 1));
  return lines
    .map((line) => {
      const padded = line.map((cell, index) =>
        pad(cut(cell, widths[index] ?? 0), widths[index] ?? 0, columns[index]?.right),
      );
      return `${padded.join(gap).trimEnd()}\n`;
    })
    .join('');
}

function narrow(widths: number[], columns: readonly Column<never>[], room: number): void {
  let over = widths.reduce((a, b) => a + b, 0) - room;
  while (over > 0) {
    const labels = widths.map((width, index) => (columns[index]?.right ? 0 : width));
    const widest = labels.indexOf(Math.max(...labels));
    if ((labels[widest] ?? 0) <= shortestLabel) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over--;
  }
}

/** Length in characters, not in UTF-16 code units. */
const lengthOf = (text: string): number => [...text].length;

/** Cuts in the middle, because pods of one workload differ at the end of their names. */
function cut(text: string, width: number): string {
  const chars = [...text];
  if (chars.length <= width) return text;
  const tail = Math.floor((width - 1) / 2);
  return `${chars.slice(0, width - 1 - tail).join('')}…${tail === 0 ? '' : chars.slice(-tail).join('')}`;
}

function pad(text: string, width: number, right: boolean | undefined): string {
  const fill = ' '.repeat(Math.max(0, width - lengthOf(text)));
  return right ? fill + text : text + fill;
}
