/** A recording: what is read of a host, written down as it is read, at the same paths. */
import fs from 'node:fs';
import path from 'node:path';
import { makeDirectorySync } from '../edges/files.ts';
import type { Host } from '../edges/host.ts';
import { codeOf, InputError, LocatedError, messageOf } from '../model/located-error.ts';
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
   * @throws InputFault where it could not be written
   */
  sampled(at: string | undefined): void;
  /** @throws InputFault where anything could not be written */
  finish(): void;
  /** @param file below the recording's directory */
  writeFile(file: string, content: string | Uint8Array): void;
  /** A link that leads to `target`, which need not be there: what reads a recording follows none. */
  writeLink(file: string, target: string): void;
}

/** statfs(2) types of what the kernel shows as files: a directory made there is a cgroup, or cannot be made. */
const kernelFileSystems = new Map([
  [0x9fa0, 'proc'],
  [0x62656572, 'sysfs'],
  [0x27e0eb, 'cgroup'],
  [0x63677270, 'cgroup2'],
]);

/**
 * @param source what stands for the `/` of the host that is recorded
 * @throws InputFault unless the directory is new or empty: two recordings in one place are neither
 */
export function openRecording(directory: string, renaming: Renaming = asItIs, source = '/'): Recording {
  const wrong = (expected: string, got: string): InputError =>
    new InputError({ where: directory, expected, got });
  try {
    const place = placeOf(directory);
    const kernel = kernelFileSystems.get(fs.statfsSync(place.above).type);
    if (kernel !== undefined)
      throw wrong('a directory that can be written', `one of the kernel's own (${kernel})`);
    const from = fs.realpathSync(source);
    if (from !== '/' && `${place.path}/`.startsWith(`${from}/`))
      throw wrong('a directory outside of what is recorded', `one in ${source}`);
    makeDirectorySync(directory);
    if (fs.readdirSync(directory).length > 0) throw wrong('a new or empty directory', 'one with files in it');
  } catch (error) {
    throw error instanceof LocatedError
      ? error
      : wrong('a directory that can be written', codeOf(error) ?? messageOf(error));
  }
  let files = 0;
  let failure: unknown;
  // A write that fails must not pass for a read that did: it is kept, and told at the end of the sample.
  const attempt = (write: () => void): void => {
    try {
      if (failure === undefined) write();
    } catch (error) {
      failure = error;
    }
  };
  // Mount points come from the host's mount table: none may lead out of the recording.
  const placeIn = (file: string): string => {
    const place = path.join(directory, file);
    if (path.relative(directory, place).split(path.sep)[0] === '..')
      throw new LocatedError({ where: directory, expected: 'files below it', got: file });
    return place;
  };
  const make = (file: string, write: (place: string) => void): void =>
    attempt(() => {
      const place = placeIn(file);
      makeDirectorySync(path.dirname(place));
      write(place);
      files++;
    });
  const writeFile = (file: string, content: string | Uint8Array): void =>
    make(file, (place) => fs.writeFileSync(place, content));
  const writeJson = (file: string, value: unknown): void => writeFile(file, `${JSON.stringify(value)}\n`);
  const writeTree = ({ cgroups, files: contents, again }: Snapshot): void => {
    for (const cgroup of cgroups.keys()) attempt(() => makeDirectorySync(placeIn(cgroup)));
    for (const [file, bytes] of contents) writeFile(file, bytes);
    if (again.size > 0) writeJson(againFile, contentsOf(again));
  };

  const end = (): void => {
    if (failure === undefined) return;
    throw new InputError({
      where: directory,
      expected: 'to write the recording there',
      got: { message: messageOf(failure) },
      todo: `the recording ends here: remove what there is of it (files: ${files})`,
    });
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
      end();
    },
    finish: end,
  };
}

const emptySnapshot = (): Snapshot => ({ cgroups: new Map(), files: new Map(), again: new Map() });

/** Where a directory is or would be, links followed, and what there is of the way to it. */
function placeOf(directory: string): { readonly path: string; readonly above: string } {
  let above = path.resolve(directory);
  const names: string[] = [];
  while (!fs.existsSync(above) && path.dirname(above) !== above) {
    names.unshift(path.basename(above));
    above = path.dirname(above);
  }
  above = fs.realpathSync(above);
  return { path: path.join(above, ...names), above };
}
