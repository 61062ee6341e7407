/** Bytes of a file that somebody made, on whatever system → text. */
import { InputError } from '../model/located-error.ts';

type Encoding = 'utf8' | 'utf16le' | 'utf16be' | 'utf32';

/** By its byte order mark, longer ones first: that of UTF-32 begins as one of UTF-16. */
const marks: readonly (readonly [readonly number[], Encoding])[] = [
  [[0xff, 0xfe, 0, 0], 'utf32'],
  [[0, 0, 0xfe, 0xff], 'utf32'],
  [[0xff, 0xfe], 'utf16le'],
  [[0xfe, 0xff], 'utf16be'],
  [[0xef, 0xbb, 0xbf], 'utf8'],
];

/**
 * UTF-8 or, as PowerShell writes what is redirected to a file, UTF-16; with a byte order mark or without. What is neither
 * becomes U+FFFD, as every reader of UTF-8 has it.
 * @throws InputFault for UTF-32, which nobody writes
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
  // A byte that is left over is half of a character.
  const rest = pairs === text.length ? '' : '\ufffd';
  if (encoding === 'utf16le') return text.toString('utf16le', 0, pairs) + rest;
  return Buffer.from(text.subarray(0, pairs)).swap16().toString('utf16le') + rest;
}

/** Formats that are read here begin with two characters of ASCII: each of them is half zero in UTF-16. */
function unmarked(bytes: Buffer): Encoding {
  const [a, b, c, d] = bytes;
  if (bytes.length < 4) return 'utf8';
  if (a !== 0 && b === 0 && c !== 0 && d === 0) return 'utf16le';
  return a === 0 && b !== 0 && c === 0 && d !== 0 ? 'utf16be' : 'utf8';
}
