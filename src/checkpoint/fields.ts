/**
 * Typed access to untrusted JSON: each method returns a value of its type, or throws. `fieldsOf` and `listOf` of model/json.ts
 * do not fit: they turn a wrong shape into an empty one. A checkpoint reports what is wrong and drops that entry. Its rows are
 * lists, so `isFields` does not fit either.
 */

import { quoted } from '../model/text.ts';
import { canBeRemembered, latestTime } from '../model/time.ts';
import { amountAt, KiB } from '../usage/packed/numbers.ts';
import { largestNumber } from './checkpoint.ts';

/** Names of pods, containers and workloads have up to 253 characters, cgroup paths more. */
const longestName = 4096;

/** CheckpointFields by name, or by index of a list. @throws TypeError for a wrong type @throws RangeError for an impossible value */
export class CheckpointFields {
  private readonly value: Readonly<Record<string | number, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null)
      throw new TypeError(
        `expected an object or a list, got ${typeof value === 'string' ? quoted(value) : String(value)}`,
      );
    this.value = value as Readonly<Record<string | number, unknown>>;
  }

  get(name: string | number): unknown {
    return Object.hasOwn(this.value, name) ? this.value[name] : undefined;
  }

  text(name: string | number): string {
    const value = this.get(name);
    if (typeof value !== 'string' || value.length > longestName) throw this.wrong(name, 'a text');
    return value;
  }

  number(name: string | number): number {
    const value = this.get(name);
    if (typeof value !== 'number' || !(value >= 0 && value <= largestNumber))
      throw this.wrong(name, `a number from 0 to ${largestNumber}`);
    return value;
  }

  /** A number of at most `largest`. */
  upTo(name: string | number, largest: number): number {
    const value = this.number(name);
    if (value > largest) throw new RangeError(`expected at most ${largest} at ${name}, got ${value}`);
    return value;
  }

  /** Seconds since 1970. */
  time(name: string | number): number {
    const value = this.upTo(name, latestTime);
    if (!canBeRemembered(value)) throw new RangeError(`expected a time at ${name}, got ${value}`);
    return value;
  }

  maybe(name: string | number, largest = largestNumber): number | undefined {
    return this.get(name) == null ? undefined : this.upTo(name, largest);
  }

  maybeTime(name: string | number): number | undefined {
    return this.get(name) == null ? undefined : this.time(name);
  }

  /** KiB → bytes. */
  size(name: string | number): number {
    return this.amount(name, this.number(name) * KiB);
  }

  maybeSize(name: string | number): number | undefined {
    return this.get(name) == null ? undefined : this.size(name);
  }

  /** The code of an amount → bytes. */
  coded(name: string | number): number {
    return this.amount(name, amountAt(this.number(name)));
  }

  maybeCoded(name: string | number): number | undefined {
    return this.get(name) == null ? undefined : this.coded(name);
  }

  list(name: string | number, otherwise?: readonly unknown[]): readonly unknown[] {
    const value = this.get(name) ?? otherwise;
    if (!Array.isArray(value)) throw this.wrong(name, 'a list');
    return value;
  }

  numbers(name: string | number): readonly number[] {
    const values = this.list(name);
    if (!values.every((value) => typeof value === 'number' && Number.isFinite(value)))
      throw this.wrong(name, 'a list of numbers');
    return values as readonly number[];
  }

  private amount(name: string | number, bytes: number): number {
    if (bytes > largestNumber)
      throw new RangeError(`expected at most ${largestNumber} bytes at ${name}, got ${bytes}`);
    return bytes;
  }

  private wrong(name: string | number, expected: string): TypeError {
    const value = this.get(name);
    const got = value === undefined ? 'nothing' : Array.isArray(value) ? 'a list' : typeof value;
    return new TypeError(`expected ${expected} at ${name}, got ${typeof value === 'number' ? value : got}`);
  }
}
