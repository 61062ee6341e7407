/** Passes over a host, every byte of them kept. */
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

/** The pods of a recording lie beside its host's files. */
export const podsFile = 'pods.json';

/** What is recorded. */
export interface Recorded {
  readonly host: Host;
  readonly about: { readonly node: string };
  /** One pass in detail over the host, which is the one above with its reads written down. */
  pass(host: Host, at: number): Promise<NodeReport>;
}

/** What goes into a recording beside the host's cgroups. */
export interface Beside {
  /** Undefined: those of the recording that is read, if it is one. */
  readonly pods?: PodsText | undefined;
  /** The kubelet's log directories: names where there are no others. */
  readonly logs?: PodLogs | undefined;
  readonly processes?: ProcessTable | undefined;
  readonly redaction?: Redaction | undefined;
}

export interface Series {
  readonly samples: number;
  readonly everyMs: number;
  /** Ends it early; what was recorded until then stays. */
  readonly signal: AbortSignal;
}

/**
 * Samples, one after the other. The report is made from the very bytes that are written: a replay gives the same one.
 * @returns the report of the last, and how many there are
 */
export async function record(
  recorded: Recorded,
  recording: Recording,
  { samples, everyMs, signal }: Series,
  beside: Beside,
): Promise<{ readonly report: NodeReport; readonly samples: number }> {
  const startedAt = ticks();
  let report = await sampleInto(recorded, recording, now());
  const first = report.observed.at;
  let taken = 1;
  for (; taken < samples; taken++) {
    // By the start, so that what a sample takes does not add up.
    await sleep(Math.max(0, startedAt + taken * everyMs - ticks()), signal);
    if (signal.aborted) break;
    report = await sampleInto(recorded, recording, now());
  }
  finish(recorded, recording, first, report, beside);
  return { report, samples: taken };
}

async function sampleInto({ host, pass }: Recorded, recording: Recording, at: number): Promise<NodeReport> {
  const made = await pass(recording.of(host), at);
  recording.sampled(made.observed.at);
  return made;
}

function finish(
  { host, about }: Recorded,
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

/** What could not be read is not known to be absent. */
function hasNoLruGen(host: Host): boolean {
  try {
    return host.lruGen() === 'none';
  } catch {
    return false;
  }
}
