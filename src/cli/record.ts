/** `realmem record DIR`: copies the raw files of this host, which `--root DIR` reads back. */

import { tickOnce } from '../agent/replay.ts';
import { settings } from '../agent/settings.ts';
import { openNode } from '../agent/source.ts';
import { type Node, tick } from '../agent/tick.ts';
import { now } from '../edges/clock.ts';
import type { Io } from '../edges/process.ts';
import { renderJson } from '../layout/structured.ts';
import { LocatedErrors, UsageError } from '../model/located-error.ts';
import type { NodeReport } from '../model/report.ts';
import { quoted } from '../model/text.ts';
import { record } from '../recording/record.ts';
import { besideOf } from '../recording/record-beside.ts';
import { openRecording } from '../recording/recording.ts';
import { anonymized, saltedHash } from '../recording/redact.ts';
import { type Command, ExitCode } from './command.ts';
import { flagOneOf, type Parsed, parseFlags, wordOf } from './flags.ts';
import { hostFlags, hostOptions } from './source-flags.ts';

const forms = ['text', 'json'] as const;

export const command: Command = {
  name: 'record',
  takes: 'DIR',
  about: 'record the files that realmem reads; other commands read them back with --root DIR',
  flags: {
    samples: { takes: 'NUMBER', about: 'number of samples (1)' },
    every: { takes: 'DURATION', about: 'time between samples (5s)' },
    anonymize: { about: 'replace names, UIDs and IDs with salted hashes, the same in every file' },
    output: flagOneOf(
      forms,
      'output format; text is a summary, json the report of the last sample (text)',
      'o',
    ),
    ...hostFlags,
  },
  examples: [
    'realmem record /tmp/host',
    'realmem record /tmp/host --samples 12 --every 5s --anonymize',
    'realmem top --root /tmp/host',
  ],
  run,
};

/** One sample per second for a day. */
const mostSamples = 86_400;

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const { values, switches, positionals } = parseFlags(command.flags, args, 1);
  const [directory] = positionals;
  if (directory === undefined) throw new UsageError('DIR is required: realmem record DIR');
  const form = wordOf(values['output'], forms, 'text');
  const { samples, everyMs } = samplingOf(values);
  const options = hostOptions(values, io);
  const node = openNode(options, []);
  try {
    const redaction = switches.has('anonymize') ? anonymized(saltedHash()) : undefined;
    const recording = openRecording(directory, redaction, options.root);
    const end = new AbortController();
    if (samples > 1) void io.untilSignal().then(() => end.abort());
    const made = await record(
      { ...node, pass: (host, at) => reportOf({ ...node, host }, at) },
      recording,
      { samples, everyMs, signal: end.signal },
      { ...besideOf(options.root), pods: options.pods, redaction },
    );
    // A redacted recording must not print names: use the report of the recording.
    const report = redaction === undefined ? made.report : await lastReport(directory);
    await io.output.write(form === 'json' ? renderJson(report) : summary(directory, recording.files, made));
    return ExitCode.done;
  } finally {
    node.host.close();
  }
}

async function reportOf(node: Node, at: number): Promise<NodeReport> {
  const { report } = await tick(node, at, true);
  return report as NodeReport;
}

/** The report of the last sample of a recording. */
async function lastReport(root: string): Promise<NodeReport> {
  const node = openNode({ root }, []);
  try {
    const { report } = await tickOnce(node, now());
    return report as NodeReport;
  } finally {
    node.host.close();
  }
}

function samplingOf(values: Parsed['values']): { readonly samples: number; readonly everyMs: number } {
  const faults: string[] = [];
  const samples = Number(/^\d+$/.exec(values['samples'] ?? '1')?.[0]);
  if (!(samples >= 1 && samples <= mostSamples))
    faults.push(
      `--samples: expected a number from 1 to ${mostSamples}, got ${quoted(values['samples'] ?? '')}`,
    );
  const everyMs = settings.periodMs.parse(values['every'] ?? '5s');
  if (everyMs === undefined)
    faults.push(`--every: expected ${settings.periodMs.expected}, got ${quoted(values['every'] ?? '')}`);
  if (faults.length > 0) throw new LocatedErrors(faults);
  return { samples, everyMs: everyMs as number };
}

function summary(
  directory: string,
  files: number,
  { report, samples }: { readonly report: NodeReport; readonly samples: number },
): string {
  const cgroups = report.containers.length + report.others.length;
  const times = samples === 1 ? '' : ` and ${samples} samples`;
  return `Recorded ${files} files of ${cgroups} cgroups${times} in ${directory}.\nTo read it: realmem top --root ${directory}\n`;
}
