/** One pass, every byte of it kept. */
import { noteFile } from '../edges/host.ts';
import type { Recording } from '../edges/recording.ts';
import { parseManifest } from '../identify/manifest.ts';
import { reducePods } from '../identify/reduce.ts';
import type { NodeReport } from '../model/report.ts';
import type { PodsText } from './names.ts';
import { podsFile } from './source.ts';
import { look, type Node, reportOn } from './tick.ts';

/** The report is made from the very bytes that are written: a replay gives the same one. */
export function record(
  node: Node,
  recording: Recording,
  given: PodsText | undefined,
  at: number,
): NodeReport {
  const { host } = node;
  const tapped = recording.of(host);
  const tap = { ...node, host: tapped };
  const made = reportOn(tap, look(tap, at, true), at);
  const pods = given ?? host.recorded(podsFile);
  if (pods !== undefined) {
    const reduced = reducePods(parseManifest(pods.file, pods.text));
    recording.writeFile(podsFile, `${JSON.stringify(reduced, undefined, 1)}\n`);
  }
  recording.writeFile(noteFile, `${JSON.stringify({ at: made.observed.at, node: node.about.node })}\n`);
  recording.finish();
  return made;
}
