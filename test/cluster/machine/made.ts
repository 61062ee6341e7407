/**
 * Records each change outside the cluster's own directory, one line per change. The record comes before the change, so
 * `down` can also undo an `up` that was killed halfway. `down` undoes only recorded changes.
 */
import fs from 'node:fs';
import path from 'node:path';
import { dirs } from './paths.ts';

export type Made =
  /** An address on `lo`. */
  | { readonly kind: 'address'; readonly address: string }
  /** A route to an address that is not on `lo`, but that a program listens on. */
  | { readonly kind: 'local route'; readonly address: string }
  | { readonly kind: 'sysctl'; readonly file: string; readonly before: string }
  /** The cgroup `kubepods` in every hierarchy. */
  | { readonly kind: 'pods cgroup' }
  /** A directory that did not exist before. Other programs may use it now, so `down` removes it only if it is empty. */
  | { readonly kind: 'directory'; readonly directory: string };

const file = path.join(dirs.run, 'made.jsonl');

export function record(made: Made): void {
  fs.appendFileSync(file, `${JSON.stringify(made)}\n`);
}

/** In the order of the changes. */
export function recorded(): readonly Made[] {
  if (!fs.existsSync(file)) return [];
  const lines = fs.readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line): Made => JSON.parse(line));
}
