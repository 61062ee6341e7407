/** Decides when to write next: once per period, at the node's offset, and with exponential back-off after failures. */
import { BackOff } from '../model/back-off.ts';
import { hashOf } from '../model/text.ts';

const firstWaitMs = 1_000;
const longestWaitMs = 300_000;
/**
 * Tolerance for a report that comes slightly early: it need not wait for the next one. The tolerance is small, because otherwise all
 * nodes together would exceed the cluster's budget.
 */
const earlyShare = 0.05;
const earlyMs = 1_000;

export interface WriteScheduleOptions {
  /** @param written size of the last write in bytes. 0: no write yet, or the size does not matter */
  readonly periodMs: (written: number) => number;
  /**
   * Nodes that start together spread their first writes over this time. Nodes that fail together spread their retries over it.
   */
  readonly spreadMs: () => number;
  /** The node's offset in that time, from 0 to 1. */
  readonly offset: number;
  /** A random number from 0 to 1. */
  readonly random: () => number;
}

/** Times are milliseconds of a monotonic clock. */
export class WriteSchedule {
  private readonly options: WriteScheduleOptions;
  private startedAt: number | undefined;
  private lastAt: number | undefined;
  private written = 0;
  private failedAt = Number.NEGATIVE_INFINITY;
  private waitMs = 0;
  private readonly backOff: BackOff;

  constructor(options: WriteScheduleOptions) {
    this.options = options;
    this.backOff = new BackOff({ firstMs: firstWaitMs, longestMs: longestWaitMs, random: options.random });
  }

  /** Whether it waits after a failure. */
  isBackingOff(at: number): boolean {
    return at - this.failedAt < this.waitMs;
  }

  isDue(at: number): boolean {
    this.startedAt ??= at;
    if (this.isBackingOff(at)) return false;
    const { periodMs, spreadMs, offset } = this.options;
    if (this.lastAt === undefined) return at - this.startedAt >= offset * spreadMs();
    const period = periodMs(this.written);
    return at - this.lastAt >= period - Math.min(earlyMs, earlyShare * period);
  }

  /** Records a successful write. @param written its size in bytes */
  done(at: number, written = 0): void {
    this.lastAt = at;
    this.written = written;
    this.backOff.reset();
  }

  /** Records a failed write. @param retryAfterMs minimum wait that the server asked for */
  failed(at: number, retryAfterMs?: number): void {
    this.failedAt = at;
    const { random, spreadMs } = this.options;
    this.waitMs = this.backOff.next(retryAfterMs) + random() * spreadMs();
  }
}

/** The node's offset from 0 to 1, from a hash of its name. */
export const nodeOffset = (node: string): number => hashOf(node) / 2 ** 32;
