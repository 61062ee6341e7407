/** How commands and the comments between them are written: for a shell, by names that are checked. */
import { printable } from '../model/text.ts';
import type { SuggestionRow } from './suggestion-rows.ts';

const MiB = 2 ** 20;

export const inMiB = (amount: number): string => `${Math.ceil(amount / MiB)}Mi`;

/** As they are written into a manifest. */
export const sizesOf = ({ request, limit }: SuggestionRow): { request?: string; limit?: string } => ({
  ...(request !== undefined && { request: inMiB(request) }),
  ...(limit !== undefined && { limit: inMiB(limit) }),
});

/** `request 197Mi and limit 388Mi`. */
export const sizesInWords = (row: SuggestionRow): string =>
  Object.entries(sizesOf(row))
    .map(([what, amount]) => `${what} ${amount}`)
    .join(' and ');

export const comment = (text: string): string => `# ${printable(text)}\n`;

/** JSON between single quotes of a shell. */
export const quoted = (value: unknown): string => `'${JSON.stringify(value).replaceAll("'", '\\u0027')}'`;

export const nameOfRow = ({ suggestion: { key, isWholePod } }: SuggestionRow): string =>
  isWholePod ? 'whole pod' : key.container;
