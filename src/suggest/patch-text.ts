/** Pieces of commands and comments of the patch output: text that a shell reads safely. */
import { printable } from '../model/text.ts';
import type { SuggestionRow } from './rows.ts';

/** The exact amount, in the largest unit that divides it: a value that stays keeps its bytes. */
export function quantity(amount: number): string {
  for (const [unit, size] of [
    ['Mi', 2 ** 20],
    ['M', 1_000_000],
    ['Ki', 2 ** 10],
  ] as const)
    if (amount % size === 0) return `${amount / size}${unit}`;
  return String(Math.ceil(amount));
}

/** As manifests have them. */
export const memoryQuantities = ({
  request,
  limit,
}: SuggestionRow): { request?: string; limit?: string } => ({
  ...(request !== undefined && { request: quantity(request) }),
  ...(limit !== undefined && { limit: quantity(limit) }),
});

/** `request 197Mi and limit 388Mi`. */
export const sizesInWords = (row: SuggestionRow): string =>
  Object.entries(memoryQuantities(row))
    .map(([what, amount]) => `${what} ${amount}`)
    .join(' and ');

/** The values to set, after a comment that says why there is no command. */
export const suggestedSizesComment = (rows: readonly SuggestionRow[]): string =>
  rows.map((row) => comment(`  ${nameOfRow(row)}: ${sizesInWords(row)}`)).join('');

export const comment = (text: string): string => `# ${printable(text)}\n`;

/** JSON in single quotes for a shell. */
export const shellJson = (value: unknown): string => `'${JSON.stringify(value).replaceAll("'", '\\u0027')}'`;

export const nameOfRow = ({ suggestion: { key, isWholePod } }: SuggestionRow): string =>
  isWholePod ? 'whole pod' : key.container;
