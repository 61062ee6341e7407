/** When a destination is next written to: its period, the node's own place in it, and a growing wait after failures. */
import { BackOff } from '../model/back-off.ts';
import { hashOf } from '../model/text.ts';

const firstWaitMs = 1_000;
const longestWaitMs = 300_000;
/**
 * Reports come in steps of their own: one a moment early is not put off for a whole step. No more than a moment, or
 * all nodes together would write more than they may.
 */
const earlyShare = 0.05;
const earlyMs = 1_000;

export interface WriteScheduleOptions {
  /** @param written how long in bytes the last one was; 0: there was none, or it does not count */
  readonly periodMs: (written: number) => number;
  /**
   * Nodes that start together write their first within this, one after the other; and those that fail together begin
   * again within this.
   */
  readonly spreadMs: () => number;
  /** This node's place among them, from 0 to 1. */
  readonly offset: number;
  /** From 0 to 1, by chance. */
  readonly random: () => number;
}

/** Moments are milliseconds by a clock that only goes forward. */
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

  isDue(at: number): boolean {
    this.startedAt ??= at;
    if (at - this.failedAt < this.waitMs) return false;
    const { periodMs, spreadMs, offset } = this.options;
    if (this.lastAt === undefined) return at - this.startedAt >= offset * spreadMs();
    const period = periodMs(this.written);
    return at - this.lastAt >= period - Math.min(earlyMs, earlyShare * period);
  }

  /** Written at this moment, so many bytes. */
  done(at: number, written = 0): void {
    this.lastAt = at;
    this.written = written;
    this.backOff.reset();
  }

  /** @param retryAfterMs what the server asked for: never less */
  failed(at: number, retryAfterMs = 0): void {
    this.failedAt = at;
    const { random, spreadMs } = this.options;
    this.waitMs = Math.max(retryAfterMs, this.backOff.next()) + random() * spreadMs();
  }
}

/** A node's place among all, from 0 to 1: the same name, the same place. */
export const nodeOffset = (node: string): number => hashOf(node) / 2 ** 32;
