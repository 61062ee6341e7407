/** When a destination is next written to: its period, the node's own place in it, and a growing wait after failures. */

const firstWaitMs = 1_000;
const longestWaitMs = 300_000;
/** Reports come in steps of their own: one a moment early is not put off for a whole step. */
const early = 0.95;

/** Milliseconds since then. A clock that was set back does not tell: as if it were long ago. */
export const elapsed = (since: number, at: number): number =>
  at >= since ? at - since : Number.POSITIVE_INFINITY;

export interface PaceOptions {
  readonly periodMs: () => number;
  /** Nodes that start together write their first within this, one after the other. */
  readonly spreadMs: () => number;
  /** This node's place among them, from 0 to 1. */
  readonly place: number;
  /** From 0 to 1, by chance. */
  readonly random: () => number;
}

export class Pace {
  private readonly options: PaceOptions;
  private startedAt: number | undefined;
  private lastAt: number | undefined;
  private failedAt = Number.NEGATIVE_INFINITY;
  private waitMs = 0;
  private failures = 0;

  constructor(options: PaceOptions) {
    this.options = options;
  }

  isDue(at: number): boolean {
    this.startedAt ??= at;
    if (elapsed(this.failedAt, at) < this.waitMs) return false;
    const { periodMs, spreadMs, place } = this.options;
    if (this.lastAt === undefined) return elapsed(this.startedAt, at) >= place * spreadMs();
    return elapsed(this.lastAt, at) >= early * periodMs();
  }

  /** Written at this moment. */
  done(at: number): void {
    this.lastAt = at;
    this.failures = 0;
  }

  /** @param retryAfterMs what the server asked for: never less */
  failed(at: number, retryAfterMs = 0): void {
    const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** this.failures++);
    this.failedAt = at;
    this.waitMs = Math.max(retryAfterMs, wait * (0.5 + this.options.random() / 2));
  }
}
