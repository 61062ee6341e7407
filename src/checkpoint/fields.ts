/** What came as JSON from who knows where, asked for by what it must be. */

import { quoted } from '../model/text.ts';
import { canBeRemembered, latestTime } from '../model/time.ts';
import { amountOf, KiB, most } from './checkpoint.ts';

/** Pods, containers and workloads have 253 at most, cgroup paths more. */
const longestName = 4096;
/** By name, or by place in a list. @throws TypeError, or RangeError for a time that is none */
export class Fields {
  private readonly value: Readonly<Record<string | number, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null)
      throw new TypeError(`${typeof value === 'string' ? quoted(value) : String(value)} has no fields`);
    this.value = value as Readonly<Record<string | number, unknown>>;
  }

  get(name: string | number): unknown {
    return Object.hasOwn(this.value, name) ? this.value[name] : undefined;
  }

  text(name: string | number): string {
    const value = this.get(name);
    if (typeof value !== 'string' || value.length > longestName) throw this.wrong(name, 'text');
    return value;
  }

  number(name: string | number): number {
    const value = this.get(name);
    if (typeof value !== 'number' || !(value >= 0 && value <= most)) throw this.wrong(name, 'number');
    return value;
  }

  /** A number that is no larger than what it counts can be. */
  upTo(name: string | number, largest: number): number {
    const value = this.number(name);
    if (value > largest) throw new RangeError(`more than ${largest} at ${name}`);
    return value;
  }

  /** Seconds since 1970. */
  time(name: string | number): number {
    const value = this.upTo(name, latestTime);
    if (!canBeRemembered(value)) throw new RangeError(`no time at ${name}`);
    return value;
  }

  maybe(name: string | number, largest = most): number | undefined {
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
    return this.amount(name, amountOf(this.number(name)));
  }

  maybeCoded(name: string | number): number | undefined {
    return this.get(name) == null ? undefined : this.coded(name);
  }

  list(name: string | number, otherwise?: readonly unknown[]): readonly unknown[] {
    const value = this.get(name) ?? otherwise;
    if (!Array.isArray(value)) throw this.wrong(name, 'list');
    return value;
  }

  numbers(name: string | number): readonly number[] {
    const values = this.list(name);
    if (!values.every((value) => typeof value === 'number' && Number.isFinite(value)))
      throw this.wrong(name, 'numbers');
    return values as readonly number[];
  }

  private amount(name: string | number, bytes: number): number {
    if (bytes > most) throw new RangeError(`more than any memory at ${name}`);
    return bytes;
  }

  private wrong(name: string | number, what: string): TypeError {
    return new TypeError(`no ${what} at ${name}`);
  }
}
