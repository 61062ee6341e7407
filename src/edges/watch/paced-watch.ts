/** Watches one file or directory with inotify. However often it changes, its owner checks it at a limited rate. */
import fs from 'node:fs';
import { ticks } from '../clock.ts';

/** A budget of checks or samples that all watches of a process share. */
export class EventPace {
  private readonly intervalMs: number;
  private readonly burstMs: number;
  /** When the next one is due without a burst, by the monotonic clock. */
  private due = Number.NEGATIVE_INFINITY;

  /** @param burst how many may follow each other at once after a quiet time */
  constructor(perSecond: number, burst: number) {
    this.intervalMs = 1000 / perSecond;
    this.burstMs = burst * this.intervalMs;
  }

  /** Takes one from the budget. @returns how long to wait for it, at least `atLeastMs` */
  wait(atLeastMs: number): number {
    const at = ticks();
    this.due = this.nextDue(at);
    return Math.max(atLeastMs, this.due - at);
  }

  /** Takes one from the budget, if that needs no wait. */
  takeNow(): boolean {
    const at = ticks();
    const due = this.nextDue(at);
    if (due > at) return false;
    this.due = due;
    return true;
  }

  private nextDue(at: number): number {
    return Math.max(this.due, at - this.burstMs) + this.intervalMs;
  }
}

export interface PacedWatchOptions {
  readonly file: string;
  readonly pace: EventPace;
  /** Milliseconds from the first check to the next one. */
  readonly firstWaitMs: number;
  /** Each wait is twice as long as the one before, up to this one, until the file is quiet. */
  readonly longestWaitMs: number;
  /** Checks the file. @returns whether it has changed since the last check */
  readonly check: () => boolean;
  /** Receives the error of a watch that cannot continue. */
  readonly onLost: (error: unknown) => void;
}

/**
 * Checks the file at once after the first change, and stops watching: further changes then cost nothing. Checks again
 * after a wait, and after a longer one, until the file has not changed. Then it watches again.
 */
export class PacedWatch {
  private readonly options: PacedWatchOptions;
  private watcher: fs.FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;
  private waitMs: number;
  private watchedSince = Number.NEGATIVE_INFINITY;
  private isClosed = false;

  /** @throws the system's error, such as ENOENT, or ENOSPC and EMFILE: the limits of inotify */
  constructor(options: PacedWatchOptions) {
    this.options = options;
    this.waitMs = options.firstWaitMs;
    this.watch();
  }

  close(): void {
    this.isClosed = true;
    this.unwatch();
    clearTimeout(this.timer);
  }

  private watch(): void {
    this.watcher = fs.watch(this.options.file, () => this.changed());
    this.watcher.on('error', (error) => this.lose(error));
    this.watchedSince = ticks();
  }

  private unwatch(): void {
    this.watcher?.close();
    this.watcher = undefined;
  }

  private lose(error: unknown): void {
    if (this.isClosed) return;
    this.close();
    this.options.onLost(error);
  }

  private changed(): void {
    // An event may be under way while the watch is closed.
    if (this.watcher === undefined) return;
    const { firstWaitMs, longestWaitMs, check } = this.options;
    if (ticks() - this.watchedSince > longestWaitMs) this.waitMs = firstWaitMs;
    this.unwatch();
    check();
    this.pause();
  }

  private pause(): void {
    if (this.isClosed) return;
    const { pace, longestWaitMs } = this.options;
    this.timer = setTimeout(() => this.resume(), pace.wait(this.waitMs));
    this.waitMs = Math.min(2 * this.waitMs, longestWaitMs);
  }

  private resume(): void {
    if (this.options.check()) this.pause();
    else if (!this.isClosed) this.watchAgain();
  }

  private watchAgain(): void {
    try {
      this.watch();
    } catch (error) {
      this.lose(error);
      return;
    }
    // It may have changed between the check and the watch.
    if (!this.options.check()) return;
    this.unwatch();
    this.pause();
  }
}
