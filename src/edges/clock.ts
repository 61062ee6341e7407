/** Time: what it is, and when to do something again. */
import nodeCron from 'node-cron';

/** Milliseconds since 1970. */
export const now = (): number => Date.now();

/** Milliseconds that only go forward: for how long something took, and when it is due. */
export const ticks = (): number => performance.now();

/** Says what the schedule does with a run it could not make. */
export interface ScheduleLog {
  warn(message: string): void;
}

/** Stops the schedule; a run under way goes on to its end. */
export type Stop = () => void;

/**
 * Runs `task` each `periodMs`, never two at once: a run that takes longer than the period swallows the next.
 * Periods that a cron expression can say fall on the clock's own marks (:00, :05, :10 …); all others, and those
 * below a second, keep their distance by a plain timer.
 */
export function every(periodMs: number, task: () => Promise<void>, log: ScheduleLog): Stop {
  const expression = cronOf(periodMs);
  if (expression === undefined) return everyByTimer(periodMs, task, log);
  const scheduled = nodeCron.schedule(expression, task, {
    noOverlap: true,
    suppressMissedWarning: true,
    logger: {
      info: () => {},
      debug: () => {},
      warn: (message) => log.warn(message),
      error: (message) => log.warn(String(message)),
    },
  });
  return () => void scheduled.destroy();
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

function everyByTimer(periodMs: number, task: () => Promise<void>, log: ScheduleLog): Stop {
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return log.warn('a run was left out: the one before has not ended');
    busy = true;
    try {
      await task();
    } finally {
      busy = false;
    }
  }, periodMs);
  return () => clearInterval(timer);
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
