/** The product in one function: sample, remember, and when it is due: identify, account, judge, report, write. */
import { account } from '../account/account.ts';
import { realOf } from '../account/memory.ts';
import type { Host } from '../edges/host.ts';
import type { History } from '../history/history.ts';
import { identify } from '../identify/names.ts';
import { type Skipped, usualPageBytes } from '../model/cgroup.ts';
import type { Condition, NodeReport } from '../model/report.ts';
import type { Sink } from '../model/sink.ts';
import { epochSeconds } from '../model/time.ts';
import { judge } from '../recommend/verdict.ts';
import type { Advice } from './advice.ts';
import { type FoundLru, findLru } from './lru.ts';
import type { NameSource } from './names.ts';
import { type About, report } from './report.ts';
import { type Sampled, sample } from './sample.ts';
import type { Selection } from './selection.ts';
import { type Failure, write } from './write.ts';

/** What a tick works on. */
export interface Node {
  readonly host: Host;
  readonly names: NameSource;
  readonly history: History;
  readonly advice: Advice;
  readonly about: About;
  /** Beside those of the report itself. */
  readonly conditions: () => readonly Condition[];
  readonly sinks: readonly Sink[];
  readonly selection: Selection;
  /** A recording of several samples: each tick shows the next one, as whoever keeps looking saw them. */
  readonly stepwise?: true;
}

/**
 * Every tick samples and remembers, cheaply; where a report is `due` it is made and written as well.
 * @param isTrusted whether what is seen may be remembered as of that time
 */
export async function tick(node: Node, clock: number, due: boolean, isTrusted = true): Promise<Ticked> {
  const at = replay(node, clock);
  const remembered = isTrusted || node.host.recording !== undefined ? at : undefined;
  const sampled = look(node, remembered, due);
  const { faults } = sampled;
  if (!due) return { faults, failures: [] };
  const made = reportOn(node, sampled, at, remembered);
  const failures = await write(made, node.sinks);
  return { report: made, faults, failures };
}

/** The nodes of which a sample was looked at: the next look is at the next one. */
const begun = new WeakSet<Node['history']>();

/**
 * Moves a recording of several samples on: one look is at its last, and remembers all before it; whoever keeps looking
 * sees one after the other. @returns the time of what is shown then
 */
function replay(node: Node, clock: number): number {
  const { recording } = node.host;
  if (recording?.next === undefined) return clock;
  const shownAt = (): number => {
    const seconds = recording.at === undefined ? undefined : epochSeconds(recording.at);
    return seconds === undefined ? clock : seconds * 1000;
  };
  const isFirst = !begun.has(node.history);
  begun.add(node.history);
  if (node.stepwise === true || node.about.periodSeconds !== undefined) {
    if (!isFirst) recording.next();
    return shownAt();
  }
  if (!isFirst) return shownAt();
  for (;;) {
    const at = shownAt();
    const shown = { at: recording.at };
    const sampled = look(node, at, true);
    if (!recording.next()) return at;
    // The recording is at the next sample by now.
    reportOn({ ...node, host: { ...node.host, recording: shown } }, sampled, at);
  }
}

/** Samples and remembers. @param at undefined: nobody knows what time it is */
export function look(
  { host, history, names, selection }: Node,
  at: number | undefined,
  detailed: boolean,
): Sampled {
  const sampled = sample(host, detailed, selection);
  // Read in each look in detail: it can be switched while the kernel runs.
  const known = detailed ? undefined : history.lru;
  const { lru, fault }: FoundLru = known === undefined ? findLru(host) : { lru: known };
  const reading = { realOf, lru, pageBytes: host.machine?.pageBytes ?? usualPageBytes };
  history.sampled(sampled.sightings, reading, names.names.pods, at);
  if (!detailed || fault === undefined) return sampled;
  return { ...sampled, faults: [{ cgroup: '/', why: fault }, ...sampled.faults] };
}

/** Identifies, accounts, judges, reports. @param remembered as of when; undefined: not at all */
export function reportOn(
  node: Node,
  sampled: Sampled,
  at: number,
  remembered: number | undefined = at,
): NodeReport {
  const { history, names } = node;
  const identified = identify(sampled.sightings, names.names);
  history.identified(identified, remembered);
  const accounted = account(identified, history, node.host.machine);
  history.accounted(accounted, remembered);
  // One look is no ground for a verdict.
  const judged =
    node.about.periodSeconds === undefined
      ? accounted
      : judge(accounted, history, (id) => node.advice.on(id, at), at);
  return report(node, sampled, judged, at);
}

export interface Ticked {
  readonly report?: NodeReport;
  /** Files and directories that could not be read or understood. */
  readonly faults: readonly Skipped[];
  /** The sinks that did not take the report, and why. */
  readonly failures: readonly Failure[];
}
