/** Time: what it is, and when to do something again. */
import os from 'node:os';
import nodeCron from 'node-cron';

/** Milliseconds since 1970, as the machine's clock says: it can be wrong, and can be set. */
export const now = (): number => Date.now();

/** Milliseconds that only go forward: for how long something took, and when it is due. */
export const ticks = (): number => performance.now();

/** Milliseconds since the machine started, time in suspend included: what a clock must agree with that was not set. */
export const uptime = (): number => os.uptime() * 1000;

/** Says what the schedule does with a run it could not make. */
export interface ScheduleLog {
  warn(message: string): void;
}

/** What the log says when a run takes longer than its period. */
export const runLeftOut = 'a run was left out: the one before has not ended';

/** Stops the schedule; a run under way goes on to its end. */
export type Stop = () => void;

/**
 * Runs `task` each `periodMs`, never two at once: a run that takes longer than the period swallows those that fall due
 * meanwhile. Each is due one period after the last was due, by a clock that nobody sets.
 */
export function every(periodMs: number, task: () => Promise<void>, log: ScheduleLog): Stop {
  let due = ticks() + periodMs;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    timer = setTimeout(run, Math.max(0, due - ticks()));
  };
  const run = async (): Promise<void> => {
    // A timer may come a moment early.
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
 * The marks of the wall clock (:00, :15, :30 …) of a period that divides a minute, an hour or a day.
 * node-cron is asked for the next mark alone. Its own timers list every mark between two moments: one step of the clock
 * by a year is millions of them.
 * @returns gives the next mark after now, in milliseconds since 1970; undefined for any other period
 */
export function marksOf(periodMs: number): (() => number) | undefined {
  const expression = cronOf(periodMs);
  if (expression === undefined) return undefined;
  const schedule = nodeCron.createTask(expression, () => {});
  return () => {
    // It tells only while it is started.
    void schedule.start();
    const next = schedule.getNextRun();
    void schedule.stop();
    return next?.getTime() ?? Number.NaN;
  };
}

/** The expression for a period that divides a minute, an hour or a day; undefined for any other. */
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

/** Settles as `work` does, or rejects with the message when that takes longer. The work itself goes on. */
export async function within(ms: number, work: Promise<void>, message: string): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(message)), ms);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    // What becomes of it later is nobody's concern any more.
    work.catch(() => {});
  }
}

/** Settles after the time, or at once when the signal is given; never rejects. */
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
