/** Lines of text with colours → cells of a terminal. */
import { cellsOf } from '../layout/width.ts';

/** A line of a frame. Its text may have colours (`paint`), and no other escape sequences. */
export interface ScreenLine {
  readonly text: string;
  /** Style of the whole line, up to the edge of the screen, as the parameters of SGR: `7` is inverse. */
  readonly base?: string;
}

/** One cell. A character of two cells has its text in the first one, and '' in the second one. */
export interface Cell {
  readonly text: string;
  /** Parameters of SGR, '' for none. */
  readonly style: string;
}

export const blank: Cell = { text: ' ', style: '' };

const colourOrChar = /\p{Cc}\[([0-9;]*)m|(.)/gsu;
const control = /\p{Cc}/u;

/** Exactly `columns` cells. Text beyond them is cut. A control character shows as U+FFFD. */
export function cellsOfLine({ text, base = '' }: ScreenLine, columns: number): readonly Cell[] {
  const cells: Cell[] = [];
  let style = base;
  for (const [, colour, char = ''] of text.matchAll(colourOrChar)) {
    if (colour !== undefined) {
      const added = /^0?$/.test(colour) ? '' : colour;
      style = [base, added].filter((part) => part !== '').join(';');
      continue;
    }
    const shown = control.test(char) ? '\ufffd' : char;
    const width = cellsOf(shown);
    if (width === 0) {
      join(cells, shown);
      continue;
    }
    if (cells.length + width > columns) break;
    cells.push({ text: shown, style });
    if (width === 2) cells.push({ text: '', style });
  }
  const rest = base === '' ? blank : { text: ' ', style: base };
  while (cells.length < columns) cells.push(rest);
  return cells;
}

/** Marks beyond this number are left out: a name can pile up thousands on one letter. */
const mostMarks = 4;

/** Adds a combining mark to the character before it. */
function join(cells: Cell[], mark: string): void {
  const at = cells.at(-1)?.text === '' ? cells.length - 2 : cells.length - 1;
  const cell = cells[at];
  if (cell !== undefined && [...cell.text].length <= mostMarks)
    cells[at] = { text: cell.text + mark, style: cell.style };
}
