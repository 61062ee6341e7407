/** Makes untrusted text (names of pods, labels, cgroups) safe to print, and compares words. */

// Control characters, line and paragraph separators, invisible and bidirectional characters, lone surrogates.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Replaces each unsafe character by `write(char)`. */
export const escapeUnsafe = (text: string, write: (char: string) => string): string =>
  text.replace(unsafe, write);

/** Whether the text has no unsafe character. */
export const isPrintable = (text: string): boolean => text.search(unsafe) === -1;

/** One `\uXXXX` per UTF-16 code unit, as in JSON. */
const asUnits = (char: string): string =>
  char.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The text with every unsafe character written as `\uXXXX`: a terminal cannot obey it. */
export const printable = (text: string): string => escapeUnsafe(text, asUnits);

/** `printable`, but keeps line breaks: for text that we formatted ourselves. */
export const printableLines = (text: string): string =>
  escapeUnsafe(text, (char) => (char === '\n' ? char : asUnits(char)));

/** `printable`, cut to `most` UTF-16 units. A text that is cut ends in an ellipsis. */
export const printableUpTo = (most: number, text: string): string => {
  // Slice first, as the text may be a whole file. Escaping only lengthens text, so nothing visible is lost.
  const safe = printable(text.slice(0, most + 1));
  return safe.length <= most ? safe : `${safe.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
};

/** Characters of untrusted text that a message quotes at most. */
export const longestQuote = 80;

/** Untrusted text in quotes, safe to print, cut to `longestQuote` with its quotes. */
export const quoted = (text: string): string => `"${printableUpTo(longestQuote - 2, text)}"`;

/** Writes every character other than printable ASCII and line breaks as `\uXXXX`. A JSON parser reads it back. */
export const asciiLines = (text: string): string => text.replace(/[^\n -~]/gu, asUnits);

const encoder = new TextEncoder();

/** Length of the text in UTF-8 bytes. */
export const encodedLength = (text: string): number => encoder.encode(text).length;

const decoder = new TextDecoder();

/**
 * The text, cut to `most` characters and an ellipsis. The result is a copy: a slice would keep the whole text in memory.
 */
export const clipped = (text: string, most: number): string =>
  text.length <= most ? text : `${decoder.decode(encoder.encode(text.slice(0, most)))}…`;

/** A node name as a file name. The name is untrusted, and the file must stay in its directory. */
export const fileName = (node: string): string =>
  encodeURIComponent(node).replace(/^\.+/, (dots) => '%2E'.repeat(dots.length));

/** The closest known word, at most two edits away. Undefined when there is none. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known.map((candidate) => ({
    candidate,
    away: distance(word.toLowerCase(), candidate.toLowerCase()),
  }));
  ranked.sort((a, b) => a.away - b.away);
  return ranked[0] !== undefined && ranked[0].away <= 2 ? ranked[0].candidate : undefined;
}

/** Levenshtein distance, ignoring words longer than any setting's name. */
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

/** Text → an evenly distributed integer below 2^32. Not a cryptographic hash. */
export function hashOf(text: string): number {
  // FNV-1a with the finalizer of MurmurHash3. Without it, texts that differ only at the end get close hashes.
  let hash = 0x811c9dc5;
  // An index, because an iterator allocates an object for each character.
  for (let index = 0; index < text.length; index++) {
    const code = text.codePointAt(index) as number;
    if (code > 0xffff) index++;
    hash = Math.imul(hash ^ code, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The given line (from 1), or the whole file, in quotes for a message. Invalid UTF-8 shows as U+FFFD. */
export function excerpt(file: Uint8Array, line?: number): string {
  const text = new TextDecoder().decode(file);
  const part = line === undefined ? text : (text.split('\n')[line - 1] ?? '');
  return part === '' ? 'nothing' : quoted(part);
}

/** Orders texts by their UTF-16 code units, whatever the locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
