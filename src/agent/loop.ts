/** Tick after tick, until told to stop. */
import { every, marksOf, now, type ScheduleLog, type Stop, ticks } from '../edges/clock.ts';
import type { Health } from './health.ts';
import { ticksOver } from './replay.ts';
import type { Node, Ticked } from './tick.ts';
import type { WallClock } from './wall-clock.ts';

export interface LoopOptions {
  readonly periodMs: number;
  readonly reportPeriodMs: number;
  /** The machine's, believed, unless given. */
  readonly clock?: Pick<WallClock, 'read'>;
  readonly log: ScheduleLog;
  readonly health: Health;
  readonly onTick: (ticked: Ticked) => void;
  /** A tick that could not be made; the next is tried all the same. */
  readonly onError: (error: unknown) => void;
}

/** The first tick, with a report, at once; the others each period. @returns stops, and settles with the tick under way */
export async function loop(node: Node, options: LoopOptions): Promise<() => Promise<void>> {
  const { periodMs, reportPeriodMs, health } = options;
  const { clock = { read: () => ({ at: now(), isTrusted: true }) } } = options;
  const tick = ticksOver(node);
  let underWay: Promise<void> = Promise.resolve();
  const isReportDue = reportSchedule(periodMs, reportPeriodMs);
  const once = async (): Promise<void> => {
    const startedAt = ticks();
    try {
      const { at, isTrusted } = clock.read();
      const ticked = await tick(at, isReportDue(now(), startedAt), isTrusted);
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

/**
 * Reports are made by the first pass after a mark of the wall clock: those of all nodes show about the same moment. A
 * clock that is set neither stops them nor brings more than one: what decides then is the time since the last report.
 * @returns told, at each pass, what the machine's clock shows and the ticks of now
 */
export function reportSchedule(
  periodMs: number,
  reportPeriodMs: number,
): (shown: number, startedAt: number) => boolean {
  const nextMark = reportPeriodMs > periodMs ? marksOf(reportPeriodMs) : undefined;
  let mark = Number.NEGATIVE_INFINITY;
  let lastReport = Number.NEGATIVE_INFINITY;
  return (shown, startedAt) => {
    // Passes come a little early or late: half a period decides.
    const waited = startedAt - lastReport - reportPeriodMs + periodMs / 2;
    const isDue = nextMark === undefined ? waited >= 0 : shown >= mark || waited >= periodMs;
    if (!isDue) return false;
    lastReport = startedAt;
    if (nextMark !== undefined) mark = nextMark();
    return true;
  };
}
