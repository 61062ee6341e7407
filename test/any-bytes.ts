/** The property of every parser of kernel files: any bytes give a value, or an error with its location. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LocatedError } from '../src/model/located-error.ts';
import { anyText } from './model/any-text.ts';

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The error of a call that must fail. */
export function faultOf(call: () => unknown): LocatedError {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof LocatedError, `not a fault: ${error}`);
    return error;
  }
  throw new assert.AssertionError({ message: 'there was no fault' });
}

/** The value of a parser, and its errors about single keys. */
export function withFaults<Value>(parse: (onFault: (fault: LocatedError) => void) => Value): {
  readonly value: Value;
  readonly faults: readonly LocatedError[];
} {
  const faults: LocatedError[] = [];
  return { value: parse((fault) => faults.push(fault)), faults };
}

/** A valid file with one piece replaced: most errors are close to a valid file. */
const near = (valid: string): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(
      fc.nat(valid.length),
      fc.nat(4),
      fc.oneof(
        anyText({ maxLength: 6 }),
        fc.constantFrom('\r', '\t', ' ', '\n', '-', '.', '\0', 'max', '9'.repeat(20), '9'.repeat(400)),
      ),
    )
    .map(([at, gone, piece]) => bytesOf(valid.slice(0, at) + piece + valid.slice(at + gone)));

const anyBytes = (valid: string): fc.Arbitrary<Uint8Array> =>
  fc.oneof(fc.uint8Array({ maxLength: 300 }), near(valid), near(valid).chain(nearBytes));

/** The same with a second piece replaced by any bytes, even invalid UTF-8. */
const nearBytes = (text: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(fc.nat(text.length), fc.uint8Array({ maxLength: 4 }))
    .map(([at, piece]) => Uint8Array.of(...text.subarray(0, at), ...piece, ...text.subarray(at + 1)));

const linesIn = (text: Uint8Array): number => text.filter((byte) => byte === 10).length + 1;

/** @param numbersOf returns the numbers of a value: each must be finite and not negative */
export function valueOrFault<Value>(
  valid: string,
  parse: (file: string, text: Uint8Array, onFault: (fault: LocatedError) => void) => Value,
  numbersOf: (value: Value) => readonly unknown[],
): void {
  fc.assert(
    fc.property(anyBytes(valid), (text) => {
      const check = (error: unknown): void => {
        assert.ok(error instanceof LocatedError, `not a fault: ${error}`);
        const { where, line, expected, got } = error.detail;
        assert.match(where, /^\/some\/file/);
        assert.ok(line === undefined || (line >= 1 && line <= linesIn(text)), `line ${line}`);
        assert.notEqual(expected, '');
        assert.notEqual(got, '');
        assert.doesNotMatch(error.message, /\p{Cc}/u);
      };
      let value: Value;
      try {
        value = parse('/some/file', text, check);
      } catch (error) {
        return check(error);
      }
      for (const number of numbersOf(value))
        assert.ok(typeof number === 'number' && Number.isFinite(number) && number >= 0, String(number));
    }),
    { numRuns: 2000 },
  );
}
