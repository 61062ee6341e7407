/** The product in one function: sample, remember, and when it is due: identify, account, report, write. */
import { account } from '../account/account.ts';
import { realOf } from '../account/memory.ts';
import type { Host } from '../edges/host.ts';
import type { Peaks } from '../history/peaks.ts';
import { identify } from '../identify/names.ts';
import type { Skipped } from '../model/cgroup.ts';
import type { NodeReport } from '../model/report.ts';
import type { Sink } from '../model/sink.ts';
import type { NameSource } from './names.ts';
import { type About, report } from './report.ts';
import { sample } from './sample.ts';
import { type Failure, write } from './write.ts';

/** What a tick works on. */
export interface Node {
  readonly host: Host;
  readonly names: NameSource;
  readonly peaks: Peaks;
  readonly about: About;
  readonly sinks: readonly Sink[];
}

/** Every tick samples and remembers, cheaply; where a report is `due` it is made and written as well. */
export async function tick(node: Node, at: number, due: boolean): Promise<Ticked> {
  const sampled = sample(node.host, due);
  node.peaks.remember(sampled.sightings, realOf);
  if (!due) return { faults: sampled.faults, failures: [] };
  const identified = identify(sampled.sightings, node.names.names);
  const accounted = account(identified, node.peaks);
  const made = report(node, sampled, accounted, at);
  const failures = await write(made, node.sinks);
  return { report: made, faults: sampled.faults, failures };
}

export interface Ticked {
  readonly report?: NodeReport;
  /** Files and directories that could not be read or understood. */
  readonly faults: readonly Skipped[];
  /** The sinks that did not take the report, and why. */
  readonly failures: readonly Failure[];
}
