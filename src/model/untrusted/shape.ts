/** Checks that a value from outside has the form of a type. */
import { printableUpTo } from '../text.ts';

export type Checker<Value> = (value: unknown) => value is Value;
/** A check for each field of a type. The compiler finds a field that is missing here. */
type Shape<Value> = { readonly [Key in keyof Value]-?: (value: unknown) => boolean };

/** @returns a copy in which no text can control a terminal or is longer than `longest`; undefined: another form */
export function received<Value>(value: unknown, check: Checker<Value>, longest: number): Value | undefined {
  const safe = printableTexts(value, longest);
  return check(safe) ? safe : undefined;
}

function printableTexts(value: unknown, longest: number): unknown {
  if (typeof value === 'string') return printableUpTo(longest, value);
  if (Array.isArray(value)) return value.map((one) => printableTexts(one, longest));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, printableTexts(entry, longest)]),
  );
}

export const text = (value: unknown): value is string => typeof value === 'string';
export const number = (value: unknown): value is number => typeof value === 'number';
export const flag = (value: unknown): value is boolean => typeof value === 'boolean';
export const isTrue = (value: unknown): value is true => value === true;
export const oneOf =
  (words: readonly string[]) =>
  (value: unknown): boolean =>
    words.some((word) => word === value);
export const arrayOf =
  (check: (value: unknown) => boolean, most = Number.POSITIVE_INFINITY) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.length <= most && value.every(check);
export const optional =
  (check: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || check(value);
export const object =
  <Value>(shape: Shape<Value>): Checker<Value> =>
  (value): value is Value =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries<(value: unknown) => boolean>(shape).every(([key, check]) =>
      check(Object.hasOwn(value, key) ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined),
    );
