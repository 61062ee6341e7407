/** Runs ticks over a host: each one over a live host's current state, or over the next sample of a recording. */
import type { Cursor } from '../edges/host.ts';
import { epochSeconds } from '../model/time.ts';
import { type Node, type Ticked, tick } from './tick.ts';

/** @param clock milliseconds since 1970. A recording uses its own time instead, if it has one */
export type Tick = (clock: number, due: boolean, isTrusted?: boolean) => Promise<Ticked>;

/** The first tick gets the first sample of a recording, and each further tick the next, as the agent saw them. */
export function ticksOver(node: Node): Tick {
  const { recording } = node.host;
  const timeOf = timeIn(recording);
  let isFirst = true;
  return (clock, due, isTrusted) => {
    if (!isFirst) recording?.next();
    isFirst = false;
    // Whatever time a recording shows, it is the time of that sample.
    return tick(node, timeOf(clock), due, recording !== undefined || isTrusted);
  };
}

/** One tick: over a live host, or over the last sample of a recording after ticks over all earlier ones without sinks. */
export async function tickOnce(node: Node, clock: number): Promise<Ticked> {
  const { recording } = node.host;
  const timeOf = timeIn(recording);
  for (; recording?.isLast === false; recording.next())
    await tick({ ...node, sinks: [] }, timeOf(clock), true);
  return tick(node, timeOf(clock), true);
}

/** Samples of a series keep their recorded times, and so their distances. A single sample counts as taken now. */
function timeIn(recording: Cursor | undefined): (clock: number) => number {
  if (recording === undefined || recording.isLast) return (clock) => clock;
  return (clock) => {
    const seconds = recording.at === undefined ? undefined : epochSeconds(recording.at);
    return seconds === undefined ? clock : seconds * 1000;
  };
}
