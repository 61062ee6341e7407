/** Sentences broken at their spaces. */

/** Lines of at most `columns` characters, each behind the indent. A word that is longer stands on a line of its own. */
export const wrap = (text: string, columns: number, indent: string): readonly string[] =>
  wrapWords(text.split(' '), columns, indent);

/** The same of words that have spaces of their own. */
export function wrapWords(words: readonly string[], columns: number, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + [...longer].length > columns) {
      lines.push(`${indent}${line}`.trimEnd());
      line = word;
    } else line = longer;
  }
  return [...lines, `${indent}${line}`.trimEnd()];
}

/** A name and where it was seen: beside each other if there is room. */
export function titleOf(name: string, where: string, columns: number): readonly string[] {
  const title = `${name}   ${where}`;
  return [...title].length <= columns ? [title] : [name, where];
}
