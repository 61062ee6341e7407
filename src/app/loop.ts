/** Tick after tick, until told to stop. */
import { every, now, type ScheduleLog, type Stop, ticks } from '../edges/clock.ts';
import type { Health } from './health.ts';
import { type Node, type Ticked, tick } from './tick.ts';

export interface LoopOptions {
  readonly periodMs: number;
  readonly reportPeriodMs: number;
  readonly log: ScheduleLog;
  readonly health: Health;
  readonly onTick: (ticked: Ticked) => void;
  /** A tick that could not be made; the next is tried all the same. */
  readonly onError: (error: unknown) => void;
}

/** The first tick, with a report, at once; the others by the clock. @returns stops, and settles with the tick under way */
export async function loop(node: Node, options: LoopOptions): Promise<() => Promise<void>> {
  const { periodMs, reportPeriodMs, health } = options;
  let underWay: Promise<void> = Promise.resolve();
  let lastReport = Number.NEGATIVE_INFINITY;
  const once = async (): Promise<void> => {
    const startedAt = ticks();
    // Clock marks come a little early or late: half a period decides.
    const due = startedAt - lastReport >= reportPeriodMs - periodMs / 2;
    if (due) lastReport = startedAt;
    try {
      const ticked = await tick(node, now(), due);
      health.ticked(ticked, startedAt, ticks());
      options.onTick(ticked);
    } catch (error) {
      options.onError(error);
    }
  };
  await once();
  const stop: Stop = every(periodMs, () => (underWay = once()), {
    warn(message) {
      health.overran();
      options.log.warn(message);
    },
  });
  return async () => {
    stop();
    await underWay;
  };
}
