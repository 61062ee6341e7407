/** Clocks, schedules, timeouts. */
import os from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { parse } from 'node-cron';

/** Milliseconds since 1970 by the machine's clock. It can be wrong, and it can be set. */
export const now = (): number => Date.now();

/**
 * Milliseconds of a monotonic clock: for durations and due times. `performance.now()` is the same clock, but its first use
 * loads observers and histograms.
 */
export function ticks(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** Milliseconds since the machine booted, including suspend. A wall clock that was not set advances with it. */
export const uptime = (): number => os.uptime() * 1000;

/** Work that takes longer lets others run in between: a probe, a scrape or the watch of pods must not wait for all of it. */
const longestStretchMs = 8;

/** Divides long work into stretches. */
export class Stretches {
  private since = ticks();

  /** Whether this stretch is long enough. */
  get isLong(): boolean {
    return ticks() - this.since >= longestStretchMs;
  }

  /** Lets others run if this stretch is long enough. */
  async pause(): Promise<void> {
    if (!this.isLong) return;
    await setImmediate();
    this.since = ticks();
  }
}

/** Receives the schedule's warnings. */
export interface ScheduleLog {
  warn(message: string): void;
}

/** The warning when a run takes longer than its period. */
export const runLeftOut = 'skipped a run: the previous run took longer than the period';

/** Stops the schedule. A run in progress continues to its end. */
export type StopTimer = () => void;

/**
 * Runs `task` every `periodMs`, never two runs at once. Each run is due one period after the previous due time, by the
 * monotonic clock. Runs that fall due during a longer run are skipped.
 */
export function every(periodMs: number, task: () => Promise<void>, log: ScheduleLog): StopTimer {
  let due = ticks() + periodMs;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    timer = setTimeout(run, Math.max(0, due - ticks()));
  };
  const run = async (): Promise<void> => {
    // A timer may fire slightly early.
    if (ticks() < due - 1) return arm();
    await task();
    if (isStopped) return;
    due += periodMs;
    const late = ticks() - due;
    if (late >= 0) {
      due += Math.ceil((late + 1) / periodMs) * periodMs;
      log.warn(runLeftOut);
    }
    arm();
  };
  arm();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

/**
 * The wall-clock marks (:00, :15, :30 …) of a period that divides a minute, an hour or a day.
 * node-cron parses the expression. Its timers are not used: they list every mark that the clock passed over, and a clock set
 * forward by a year passes over millions. Nor is its search for the next mark: it formats dates, and that loads 5 MB.
 * @returns a function that gives the next mark after now in milliseconds since 1970; undefined for any other period
 */
export function marksOf(periodMs: number): (() => number) | undefined {
  const expression = cronOf(periodMs);
  if (expression === undefined) return undefined;
  const { hour, minute, second } = parse(expression);
  return () => {
    let at = Math.floor(now() / 1000) * 1000 + 1000;
    for (;;) {
      const local = new Date(at);
      if (!hour.includes(local.getHours()))
        at += (60 - local.getMinutes()) * 60_000 - local.getSeconds() * 1000;
      else if (!minute.includes(local.getMinutes())) at += (60 - local.getSeconds()) * 1000;
      else if (!second.includes(local.getSeconds())) at += 1000;
      else return at;
    }
  };
}

/** The cron expression of a period that divides a minute, an hour or a day. Undefined for any other period. */
export function cronOf(periodMs: number): string | undefined {
  const seconds = periodMs / 1000;
  if (Number.isInteger(seconds) && seconds < 60)
    return 60 % seconds === 0 ? `*/${seconds} * * * * *` : undefined;
  const minutes = seconds / 60;
  if (Number.isInteger(minutes) && minutes < 60)
    return 60 % minutes === 0 ? `0 */${minutes} * * * *` : undefined;
  const hours = minutes / 60;
  return Number.isInteger(hours) && hours <= 24 && 24 % hours === 0 ? `0 0 */${hours} * * *` : undefined;
}

/** Settles like `work`, or rejects with `message` after `ms`. The work itself continues. */
export async function within(ms: number, work: Promise<void>, message: string): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(message)), ms);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    // A late rejection must not end the process.
    work.catch(() => {});
  }
}

/** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** Calls `act` once after `ms`, unless it is restarted or stopped before. */
export function timer(
  ms: number,
  act: () => void,
): { readonly restart: () => void; readonly stop: () => void } {
  const timeout = setTimeout(act, ms);
  return { restart: () => void timeout.refresh(), stop: () => clearTimeout(timeout) };
}

/** Calls `task` every `periodMs`. It does not keep the process alive. @returns a function that stops it */
export function repeat(periodMs: number, task: () => void): () => void {
  const timer = setInterval(task, periodMs);
  timer.unref();
  return () => clearInterval(timer);
}
