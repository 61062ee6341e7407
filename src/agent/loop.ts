/** Runs the passes of the agent on a schedule, and decides which of them report. */
import { every, marksOf, now, type ScheduleLog, type StopTimer, ticks } from '../edges/clock.ts';
import { identify } from '../identify/names.ts';
import type { Identified, Observation } from '../model/observation.ts';
import type { Killed } from '../sample/events/killed-and-gone.ts';
import type { Health } from './health.ts';
import { ticksOver } from './replay.ts';
import type { Node, Ticked } from './tick.ts';
import type { WallClock } from './wall-clock.ts';

export interface LoopOptions {
  readonly periodMs: number;
  readonly reportPeriodMs: number;
  /** The clock of the machine, trusted, unless given. */
  readonly clock?: Pick<WallClock, 'read'>;
  readonly log: ScheduleLog;
  readonly health: Health;
  readonly onTick: (ticked: Ticked) => void;
  /** Receives the error of a failed pass. The loop goes on with the next pass. */
  readonly onError: (error: unknown) => void;
  /** Receives OOM kills at the kernel's memory event. */
  readonly onKill?: (kill: LoggedKill) => void;
}

/** OOM kills in one cgroup, with the name of the container as far as it is known. */
export interface LoggedKill extends Killed {
  readonly identified: Identified;
}

/**
 * Runs the first pass at once, with a report, and then one per period.
 * @returns a function that stops the loop, and settles once the current pass has ended
 */
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
  const onEvents = (observations: readonly Observation[], killed: readonly Killed[]): void => {
    const { at, isTrusted } = clock.read();
    node.history.sampledBetween(observations, isTrusted ? at : undefined);
    const identified = identify(observations, node.names.names, node.host.containerName, false);
    for (const kill of killed) {
      const one = identified.find(({ sample }) => sample === kill.observation.sample) ?? kill.observation;
      options.onKill?.({ ...kill, identified: one });
    }
  };
  node.events?.start({
    onEvents(observations, killed) {
      try {
        onEvents(observations, killed);
      } catch (error) {
        options.onError(error);
      }
    },
    onFailure: (message) => options.log.warn(message),
  });
  await once();
  const stop: StopTimer = every(periodMs, () => (underWay = once()), {
    warn(message) {
      health.overran();
      options.log.warn(message);
    },
  });
  return async () => {
    stop();
    node.events?.close();
    await underWay;
  };
}

/**
 * The first pass after each mark of the wall clock reports, so the reports of all nodes show about the same moment. If
 * someone sets the clock, reports neither stop nor pile up: a report is also due soon after a whole report period without
 * one.
 * @returns a function that says whether a pass reports. `shown`: the wall clock in milliseconds since 1970. `startedAt`:
 * start of the pass, in milliseconds of the monotonic clock
 */
export function reportSchedule(
  periodMs: number,
  reportPeriodMs: number,
): (shown: number, startedAt: number) => boolean {
  const nextMark = reportPeriodMs > periodMs ? marksOf(reportPeriodMs) : undefined;
  let mark = Number.NEGATIVE_INFINITY;
  let lastReport = Number.NEGATIVE_INFINITY;
  return (shown, startedAt) => {
    // Passes start slightly early or late, so allow half a period.
    const waited = startedAt - lastReport - reportPeriodMs + periodMs / 2;
    const isDue = nextMark === undefined ? waited >= 0 : shown >= mark || waited >= periodMs;
    if (!isDue) return false;
    lastReport = startedAt;
    if (nextMark !== undefined) mark = nextMark();
    return true;
  };
}
