/** Text that strangers can set (names of pods, labels, cgroups), made safe to show. */

// Controls (a terminal obeys them), line and paragraph separators, what reorders or hides text, lone surrogates.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Of two code units each is written, as in JSON. */
const escapeChar = (char: string): string =>
  char.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The same text with every character that could act instead of show written as `\uXXXX`. */
export const printable = (text: string): string => text.replace(unsafe, escapeChar);

/** `printable`, for text whose line breaks are its own (JSON, YAML already written out). */
export const printableLines = (text: string): string =>
  text.replace(unsafe, (char) => (char === '\n' ? char : escapeChar(char)));
