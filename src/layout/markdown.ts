/** A table in Markdown, to paste into a ticket or a chat. */
import { printable } from '../model/text.ts';
import type { Column } from './columns.ts';

/** Characters that Markdown or HTML would read as markup. Names come from users. */
const special = /[\\`*_{}[\]<>()#+!|~&]/g;
const escaped = (text: string): string => printable(text).replace(special, (char) => `\\${char}`);

export function renderMarkdown<Item>(columns: readonly Column<Item>[], items: readonly Item[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const head = line(columns.map(({ heading }) => escaped(heading)));
  const rule = line(columns.map(({ right }) => (right === true ? '---:' : '---')));
  const body = items.map((item) => line(columns.map(({ cell }) => escaped(cell(item) ?? '-'))));
  return `${head}${rule}${body.join('')}`;
}
