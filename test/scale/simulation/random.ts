/** Random numbers that are the same in each run. */
import { randomFrom } from '../../../src/backtest/compare.ts';

export class Random {
  /** A number from 0 to 1. */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = randomFrom(seed);
  }

  /** Normally distributed, with mean 0 and deviation 1 (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** The time to the next event of a Poisson process. */
  until(meanMs: number): number {
    return -meanMs * Math.log(1 - this.next());
  }
}
