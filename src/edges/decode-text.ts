/** Bytes into text: of a file from any system, or one character per byte. */
import { InputError } from '../model/located-error.ts';

type Encoding = 'utf8' | 'utf16le' | 'utf16be' | 'utf32';

/** Byte order marks. Longer ones come first: the mark of UTF-32 LE begins with that of UTF-16 LE. */
const marks: readonly (readonly [readonly number[], Encoding])[] = [
  [[0xff, 0xfe, 0, 0], 'utf32'],
  [[0, 0, 0xfe, 0xff], 'utf32'],
  [[0xff, 0xfe], 'utf16le'],
  [[0xfe, 0xff], 'utf16be'],
  [[0xef, 0xbb, 0xbf], 'utf8'],
];

/**
 * Decodes UTF-8 or UTF-16, with or without a byte order mark. PowerShell writes redirected output as UTF-16. Invalid bytes
 * become U+FFFD.
 * @param file the file's name, for the error
 * @throws InputError for UTF-32
 */
export function decodeText(file: string, bytes: Buffer): string {
  const [mark, encoding] = marks.find(([mark]) => mark.every((byte, at) => bytes[at] === byte)) ?? [
    [],
    unmarked(bytes),
  ];
  if (encoding === 'utf32')
    throw new InputError({ where: file, expected: 'text in UTF-8 or UTF-16', got: 'text in UTF-32' });
  const text = bytes.subarray(mark.length);
  if (encoding === 'utf8') return text.toString('utf8');
  const pairs = text.length - (text.length % 2);
  // An odd last byte is half of a code unit.
  const rest = pairs === text.length ? '' : '\ufffd';
  if (encoding === 'utf16le') return text.toString('utf16le', 0, pairs) + rest;
  return Buffer.from(text.subarray(0, pairs)).swap16().toString('utf16le') + rest;
}

/** Without a mark: every format read here begins with two ASCII characters, and in UTF-16 each has one zero byte. */
function unmarked(bytes: Buffer): Encoding {
  const [a, b, c, d] = bytes;
  if (bytes.length < 4) return 'utf8';
  if (a !== 0 && b === 0 && c !== 0 && d === 0) return 'utf16le';
  return a === 0 && b !== 0 && c === 0 && d !== 0 ? 'utf16be' : 'utf8';
}

/** A text with one character per byte, in one piece: it keeps no other text in memory. */
export const textOfBytes = (bytes: Uint8Array, length: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
