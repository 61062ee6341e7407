/** How commands and the comments between them are written: for a shell, by names that are checked. */
import { printable } from '../model/text.ts';
import type { SuggestionRow } from './rows.ts';

/** Exactly, in mebibytes or megabytes where they are whole: what is suggested is whole, and what stays is as it was. */
export function quantity(amount: number): string {
  for (const [unit, size] of [
    ['Mi', 2 ** 20],
    ['M', 1_000_000],
    ['Ki', 2 ** 10],
  ] as const)
    if (amount % size === 0) return `${amount / size}${unit}`;
  return String(Math.ceil(amount));
}

/** As they are written into a manifest. */
export const sizesOf = ({ request, limit }: SuggestionRow): { request?: string; limit?: string } => ({
  ...(request !== undefined && { request: quantity(request) }),
  ...(limit !== undefined && { limit: quantity(limit) }),
});

/** `request 197Mi and limit 388Mi`. */
export const sizesInWords = (row: SuggestionRow): string =>
  Object.entries(sizesOf(row))
    .map(([what, amount]) => `${what} ${amount}`)
    .join(' and ');

/** Beside a comment in place of a command, so that nothing has to be looked up elsewhere. */
export const wished = (rows: readonly SuggestionRow[]): string =>
  rows.map((row) => comment(`  ${nameOfRow(row)}: ${sizesInWords(row)}`)).join('');

export const comment = (text: string): string => `# ${printable(text)}\n`;

/** JSON between single quotes of a shell. */
export const quoted = (value: unknown): string => `'${JSON.stringify(value).replaceAll("'", '\\u0027')}'`;

export const nameOfRow = ({ suggestion: { key, isWholePod } }: SuggestionRow): string =>
  isWholePod ? 'whole pod' : key.container;
