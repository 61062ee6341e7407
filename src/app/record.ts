/** One pass, every byte of it kept. */
import { account } from '../account/account.ts';
import { realOf } from '../account/memory.ts';
import { noteFile } from '../edges/host.ts';
import type { Recording } from '../edges/recording.ts';
import { parseManifest } from '../identify/manifest.ts';
import { identify } from '../identify/names.ts';
import { reducePods } from '../identify/reduce.ts';
import type { NodeReport } from '../model/report.ts';
import type { PodsText } from './names.ts';
import { report } from './report.ts';
import { sample } from './sample.ts';
import { podsFile } from './source.ts';
import type { Node } from './tick.ts';

/** The report is made from the very bytes that are written: a replay gives the same one. */
export function record(
  node: Node,
  recording: Recording,
  given: PodsText | undefined,
  at: number,
): NodeReport {
  const { host } = node;
  const tapped = recording.of(host);
  const sampled = sample(tapped, true);
  node.peaks.remember(sampled.sightings, realOf);
  const accounted = account(identify(sampled.sightings, node.names.names), node.peaks);
  const made = report({ ...node, host: tapped }, sampled, accounted, at);
  const pods = given ?? host.recorded(podsFile);
  if (pods !== undefined) {
    const reduced = reducePods(parseManifest(pods.file, pods.text));
    recording.writeFile(podsFile, `${JSON.stringify(reduced, undefined, 1)}\n`);
  }
  recording.writeFile(noteFile, `${JSON.stringify({ at: made.observed.at, node: node.about.node })}\n`);
  recording.finish();
  return made;
}
