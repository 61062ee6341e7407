/** Chance that is the same at each run. */
import { randomFrom } from '../../src/backtest/compare.ts';

export class Random {
  /** From 0 to 1. */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = randomFrom(seed);
  }

  /** Of a normal distribution around 0 with a deviation of 1 (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** How long until something that happens so often on average. */
  until(meanMs: number): number {
    return -meanMs * Math.log(1 - this.next());
  }
}
