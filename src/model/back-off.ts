/** How long to wait before the next try: twice as long after each failure, at least what the server asked for, with jitter. */

export interface BackOffOptions {
  /** Milliseconds. */
  readonly firstMs: number;
  /** Milliseconds; a function where it can change. */
  readonly longestMs: number | (() => number);
  /** From 0 to 1. Without jitter all agents that lost the same server would retry together. */
  readonly random: () => number;
}

/** A server asks all clients for the same wait. Up to this share is added at random, or all would retry together. */
const spreadShare = 0.25;

export class BackOff {
  private readonly options: BackOffOptions;
  private failures = 0;

  constructor(options: BackOffOptions) {
    this.options = options;
  }

  /**
   * After a failure.
   * @param atLeastMs minimum wait that the server asked for (Retry-After). 0 counts as none: all would retry in lockstep
   * @returns milliseconds, between half of the full wait and all of it, and never less than `atLeastMs`
   */
  next(atLeastMs = 0): number {
    const { firstMs, longestMs, random } = this.options;
    const longest = typeof longestMs === 'number' ? longestMs : longestMs();
    const wait = Math.min(longest, firstMs * 2 ** this.failures++);
    const chance = random();
    return Math.max(wait * (0.5 + chance / 2), atLeastMs * (1 + spreadShare * chance));
  }

  /** After a success. */
  reset(): void {
    this.failures = 0;
  }
}
