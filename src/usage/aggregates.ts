/** What each container of each workload on this node needs, by name. */

import { type ContainerKey, keyText } from '../model/container-key.ts';
import { Demand, daySeconds } from './aggregate.ts';

export interface NamedDemand {
  readonly key: ContainerKey;
  readonly demand: Demand;
}

/** So many names at most: whoever makes a new Job each minute fills no node. */
export const namesKept = 2_000;

export class Demands implements Iterable<NamedDemand> {
  private readonly byKey = new Map<string, NamedDemand>();

  /** Made where there is none. */
  of(key: ContainerKey): Demand {
    const text = keyText(key);
    const known = this.byKey.get(text) ?? { key, demand: new Demand() };
    this.byKey.set(text, known);
    return known.demand;
  }

  find(key: ContainerKey): Demand | undefined {
    return this.byKey.get(keyText(key))?.demand;
  }

  /** Takes in what was kept. */
  merge(others: Iterable<NamedDemand>): void {
    for (const { key, demand } of others) this.of(key).merge(demand);
  }

  /** What is too old to count, and the names of which nothing is left. */
  forget(at: number): void {
    for (const [text, { demand }] of this.byKey) {
      demand.forget(at);
      if (demand.days.size === 0 && demand.lastAt < at - daySeconds) this.byKey.delete(text);
    }
    if (this.byKey.size <= namesKept) return;
    const oldest = [...this.byKey].sort(([, a], [, b]) => a.demand.lastAt - b.demand.lastAt);
    for (const [text] of oldest.slice(0, this.byKey.size - namesKept)) this.byKey.delete(text);
  }

  get size(): number {
    return this.byKey.size;
  }

  [Symbol.iterator](): Iterator<NamedDemand> {
    return this.byKey.values();
  }
}
