/** Parses files of `key number` lines: `memory.stat`, `memory.events`, `memory.oom_control`. */
import { LocatedError, type OnFault } from '../model/located-error.ts';
import { excerpt } from '../model/text.ts';

const LF = 10;
const SPACE = 32;
const ZERO = 48;
const NINE = 57;

/** A hash table of the wanted keys. The slot of a key is its index in `keys`, and in the array of values. */
export class KeyTable {
  readonly keys: readonly string[];
  private readonly names: readonly Uint8Array[];
  private readonly slots: Int16Array;
  private readonly mask: number;

  constructor(keys: readonly string[]) {
    this.keys = keys;
    this.names = keys.map((key) => new TextEncoder().encode(key));
    // Most keys of a file are unknown. A sparse table rejects nearly all of them at the first probe.
    this.mask = 2 ** Math.ceil(Math.log2(keys.length * 16 + 16)) - 1;
    this.slots = new Int16Array(this.mask + 1).fill(-1);
    for (const [slot, name] of this.names.entries()) {
      let at = hashOfBytes(name, 0, name.length) & this.mask;
      while (this.slots[at] !== -1) at = (at + 1) & this.mask;
      this.slots[at] = slot;
    }
  }

  /** The slot of `text[start..end)`, or −1. */
  find(text: Uint8Array, start: number, end: number): number {
    for (let at = hashOfBytes(text, start, end) & this.mask; ; at = (at + 1) & this.mask) {
      const slot = this.slots[at] as number;
      if (slot === -1) return -1;
      const name = this.names[slot] as Uint8Array;
      if (name.length !== end - start) continue;
      let i = 0;
      while (i < name.length && name[i] === text[start + i]) i++;
      if (i === name.length) return slot;
    }
  }
}

/** Hashes the length and three characters. That separates the kernel's keys, and costs less than hashing all of them. */
function hashOfBytes(text: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 0) return 0;
  const middle = text[start + (length >> 1)] as number;
  return (length * 61 + (text[end - 1] as number) * 13 + middle * 7 + (text[start] as number)) | 0;
}

/**
 * Parses the file in one pass over its bytes, without creating strings: this is the hot loop of every sample. It ignores
 * unknown keys. A malformed line costs only its own key: kernels have written negative and overflowed figures.
 * @param values receives the number of each key at the key's slot, as a double (rounded above 2^53); NaN if absent
 * @param onFault receives the error of a malformed line of a known key
 * @throws LocatedError if no wanted key was found and some line is not `key number`
 */
export function parseKeyed(
  file: string,
  text: Uint8Array,
  table: KeyTable,
  values: Float64Array,
  onFault: OnFault,
): void {
  values.fill(Number.NaN);
  const length = text.length;
  let firstBad = -1;
  let isUsable = false;
  let at = 0;
  while (at < length) {
    const start = at;
    let char = text[at] as number;
    // Accept blank lines: an editor may have added one to a recording.
    if (char === LF) {
      at++;
      continue;
    }
    while (at < length && char !== SPACE && char !== LF) char = text[++at] as number;
    const slot = table.find(text, start, at);
    const digits = char === SPACE && at > start ? at + 1 : at;
    let value = 0;
    at = digits;
    char = text[at] as number;
    while (char >= ZERO && char <= NINE) {
      value = value * 10 + (char - ZERO);
      char = text[++at] as number;
    }
    if (at > digits && (at >= length || char === LF)) {
      if (slot !== -1) {
        values[slot] = value;
        isUsable = true;
      }
    } else {
      if (firstBad === -1) firstBad = start;
      if (slot !== -1) {
        values[slot] = Number.NaN;
        isUsable = true;
        onFault(malformedLine(file, text, start));
      }
      while (at < length && char !== LF) char = text[++at] as number;
    }
    at++;
  }
  if (!isUsable && firstBad !== -1) throw malformedLine(file, text, firstBad);
}

/** An error about the value of a key, located at the last line of that key: a later line overrides an earlier one. */
export function faultAt(file: string, text: Uint8Array, key: string, expected: string): LocatedError {
  const lines = new TextDecoder().decode(text).split('\n');
  const line = lines.findLastIndex((one) => one.startsWith(`${key} `)) + 1;
  return new LocatedError({ where: file, line, expected, got: excerpt(text, line) });
}

function malformedLine(file: string, text: Uint8Array, start: number): LocatedError {
  const line = lineAt(text, start);
  return new LocatedError({ where: file, line, expected: '"key number"', got: excerpt(text, line) });
}

/** The number, from 1, of the line that begins at `start`. */
function lineAt(text: Uint8Array, start: number): number {
  let line = 1;
  for (let i = 0; i < start; i++) if (text[i] === LF) line++;
  return line;
}
