/** Parses files that hold one number: `memory.current`, `memory.limit_in_bytes`, `memory.max`. */
import { type Bytes, bytes } from '../model/bytes.ts';
import { LocatedError } from '../model/located-error.ts';
import { excerpt } from '../model/text.ts';

const LF = 10;
const ZERO = 48;
const NINE = 57;

/** v1 writes "no limit" as the largest page count times the page size, old kernels as 2^63−1 or 2^64−1: all above this. */
export const unlimited = 2 ** 62;

/** A double rounds integers above 2^53 − 1. No real amount of memory is that large. */
export const isExact = (value: number): boolean => value <= Number.MAX_SAFE_INTEGER;
/** What an error message says was expected instead of such a number. */
export const exactly = 'a number up to 2^53 − 1';

/** A count, or an amount in bytes. @throws LocatedError at anything but digits, and above 2^53 − 1 */
export function parseNumber(file: string, text: Uint8Array): number {
  const value = digits(file, text);
  if (isExact(value)) return value;
  throw new LocatedError({ where: file, line: 1, expected: exactly, got: excerpt(text, 1) });
}

/**
 * A limit in bytes; 'none' for `max` (v2) and for the huge numbers by which v1 says "unlimited".
 * @throws LocatedError at anything else
 */
export function parseLimit(file: string, text: Uint8Array): Bytes | 'none' {
  if (
    text.length >= 3 &&
    text[0] === 0x6d &&
    text[1] === 0x61 &&
    text[2] === 0x78 &&
    trimmedLength(text) === 3
  )
    return 'none'; // "max"
  return digits(file, text) > unlimited ? 'none' : bytes(parseNumber(file, text));
}

function trimmedLength(text: Uint8Array): number {
  let end = text.length;
  while (end > 0 && text[end - 1] === LF) end--;
  return end;
}

function digits(file: string, text: Uint8Array): number {
  const end = trimmedLength(text);
  let value = 0;
  for (let i = 0; i < end; i++) {
    const char = text[i] as number;
    if (char < ZERO || char > NINE) throw malformedNumber(file, text);
    value = value * 10 + (char - ZERO);
  }
  if (end === 0) throw malformedNumber(file, text);
  return value;
}

const malformedNumber = (file: string, text: Uint8Array): LocatedError =>
  new LocatedError({ where: file, line: 1, expected: 'a number', got: excerpt(text, 1) });
