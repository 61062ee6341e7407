/** Text that strangers can set (names of pods, labels, cgroups), made safe to show. */

// Controls (a terminal obeys them), line and paragraph separators, what reorders or hides text, lone surrogates.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Each character that could act instead of show, written as `write` says. */
export const escapeUnsafe = (text: string, write: (char: string) => string): string =>
  text.replace(unsafe, write);

/** Whether there is no such character. */
export const isPrintable = (text: string): boolean => text.search(unsafe) === -1;

/** As in JSON: of a character of two code units each is written. */
const asUnits = (char: string): string =>
  char.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The same text with every character that could act instead of show written as `\uXXXX`. */
export const printable = (text: string): string => escapeUnsafe(text, asUnits);

/** `printable`, for text whose line breaks are its own (JSON already written out). */
export const printableLines = (text: string): string =>
  escapeUnsafe(text, (char) => (char === '\n' ? char : asUnits(char)));

/** At most `most` UTF-16 units, so that no counting of characters comes to more. What is cut ends in an ellipsis. */
export const printableUpTo = (most: number, text: string): string => {
  // Escaping makes nothing shorter: what comes later is cut anyway, and the text may be a whole file.
  const safe = printable(text.slice(0, most + 1));
  return safe.length <= most ? safe : `${safe.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
};

/** Characters of foreign text that a message shows: the beginning tells enough. */
export const longestQuote = 80;

/** Foreign text in quotes for a message, safe to print and cut short with its quotes. */
export const quoted = (text: string): string => `"${printableUpTo(longestQuote - 2, text)}"`;

/** Printable ASCII and line breaks; every other character is written as `\uXXXX`, as JSON reads it back. */
export const asciiLines = (text: string): string => text.replace(/[^\n -~]/gu, asUnits);

const encoder = new TextEncoder();

/** How many bytes a text is long in UTF-8. */
export const encodedLength = (text: string): number => encoder.encode(text).length;

const decoder = new TextDecoder();

/**
 * The beginning of a text, of so many characters at the most. It is a copy: a part of a text keeps the whole of it in memory as
 * long as it is itself kept.
 */
export const clipped = (text: string, most: number): string =>
  text.length <= most ? text : `${decoder.decode(encoder.encode(text.slice(0, most)))}…`;

/** A host may be called anything; a file name must stay in its directory. */
export const fileName = (node: string): string =>
  encodeURIComponent(node).replace(/^\.+/, (dots) => '%2E'.repeat(dots.length));

/** The known word at most two letters away, undefined where there is none. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known.map((candidate) => ({
    candidate,
    away: distance(word.toLowerCase(), candidate.toLowerCase()),
  }));
  ranked.sort((a, b) => a.away - b.away);
  return ranked[0] !== undefined && ranked[0].away <= 2 ? ranked[0].candidate : undefined;
}

/** Levenshtein's distance, given up above the length of any setting's name. */
function distance(a: string, b: string): number {
  if (a.length > 64 || b.length > 64) return 64;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** Text → a whole number below 2^32, spread evenly: the same text, the same number. No secret is safe with it. */
export function hashOf(text: string): number {
  // FNV-1a, and the end of MurmurHash3: without it texts that differ in their last letters alone come out close together.
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The given line (from 1) or the whole file in quotes; bytes that are no UTF-8 show as U+FFFD. */
export function excerpt(file: Uint8Array, line?: number): string {
  const text = new TextDecoder().decode(file);
  const part = line === undefined ? text : (text.split('\n')[line - 1] ?? '');
  return part === '' ? 'nothing' : quoted(part);
}
