/** A table in Markdown, to paste into a ticket or a chat. */
import { printable } from '../model/text.ts';
import type { Column } from './columns.ts';

/** Characters that Markdown or HTML would read as markup, also those that make a link of a bare URL. Names come from users. */
const special = /[\\`*_{}[\]<>()#+!|~&]|:(?=\/\/)|(?<=www)\./gi;
/** A forge notifies a person of @NAME, even after a backslash, but not with a comment between. `user@1000.service` is no mention. */
const mention = /(?<!\w)@/g;
export const escapeMarkdown = (text: string): string =>
  printable(text)
    .replace(special, (char) => `\\${char}`)
    .replace(mention, '@<!-- -->');

export function renderMarkdown<Item>(columns: readonly Column<Item>[], items: readonly Item[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const head = line(columns.map(({ heading }) => escapeMarkdown(heading)));
  const rule = line(columns.map(({ right }) => (right === true ? '---:' : '---')));
  const body = items.map((item) => line(columns.map(({ cell }) => escapeMarkdown(cell(item) ?? '-'))));
  return `${head}${rule}${body.join('')}`;
}

/** A code block. No line in it can end it. @param text ends in a line break @param language for colours: `sh` */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}${fence}\n`;
}
