/** The usage aggregates of this node, by container name. */

import { type ContainerKey, keyText } from '../model/container-key.ts';
import { daySeconds } from '../model/time.ts';
import { UsageAggregate } from './aggregate.ts';

export interface NamedAggregate {
  readonly key: ContainerKey;
  readonly aggregate: UsageAggregate;
}

/** Most names kept: a new Job each minute does not fill the memory. */
export const namesKept = 2_000;

export class UsageAggregates implements Iterable<NamedAggregate> {
  private readonly byKey = new Map<string, NamedAggregate>();
  /** Minutes since 1970. */
  private forgottenIn = Number.NaN;

  /** Creates the aggregate if there is none. */
  of(key: ContainerKey): UsageAggregate {
    return this.named(key).aggregate;
  }

  /** The same with the key that it keeps, so that others need not keep an equal one. */
  named(key: ContainerKey): NamedAggregate {
    const text = keyText(key);
    let known = this.byKey.get(text);
    if (known === undefined) {
      known = { key, aggregate: new UsageAggregate() };
      this.byKey.set(text, known);
    }
    return known;
  }

  find(key: ContainerKey): UsageAggregate | undefined {
    return this.byKey.get(keyText(key))?.aggregate;
  }

  merge(others: Iterable<NamedAggregate>): void {
    for (const { key, aggregate } of others) this.of(key).merge(aggregate);
  }

  /** Drops old data and names without data, once a minute, and the least recently observed names above `namesKept`. */
  forget(at: number): void {
    const minute = Math.floor(at / 60);
    if (minute !== this.forgottenIn || this.byKey.size > namesKept) this.forgetOld(at);
    this.forgottenIn = minute;
  }

  private forgetOld(at: number): void {
    for (const [text, { aggregate }] of this.byKey) {
      aggregate.forget(at);
      if (aggregate.days.isEmpty && aggregate.lastAt < at - daySeconds) this.byKey.delete(text);
    }
    if (this.byKey.size <= namesKept) return;
    const oldest = [...this.byKey].sort(([, a], [, b]) => a.aggregate.lastAt - b.aggregate.lastAt);
    for (const [text] of oldest.slice(0, this.byKey.size - namesKept)) this.byKey.delete(text);
  }

  get size(): number {
    return this.byKey.size;
  }

  [Symbol.iterator](): Iterator<NamedAggregate> {
    return this.byKey.values();
  }
}
