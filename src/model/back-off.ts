/** How long to wait before the next try: twice as long after each failure, with jitter. */

export interface BackOffOptions {
  /** Milliseconds. */
  readonly firstMs: number;
  /** Milliseconds; a function where it can change. */
  readonly longestMs: number | (() => number);
  /** From 0 to 1. Without jitter all agents that lost the same server would come back together. */
  readonly random: () => number;
}

export class BackOff {
  private readonly options: BackOffOptions;
  private failures = 0;

  constructor(options: BackOffOptions) {
    this.options = options;
  }

  /** After a failure. @returns milliseconds, between half of the full wait and all of it */
  next(): number {
    const { firstMs, longestMs, random } = this.options;
    const longest = typeof longestMs === 'number' ? longestMs : longestMs();
    const wait = Math.min(longest, firstMs * 2 ** this.failures++);
    return wait * (0.5 + random() / 2);
  }

  /** After a success. */
  reset(): void {
    this.failures = 0;
  }
}
