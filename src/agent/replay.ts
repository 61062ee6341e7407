/** Ticks over whatever a host shows: a live one as it is now, a recording sample after sample. */
import type { Cursor } from '../edges/host.ts';
import { epochSeconds } from '../model/time.ts';
import { type Node, type Ticked, tick } from './tick.ts';

/** @param clock milliseconds since 1970, for a live host and for a recording that does not say when it was made */
export type Tick = (clock: number, due: boolean, isTrusted?: boolean) => Promise<Ticked>;

/** The first tick shows the first sample of a recording, each further one the next: as the agent saw them. */
export function ticksOver(node: Node): Tick {
  const { recording } = node.host;
  const timeOf = timeIn(recording);
  let isFirst = true;
  return (clock, due, isTrusted) => {
    if (!isFirst) recording?.next();
    isFirst = false;
    return tick(node, timeOf(clock), due, isTrusted);
  };
}

/** One look: at the last sample of a recording, after observing all before it. */
export async function tickOnce(node: Node, clock: number): Promise<Ticked> {
  const { recording } = node.host;
  const timeOf = timeIn(recording);
  for (; recording?.isLast === false; recording.next())
    await tick({ ...node, sinks: [] }, timeOf(clock), true);
  return tick(node, timeOf(clock), true);
}

/** Samples of a series are as far apart as they were. A single one is shown as if it was taken now. */
function timeIn(recording: Cursor | undefined): (clock: number) => number {
  if (recording === undefined || recording.isLast) return (clock) => clock;
  return (clock) => {
    const seconds = recording.at === undefined ? undefined : epochSeconds(recording.at);
    return seconds === undefined ? clock : seconds * 1000;
  };
}
