/** Wraps text at spaces. */
import { widthOf } from './width.ts';

/** Indented lines of at most `columns` cells of a terminal. A longer word gets a line of its own. */
export const wrap = (text: string, columns: number, indent: string): readonly string[] =>
  wrapWords(text.split(' '), columns, indent);

/** The same for words that may contain spaces. */
export function wrapWords(words: readonly string[], columns: number, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOf(indent) + widthOf(longer) > columns) {
      lines.push(`${indent}${line}`.trimEnd());
      line = word;
    } else line = longer;
  }
  return [...lines, `${indent}${line}`.trimEnd()];
}

/** A name and where the agent saw it, on one line if there is room. */
export function titleOf(name: string, where: string, columns: number): readonly string[] {
  const title = `${name}   ${where}`;
  return widthOf(title) <= columns ? [title] : [name, where];
}
