/** Records a host: runs passes over it and writes every byte that they read into a recording. */
import { now, sleep, ticks } from '../edges/clock.ts';
import type { Host } from '../edges/host.ts';
import type { ProcessTable } from '../edges/processes.ts';
import type { PodsText } from '../identify/names-source.ts';
import type { PodLogs } from '../model/pod.ts';
import type { NodeReport } from '../model/report.ts';
import { parseManifest } from '../pods/manifest.ts';
import { type Manifest, manifestFile } from './manifest.ts';
import { recordLogs, recordProcesses } from './record-beside.ts';
import type { Recording } from './recording.ts';
import { type Redaction, unredacted } from './redact.ts';
import { reducePods } from './reduce-pods.ts';

/** File of the pods in a recording. */
export const podsFile = 'pods.json';

/** The node to record. */
export interface RecordedNode {
  readonly host: Host;
  readonly about: { readonly node: string };
  /**
   * Runs one detailed pass.
   * @param host the host above, tapped: it writes down all reads
   * @param at milliseconds since 1970
   */
  pass(host: Host, at: number): Promise<NodeReport>;
}

/** What else goes into a recording, beside the host's cgroups. */
export interface Beside {
  /** Undefined: if the host is itself a recording, its pods are used. */
  readonly pods?: PodsText | undefined;
  /** The kubelet's log directories; recorded only without pods. */
  readonly logs?: PodLogs | undefined;
  readonly processes?: ProcessTable | undefined;
  readonly redaction?: Redaction | undefined;
}

export interface SampleSeries {
  readonly samples: number;
  readonly everyMs: number;
  /** Ends the series early. The recording keeps the samples so far. */
  readonly signal: AbortSignal;
}

/**
 * Records a series of samples. The report is computed from the recorded bytes, so a replay gives the same report.
 * @returns the report of the last sample, and the number of samples
 * @throws InputError if the recording cannot be written
 */
export async function record(
  recorded: RecordedNode,
  recording: Recording,
  { samples, everyMs, signal }: SampleSeries,
  beside: Beside,
): Promise<{ readonly report: NodeReport; readonly samples: number }> {
  const startedAt = ticks();
  let report = await sampleInto(recorded, recording, now());
  const first = report.observed.at;
  let taken = 1;
  for (; taken < samples; taken++) {
    // Count from the start of the series, so that the duration of the samples does not add up.
    await sleep(Math.max(0, startedAt + taken * everyMs - ticks()), signal);
    if (signal.aborted) break;
    report = await sampleInto(recorded, recording, now());
  }
  finish(recorded, recording, first, report, beside);
  return { report, samples: taken };
}

async function sampleInto(
  { host, pass }: RecordedNode,
  recording: Recording,
  at: number,
): Promise<NodeReport> {
  const made = await pass(recording.of(host), at);
  recording.sampled(made.observed.at);
  return made;
}

function finish(
  { host, about }: RecordedNode,
  recording: Recording,
  firstAt: string | undefined,
  report: NodeReport,
  { pods: given, logs, processes, redaction = unredacted }: Beside,
): void {
  const pods = given ?? host.recorded(podsFile);
  if (pods !== undefined) {
    const reduced = redaction.pods(reducePods(parseManifest(pods.file, pods.text)));
    recording.writeFile(podsFile, `${JSON.stringify(reduced, undefined, 1)}\n`);
  } else if (logs !== undefined) recordLogs(recording, redaction.logs(logs));
  if (processes !== undefined && host.cgroups !== undefined)
    recordProcesses(processes, host.cgroups.version, report, (file, text) =>
      recording.writeFile(file, redaction.content(file, text)),
    );
  const manifest: Manifest = {
    ...(firstAt !== undefined && { at: firstAt }),
    node: redaction.name(about.node),
    ...(host.machine !== undefined && { machine: host.machine }),
    ...(hasNoLruGen(host) && { lruGen: false as const }),
  };
  recording.writeFile(manifestFile, `${JSON.stringify(manifest)}\n`);
  recording.finish();
}

/** Whether the host surely lacks the multi-generational LRU. After a read error nobody knows. */
function hasNoLruGen(host: Host): boolean {
  try {
    return host.lruGen() === 'none';
  } catch {
    return false;
  }
}
