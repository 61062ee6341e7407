/** A recording: what is read of a host, written down as it is read, at the same paths. */
import fs from 'node:fs';
import path from 'node:path';
import { Fault, InputFault, messageOf } from '../model/fault.ts';
import { codeOf } from './errors.ts';
import type { Host } from './host.ts';
import { againFile, contentsOf, differenceOf, laterFile } from './later-sample.ts';
import { asItIs, type Renaming, type Snapshot, tapped } from './snapshot.ts';

export interface Recording {
  /** How many files were written. */
  readonly files: number;
  /** Begins a sample. The same host; whatever is read of it is kept. */
  of(host: Host): Host;
  /**
   * Ends the sample: the first becomes the tree of files, each further one a file of what is different.
   * @param at RFC 3339
   */
  sampled(at: string | undefined): void;
  /** @throws InputFault where anything could not be written */
  finish(): void;
  /** @param file below the recording's directory */
  writeFile(file: string, content: string | Uint8Array): void;
  /** A link that leads to `target`, which need not be there: what reads a recording follows none. */
  writeLink(file: string, target: string): void;
}

/** @throws InputFault unless the directory is new or empty: two recordings in one place are neither */
export function openRecording(directory: string, renaming: Renaming = asItIs): Recording {
  try {
    fs.mkdirSync(directory, { recursive: true });
    if (fs.readdirSync(directory).length > 0)
      throw new InputFault({
        where: directory,
        expected: 'a new or empty directory',
        got: 'one with files in it',
      });
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new InputFault({
      where: directory,
      expected: 'a directory that can be written',
      got: codeOf(error) ?? messageOf(error),
    });
  }
  let files = 0;
  let failure: unknown;
  // A write that fails must not pass for a read that did: it is kept, and told at the end.
  const attempt = (write: () => void): void => {
    try {
      if (failure === undefined) write();
    } catch (error) {
      failure = error;
    }
  };
  const make = (file: string, write: (place: string) => void): void =>
    attempt(() => {
      const place = path.join(directory, file);
      fs.mkdirSync(path.dirname(place), { recursive: true });
      write(place);
      files++;
    });
  const writeFile = (file: string, content: string | Uint8Array): void =>
    make(file, (place) => fs.writeFileSync(place, content));
  const writeJson = (file: string, value: unknown): void => writeFile(file, `${JSON.stringify(value)}\n`);
  const writeTree = ({ cgroups, files: contents, again }: Snapshot): void => {
    for (const cgroup of cgroups.keys())
      attempt(() => fs.mkdirSync(path.join(directory, cgroup), { recursive: true }));
    for (const [file, bytes] of contents) writeFile(file, bytes);
    if (again.size > 0) writeJson(againFile, contentsOf(again));
  };

  let samples = 0;
  let before: Snapshot | undefined;
  let now: Snapshot = emptySnapshot();
  return {
    get files() {
      return files;
    },
    writeFile,
    writeLink: (file, target) => make(file, (place) => fs.symlinkSync(target, place)),
    of(host) {
      now = emptySnapshot();
      return tapped(host, now, renaming);
    },
    sampled(at) {
      samples++;
      if (before === undefined) writeTree(now);
      else writeJson(laterFile(samples), differenceOf(before, now, at));
      before = now;
    },
    finish() {
      if (failure === undefined) return;
      throw new InputFault({
        where: directory,
        expected: 'to write the recording there',
        got: messageOf(failure),
      });
    },
  };
}

const emptySnapshot = (): Snapshot => ({ cgroups: new Map(), files: new Map(), again: new Map() });
