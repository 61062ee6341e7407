/** Passes over a host, every byte of them kept. */
import { now, sleep, ticks } from '../edges/clock.ts';
import { noteFile, type RecordingNote } from '../edges/note.ts';
import type { ProcessTable } from '../edges/processes.ts';
import type { Recording } from '../edges/recording.ts';
import { parseManifest } from '../identify/manifest.ts';
import { reducePods } from '../identify/reduce.ts';
import type { PodLogs } from '../model/pod.ts';
import type { NodeReport } from '../model/report.ts';
import { type Disguise, undisguised } from './disguise.ts';
import type { PodsText } from './names.ts';
import { recordLogs, recordProcesses } from './record-beside.ts';
import { podsFile } from './source.ts';
import { look, type Node, reportOn, tick } from './tick.ts';

/** What goes into a recording beside the host's cgroups. */
export interface Beside {
  /** Undefined: those of the recording that is read, if it is one. */
  readonly pods?: PodsText | undefined;
  /** The kubelet's log directories: names where there are no others. */
  readonly logs?: PodLogs | undefined;
  readonly processes?: ProcessTable | undefined;
  readonly disguise?: Disguise | undefined;
}

export interface Series {
  readonly samples: number;
  readonly everyMs: number;
  /** Ends it early; what was recorded until then stays. */
  readonly signal: AbortSignal;
}

/** One sample. The report is made from the very bytes that are written: a replay gives the same one. */
export function record(
  node: Node,
  recording: Recording,
  pods: PodsText | undefined,
  at: number,
  beside: Beside = {},
): NodeReport {
  const made = sampleInto(node, recording, at);
  finish(node, recording, made.observed.at, made, { ...beside, pods });
  return made;
}

/** Several samples, one after the other. @returns the report of the last, and how many there are */
export async function recordSeries(
  node: Node,
  recording: Recording,
  { samples, everyMs, signal }: Series,
  beside: Beside,
): Promise<{ readonly report: NodeReport; readonly samples: number }> {
  const startedAt = ticks();
  let report = sampleInto(node, recording, now());
  const first = report.observed.at;
  let taken = 1;
  for (; taken < samples; taken++) {
    // By the start, so that what a sample takes does not add up.
    await sleep(Math.max(0, startedAt + taken * everyMs - ticks()), signal);
    if (signal.aborted) break;
    report = sampleInto(node, recording, now());
  }
  finish(node, recording, first, report, beside);
  return { report, samples: taken };
}

/** What a recording says of its last moment. */
export async function lastReport(node: Node): Promise<NodeReport> {
  const { report } = await tick(node, now(), true);
  return report as NodeReport;
}

function sampleInto(node: Node, recording: Recording, at: number): NodeReport {
  const tap = { ...node, host: recording.of(node.host) };
  const made = reportOn(tap, look(tap, at, true), at);
  recording.sampled(made.observed.at);
  return made;
}

function finish(
  { host, about }: Node,
  recording: Recording,
  firstAt: string | undefined,
  report: NodeReport,
  { pods: given, logs, processes, disguise = undisguised }: Beside,
): void {
  const pods = given ?? host.recorded(podsFile);
  if (pods !== undefined) {
    const reduced = disguise.pods(reducePods(parseManifest(pods.file, pods.text)));
    recording.writeFile(podsFile, `${JSON.stringify(reduced, undefined, 1)}\n`);
  } else if (logs !== undefined) recordLogs(recording, disguise.logs(logs));
  if (processes !== undefined && host.cgroups !== undefined)
    recordProcesses(processes, host.cgroups.version, report, (file, text) =>
      recording.writeFile(file, disguise.content(file, text)),
    );
  const note: RecordingNote = {
    ...(firstAt !== undefined && { at: firstAt }),
    node: disguise.name(about.node),
    ...(host.machine !== undefined && { machine: host.machine }),
    ...(hasNoLruGen(host) && { lruGen: false as const }),
  };
  recording.writeFile(noteFile, `${JSON.stringify(note)}\n`);
  recording.finish();
}

/** What could not be read is not known to be absent. */
function hasNoLruGen(host: Node['host']): boolean {
  try {
    return host.lruGen() === 'none';
  } catch {
    return false;
  }
}
