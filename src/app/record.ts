/** One pass, every byte of it kept. */
import { account } from '../account/account.ts';
import { noteFile } from '../edges/host.ts';
import type { Recording } from '../edges/recording.ts';
import { parseManifest } from '../identify/manifest.ts';
import { identify } from '../identify/names.ts';
import { reducePods } from '../identify/reduce.ts';
import type { NodeReport } from '../model/report.ts';
import { report } from './report.ts';
import { sample } from './sample.ts';
import { podsFile } from './source.ts';
import type { Node } from './tick.ts';

/** The report is made from the very bytes that are written: a replay gives the same one. */
export function record(node: Node, recording: Recording, at: number): NodeReport {
  const { host } = node;
  const tapped = recording.of(host);
  const sampled = sample(tapped, true);
  const accounted = account(identify(sampled.sightings, node.names));
  const made = report({ ...node, host: tapped }, sampled, node.peaks.remember(accounted), at);
  const pods = node.about.names?.given;
  if (pods !== undefined) {
    const reduced = reducePods(parseManifest(pods.file, pods.text));
    recording.writeFile(podsFile, `${JSON.stringify(reduced, undefined, 1)}\n`);
  }
  recording.writeFile(noteFile, `${JSON.stringify({ at: made.observed.at, node: node.about.node })}\n`);
  return made;
}
