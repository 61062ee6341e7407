/** Width of text on a terminal. */
import { eastAsianWidth } from 'get-east-asian-width';

const ascii = /^[ -~]*$/;
/** Combining marks, variation selectors and joiners take no cell of their own. */
const unseen = /^(?:\p{Mn}|\p{Me}|\u200d|\ufe0e|\ufe0f)$/u;

/** Cells that one character takes: 0, 1 or 2. Terminals disagree on ambiguous ones: most use 1. */
export function cellsOf(char: string): number {
  if (unseen.test(char)) return 0;
  return eastAsianWidth(char.codePointAt(0) ?? 0);
}

/** Number of cells of a text without control characters. */
export function widthOf(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += cellsOf(char);
  return width;
}

/** The longest beginning of a text that fits into `cells`. */
export function beginOf(text: string, cells: number): string {
  let width = 0;
  let end = 0;
  for (const char of text) {
    width += cellsOf(char);
    if (width > cells) break;
    end += char.length;
  }
  return text.slice(0, end);
}

/** The longest end of a text that fits into `cells`. */
function endOf(text: string, cells: number): string {
  const chars = [...text];
  let width = 0;
  let start = chars.length;
  while (start > 0 && width + cellsOf(chars[start - 1] ?? '') <= cells)
    width += cellsOf(chars[--start] ?? '');
  // A mark without its letter would join the ellipsis.
  while (start < chars.length && unseen.test(chars[start] ?? '')) start++;
  return chars.slice(start).join('');
}

/** Cuts a text in the middle, because pods of one workload differ at the end of their names. */
export function cutMiddle(text: string, cells: number): string {
  if (widthOf(text) <= cells) return text;
  if (cells <= 1) return cells < 1 ? '' : '…';
  const tail = Math.floor((cells - 1) / 2);
  return `${beginOf(text, cells - 1 - tail)}…${endOf(text, tail)}`;
}
