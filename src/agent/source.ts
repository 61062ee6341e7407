/** Opens a host, or a recording of one, together with the names of its pods. */
import { KeptUsages } from '../account/kept-usages.ts';
import { isExplained } from '../account/residual.ts';
import { openHost } from '../edges/host.ts';
import { usualLimits } from '../http/limits.ts';
import {
  type NameSource,
  namesFromFile,
  noNames,
  type PodsText,
  withPodLogs,
} from '../identify/names-source.ts';
import { version } from '../model/product.ts';
import type { Condition, Sink } from '../model/report.ts';
import { Advice } from '../recommend/advice.ts';
import { podsFile } from '../recording/record.ts';
import { openReplay } from '../recording/replay.ts';
import { KeptRows } from '../report/kept-rows.ts';
import { hotFiles } from '../sample/cgroup.ts';
import { EventSampler } from '../sample/events/event-sampler.ts';
import { parseMountinfo } from '../sample/mountinfo.ts';
import { Reuse } from '../sample/reuse/reuse.ts';
import { Selection } from '../sample/selection.ts';
import { History } from '../usage/history.ts';
import { type ProbeSource, ProbeTaker } from '../usage/probes/taker.ts';
import type { Node } from './tick.ts';

export interface SourceOptions {
  /** The directory to use as the host's `/`. */
  readonly root: string;
  readonly pods?: PodsText;
  /** The name of the node; the host name unless given. */
  readonly node?: string;
  /** The period of the passes; absent for a single pass. */
  readonly periodSeconds?: number;
  /** A history to continue; a new one unless given. */
  readonly history?: History;
  /** Also sample a cgroup when the kernel reports a memory event in it. */
  readonly followsEvents?: boolean;
  /** Takes the answers of probes into the history. */
  readonly probes?: ProbeSource;
}

/** Directories that each pass of an agent surveys on a host with too many cgroups: about 20 ms. */
const visitsPerPass = 500;

/** File descriptors for both listeners, the API client, logs, and files that are read once. */
const reservedDescriptors = 2 * (usualLimits.waiting + usualLimits.answering) + 64;

/**
 * @param names source of pod names; from the file or the recording unless given
 * @param conditions more conditions for the report
 * @throws LocatedError if the root is not a directory, or the file of pods is malformed
 */
export function openNode(
  options: SourceOptions,
  sinks: readonly Sink[],
  names?: NameSource,
  conditions: () => readonly Condition[] = () => [],
): Node {
  const host = openHost({
    root: options.root,
    hotFiles,
    parseMountinfo,
    openRecording: openReplay,
    reservedDescriptors,
  });
  const given = options.pods ?? host.recorded(podsFile);
  const chosen = names ?? (given === undefined ? noNames() : namesFromFile(given));
  const { history = new History(), followsEvents = false } = options;
  return {
    host,
    names: withPodLogs(chosen, options.root),
    history,
    advice: new Advice(history),
    conditions,
    about: {
      node: options.node ?? host.name,
      agent: version,
      ...(options.periodSeconds !== undefined && { periodSeconds: options.periodSeconds }),
      conditions: [],
    },
    sinks,
    ...(followsEvents &&
      host.reportsEvents !== undefined && { events: new EventSampler(host.reportsEvents) }),
    selection: new Selection(options.periodSeconds === undefined ? undefined : visitsPerPass),
    ...(options.periodSeconds !== undefined && {
      reuse: new Reuse((sample) => isExplained(sample, host.machine)),
      usages: new KeptUsages(),
      rows: new KeptRows(),
    }),
    ...(options.probes !== undefined && { probes: new ProbeTaker(options.probes) }),
  };
}
