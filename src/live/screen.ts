/** Draws frames on a terminal, and sends only the cells that change. */
import { blank, type Cell, cellsOfLine, type ScreenLine } from './cells.ts';

export interface Size {
  readonly lines: number;
  readonly columns: number;
}

/** A terminal that knows these shows the whole frame at once. Others ignore them. */
const begin = '\u001b[?2026h';
const end = '\u001b[?2026l';
const plain = '\u001b[0m';
const clear = `${plain}\u001b[2J`;
const ascii = /^[ -~]$/;

export class Screen {
  /** Undefined: what the terminal shows is unknown. */
  private shown: readonly (readonly Cell[])[] | undefined;
  private size: Size = { lines: 0, columns: 0 };

  /** The next frame is drawn completely. */
  forget(): void {
    this.shown = undefined;
  }

  /** @returns what to send to the terminal, in one write; '' if it shows this frame already */
  update(frame: readonly ScreenLine[], size: Size): string {
    const isNew =
      this.shown === undefined || size.lines !== this.size.lines || size.columns !== this.size.columns;
    const before = isNew ? undefined : this.shown;
    const cells = Array.from({ length: size.lines }, (_, y) =>
      cellsOfLine(frame[y] ?? { text: '' }, size.columns),
    );
    const changes = changesOf(before, cells);
    this.shown = cells;
    this.size = size;
    if (changes === '' && !isNew) return '';
    return `${begin}${isNew ? clear : ''}${changes}${plain}${end}`;
  }
}

function changesOf(
  before: readonly (readonly Cell[])[] | undefined,
  cells: readonly (readonly Cell[])[],
): string {
  let text = '';
  let style = '';
  for (const [y, line] of cells.entries()) {
    // Where the cursor is, if that is certain.
    let cursor = -1;
    for (const [x, cell] of line.entries()) {
      const old = before?.[y]?.[x] ?? blank;
      if (cell.text === '' || (cell.text === old.text && cell.style === old.style)) continue;
      if (cursor !== x) text += `\u001b[${y + 1};${x + 1}H`;
      if (cell.style !== style) {
        text += `\u001b[${['0', cell.style].filter((part) => part !== '').join(';')}m`;
        style = cell.style;
      }
      text += cell.text;
      // Terminals disagree on the width of other characters.
      cursor = ascii.test(cell.text) ? x + 1 : -1;
    }
  }
  return text;
}
