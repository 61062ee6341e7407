/**
 * What the cluster changed outside its own directory: one line each, written before the change is made, so that a
 * start that was killed in its middle can be undone too. Only what is listed here is ever undone.
 */
import fs from 'node:fs';
import path from 'node:path';
import { dirs } from './paths.ts';

export type Made =
  /** An address on `lo`. */
  | { readonly kind: 'address'; readonly address: string }
  /** To an address that is not on `lo`, but is listened at. */
  | { readonly kind: 'local route'; readonly address: string }
  | { readonly kind: 'sysctl'; readonly file: string; readonly before: string }
  /** The cgroup of all pods, in every hierarchy. */
  | { readonly kind: 'pods cgroup' }
  /** A directory that was not there; others may use it by now, so that it goes only if it is empty. */
  | { readonly kind: 'directory'; readonly directory: string };

const file = path.join(dirs.run, 'made.jsonl');

export function record(made: Made): void {
  fs.appendFileSync(file, `${JSON.stringify(made)}\n`);
}

/** In the order of making. */
export function recorded(): readonly Made[] {
  if (!fs.existsSync(file)) return [];
  const lines = fs.readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line): Made => JSON.parse(line));
}
