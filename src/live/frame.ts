/** Puts header, table, notes and footer on a screen of any size. */

import { beginOf, widthOf } from '../layout/width.ts';
import { wrap } from '../layout/wrap.ts';
import { printable } from '../model/text.ts';
import { formatSpan, rfc3339 } from '../model/time.ts';
import type { ScreenLine } from './cells.ts';
import type { List } from './list.ts';
import type { Size } from './screen.ts';

const gap = '   ';
const dim = '2';
const bold = '1';
const yellow = '33';
const mostNoteLines = 4;

/** Younger data needs no age. */
const freshMs = 5_000;

/** Cut with an ellipsis. @param text safe to print, without colours */
const fit = (text: string, columns: number): string =>
  widthOf(text) <= columns ? text : `${beginOf(text, columns - 1)}…`;

/** What is listed, and from when. @param at time of the data. @param now both in milliseconds since 1970 */
export function header(list: List, at: number | undefined, now: number, columns: number): string {
  const { rows, count, noun, sortBy, filter, scope } = list;
  const number = rows.length === count ? `${count}` : `${rows.length} of ${count}`;
  const age = at === undefined ? 0 : now - at;
  const parts = [
    // Before the first state nothing was counted.
    ...(at === undefined ? [] : [`${number} ${noun}`]),
    ...(scope === undefined ? [] : [`of ${printable(scope.name)}`]),
    ...(filter === '' ? [] : [`filter ${printable(filter)}`]),
    `sort ${sortBy}`,
    ...(at === undefined
      ? []
      : [`${rfc3339(at).slice(11)}${age < freshMs ? '' : `, ${formatSpan(age / 1000)} ago`}`]),
  ];
  return fit(parts.join(gap), columns);
}

/** The keys, as many as fit. @param prompt the line that the reader types: it comes first */
export function footer(hints: readonly string[], columns: number, prompt?: string): ScreenLine {
  let text = prompt === undefined ? '' : beginningCut(printable(prompt), columns - 1);
  const cursor = prompt === undefined ? '' : '\u001b[7m \u001b[0m';
  let width = widthOf(text) + (prompt === undefined ? 0 : 1);
  text += cursor;
  for (const hint of hints) {
    const added = width === 0 ? hint : `${gap}${hint}`;
    if (width + added.length > columns) break;
    text += added;
    width += added.length;
  }
  return prompt === undefined ? { text, base: dim } : { text };
}

/** The end of a long text: the reader types there. */
function beginningCut(text: string, cells: number): string {
  let rest = text;
  while (widthOf(rest) > Math.max(0, cells)) rest = rest.replace(/^./u, '');
  return rest;
}

export interface ListParts {
  readonly size: Size;
  /** Not escaped. */
  readonly title: readonly string[];
  readonly status: string;
  /** Not escaped. */
  readonly notes: readonly string[];
  readonly foot: ScreenLine;
  readonly table: (height: number) => readonly ScreenLine[];
}

/** A small screen drops the notes first, then the title, the status and at last the footer. One row always stays. */
export function listFrame({ size, title, status, notes, foot, table }: ListParts): readonly ScreenLine[] {
  const { lines, columns } = size;
  const tableLeast = lines <= 2 ? lines : Math.min(4, lines - 1);
  let left = lines - tableLeast;
  const take = (wanted: readonly ScreenLine[], most = wanted.length): readonly ScreenLine[] => {
    const taken = wanted.slice(0, Math.min(left, most));
    left -= taken.length;
    return taken;
  };
  const feet = take([foot]);
  const state = take([{ text: status, base: bold }]);
  const titles = take(title.map((line) => ({ text: fit(printable(line), columns) })));
  const wrapped = notes.flatMap((note) => wrap(printable(note), columns, ''));
  const under = take(
    wrapped.map((text) => ({ text: fit(text, columns), base: yellow })),
    mostNoteLines,
  );
  const height = tableLeast + left;
  const body = table(height);
  const rest = Array.from({ length: Math.max(0, height - body.length) }, (): ScreenLine => ({ text: '' }));
  return [...titles, ...state, ...body.slice(0, height), ...rest, ...under, ...feet];
}

export interface PageFrame {
  readonly lines: readonly ScreenLine[];
  /** Lines of text that have room, and the first of them. */
  readonly height: number;
  readonly top: number;
}

/** @param foot the footer of a width */
export function pageFrame(
  text: readonly string[],
  top: number,
  { lines, columns }: Size,
  foot: (columns: number) => ScreenLine,
): PageFrame {
  const height = lines > 1 ? lines - 1 : lines;
  const first = Math.max(0, Math.min(top, text.length - height));
  const shown = text.slice(first, first + height).map((line): ScreenLine => ({ text: line }));
  const rest = Array.from({ length: height - shown.length }, (): ScreenLine => ({ text: '' }));
  const below = text.length - first - height;
  // Keys give way to it: whoever sees no more lines does not look for the key.
  const more = below > 0 ? `${below} more ${below === 1 ? 'line' : 'lines'}` : '';
  const { text: keys, ...style } = foot(more === '' ? columns : columns - more.length - gap.length);
  const line = { ...style, text: [keys, more].filter((part) => part !== '').join(gap) };
  return { lines: [...shown, ...rest, ...(lines > 1 ? [line] : [])], height, top: first };
}
