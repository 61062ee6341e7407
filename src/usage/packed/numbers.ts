/**
 * Numbers as a short text, without loss. An agent keeps thousands of numbers per container, most of them a whole number of
 * pages, absent, or an amount that a checkpoint rounded. These take one to four bytes instead of eight. A text takes a byte
 * per character and no further object; a typed array would take a hundred bytes more.
 */
import { textOfBytes } from '../../edges/decode-text.ts';

/** The unit of code 0. A checkpoint keeps amounts as codes: logarithms in steps of 0.5 %. */
export const KiB = 1024;
const step = 0.005;

/** The code of the amount, or of the next larger one that has a code. */
export const amountCodeOf = (amount: number): number =>
  Math.max(0, Math.ceil(Math.log(amount / KiB) / step - 1e-6));
/** Bytes. */
export const amountAt = (code: number): number => KiB * Math.exp(code * step);

const pageBytes = 4096;
/** Two bits of a number say what the others mean. */
const [pages, amounts, wholes, others] = [0, 1, 2, 3];
/** Codes of `others`. From `hundredthsCode` on, the rest is a number of hundredths, as the kernel prints percentages. */
const [absentCode, doubleCode, hundredthsCode] = [0, 1, 2];
/** With its two bits it stays within 31 bits. */
const largestCode = 2 ** 29 - 1;
const largestHundredths = largestCode - hundredthsCode;
/** Bytes of the longest number: one for its form, and a double. */
const longest = 9;

/** Nothing stays in here from one call to the next. */
let scratch = new Uint8Array(4096);
let view = new DataView(scratch.buffer);
let length = 0;
/** For reading. */
const double = new DataView(new ArrayBuffer(8));

function reserve(bytes: number): void {
  if (bytes <= scratch.length) return;
  scratch = new Uint8Array(2 * bytes);
  view = new DataView(scratch.buffer);
}

function writeCode(code: number, form: number): void {
  let rest = (code << 2) | form;
  for (; rest > 127; rest >>>= 7) scratch[length++] = (rest & 127) | 128;
  scratch[length++] = rest;
}

function write(value: number): void {
  const hundredths = Math.round(100 * value);
  if (Number.isNaN(value)) writeCode(absentCode, others);
  else if (!(value >= 0 && value < Number.POSITIVE_INFINITY) || Object.is(value, -0)) writeDouble(value);
  else if (value % pageBytes === 0 && value <= largestCode * pageBytes) writeCode(value / pageBytes, pages);
  else if (value <= largestCode && Number.isInteger(value)) writeCode(value, wholes);
  else if (hundredths <= largestHundredths && hundredths / 100 === value)
    writeCode(hundredthsCode + hundredths, others);
  else if (amountAt(amountCodeOf(value)) === value) writeCode(amountCodeOf(value), amounts);
  else writeDouble(value);
}

function writeDouble(value: number): void {
  writeCode(doubleCode, others);
  view.setFloat64(length, value);
  length += 8;
}

/** NaN: absent. */
export function packNumbers(numbers: readonly number[]): string {
  reserve(longest * numbers.length);
  length = 0;
  for (const value of numbers) write(value);
  return textOfBytes(scratch, length);
}

/** Copies a text, which may be made of parts of others and would keep them in memory. */
export function flat(text: string): string {
  reserve(text.length);
  for (let index = 0; index < text.length; index++) scratch[index] = text.charCodeAt(index);
  return textOfBytes(scratch, text.length);
}

/** Reads packed numbers one by one. */
export class PackedReader {
  private readonly text: string;
  at: number;

  constructor(text: string, at = 0) {
    this.text = text;
    this.at = at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  next(): number {
    let code = 0;
    let bits = 0;
    let byte: number;
    do {
      byte = this.text.charCodeAt(this.at++);
      code |= (byte & 127) << bits;
      bits += 7;
    } while (byte > 127);
    const form = code & 3;
    code >>>= 2;
    if (form === pages) return code * pageBytes;
    if (form === wholes) return code;
    if (form === amounts) return amountAt(code);
    if (code === absentCode) return Number.NaN;
    if (code >= hundredthsCode) return (code - hundredthsCode) / 100;
    for (let index = 0; index < 8; index++) double.setUint8(index, this.text.charCodeAt(this.at++));
    return double.getFloat64(0);
  }

  take(count: number): number[] {
    const numbers: number[] = [];
    for (let index = 0; index < count; index++) numbers.push(this.next());
    return numbers;
  }
}

export function unpackNumbers(text: string): number[] {
  const reader = new PackedReader(text);
  const numbers: number[] = [];
  while (!reader.isAtEnd) numbers.push(reader.next());
  return numbers;
}
