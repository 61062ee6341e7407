/** A host opened for reading, with the names of its pods. */
import { openHost } from '../edges/host.ts';
import { Peaks } from '../history/peaks.ts';
import { parseManifest } from '../identify/manifest.ts';
import { Names } from '../identify/names.ts';
import { podsOf } from '../identify/pods.ts';
import type { Sink } from '../model/sink.ts';
import { hotFiles } from '../sample/cgroup.ts';
import { parseMountinfo } from '../sample/mountinfo.ts';
import type { Node } from './tick.ts';
import { version } from './version.ts';

/** What `kubectl get pods -A -o json|yaml` printed, with the name to call it by. */
export interface PodsText {
  readonly file: string;
  readonly text: string;
}

export interface SourceOptions {
  /** What stands for the host's `/`. */
  readonly root: string;
  readonly pods?: PodsText;
  /** The name of the node, where it is not to be the host's own. */
  readonly node?: string;
  readonly periodSeconds?: number;
}

/** The pods of a recording lie beside its host's files. */
export const podsFile = 'pods.json';

/** @throws Fault where the root is no directory, or the file of pods is none. */
export function openNode(options: SourceOptions, sinks: readonly Sink[]): Node {
  const host = openHost({ root: options.root, hotFiles, parseMountinfo });
  const given = options.pods ?? host.recorded(podsFile);
  const known = given === undefined ? undefined : podsOf(given.file, parseManifest(given.file, given.text));
  return {
    host,
    names: new Names(known?.pods ?? []),
    peaks: new Peaks(),
    about: {
      node: options.node ?? host.name,
      agent: version,
      ...(options.periodSeconds !== undefined && { periodSeconds: options.periodSeconds }),
      ...(given !== undefined &&
        known !== undefined && { names: { source: 'the file of pods', faults: known.faults } }),
      conditions: [],
    },
    sinks,
  };
}
