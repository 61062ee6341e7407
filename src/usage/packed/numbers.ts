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

/** Writes numbers into a buffer. */
class Packer {
  private readonly bytes: Uint8Array;
  private length = 0;

  /** @param count numbers */
  constructor(count: number) {
    this.bytes = new Uint8Array(longest * count);
  }

  get text(): string {
    return textOfBytes(this.bytes, this.length);
  }

  write(value: number): void {
    const hundredths = Math.round(100 * value);
    if (Number.isNaN(value)) this.writeCode(absentCode, others);
    else if (!(value >= 0 && value < Number.POSITIVE_INFINITY) || Object.is(value, -0))
      this.writeDouble(value);
    else if (value % pageBytes === 0 && value <= largestCode * pageBytes)
      this.writeCode(value / pageBytes, pages);
    else if (value <= largestCode && Number.isInteger(value)) this.writeCode(value, wholes);
    else if (hundredths <= largestHundredths && hundredths / 100 === value)
      this.writeCode(hundredthsCode + hundredths, others);
    else if (amountAt(amountCodeOf(value)) === value) this.writeCode(amountCodeOf(value), amounts);
    else this.writeDouble(value);
  }

  private writeCode(code: number, form: number): void {
    let rest = (code << 2) | form;
    for (; rest > 127; rest >>>= 7) this.bytes[this.length++] = (rest & 127) | 128;
    this.bytes[this.length++] = rest;
  }

  private writeDouble(value: number): void {
    this.writeCode(doubleCode, others);
    new DataView(this.bytes.buffer).setFloat64(this.length, value);
    this.length += 8;
  }
}

/** NaN: absent. */
export function packNumbers(numbers: readonly number[]): string {
  const packer = new Packer(numbers.length);
  for (const value of numbers) packer.write(value);
  return packer.text;
}

/** Copies a text, which may be made of parts of others and would keep them in memory. */
export function flat(text: string): string {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return textOfBytes(bytes, text.length);
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
    const double = new DataView(new ArrayBuffer(8));
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
