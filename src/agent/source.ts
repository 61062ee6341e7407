/** A host opened for reading, with the names of its pods. */
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
import type { Condition } from '../model/report.ts';
import type { Sink } from '../model/sink.ts';
import { Advice } from '../recommend/advice.ts';
import { podsFile } from '../recording/record.ts';
import { openReplay } from '../recording/replay.ts';
import { hotFiles } from '../sample/cgroup.ts';
import { parseMountinfo } from '../sample/mountinfo.ts';
import { Selection } from '../sample/selection.ts';
import { History } from '../usage/history.ts';
import type { Node } from './tick.ts';

export interface SourceOptions {
  /** What stands for the host's `/`. */
  readonly root: string;
  readonly pods?: PodsText;
  /** The name of the node, where it is not to be the host's own. */
  readonly node?: string;
  readonly periodSeconds?: number;
  /** Where there is one already. */
  readonly history?: History;
}

/** Of the agent: some 20 ms of each pass, on a host with too many cgroups. */
const visitsPerPass = 500;

/** Both listeners, the API, logs and files read once. */
const reservedDescriptors = 2 * (usualLimits.waiting + usualLimits.answering) + 64;

/**
 * @param names where they do not come from a file
 * @param conditions that a reader must know beside those of the report itself
 * @throws Fault where the root is no directory, or the file of pods is none.
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
  const chosen = names ?? (given === undefined ? noNames : namesFromFile(given));
  const { history = new History() } = options;
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
    selection: new Selection(options.periodSeconds === undefined ? undefined : visitsPerPass),
    sandboxes: new WeakSet(),
  };
}
