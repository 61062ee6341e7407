/** Writes a recording: the bytes that passes read from a host, at the same paths below a directory. */
import fs from 'node:fs';
import path from 'node:path';
import { makeDirectorySync } from '../edges/files.ts';
import type { Host } from '../edges/host.ts';
import { codeOf, InputError, LocatedError, messageOf } from '../model/located-error.ts';
import { againFile, contentsOf, differenceOf, laterFile } from './later-sample.ts';
import { asItIs, type Renaming, type Snapshot, tapped } from './snapshot.ts';

export interface Recording {
  /** The number of files written. */
  readonly files: number;
  /** Begins a sample. @returns the same host, tapped: it keeps every byte read from it */
  of(host: Host): Host;
  /**
   * Ends a sample and writes it: the first as a tree of files, each later one as a file of differences.
   * @param at time of the sample, RFC 3339
   * @throws InputError if a write failed
   */
  sampled(at: string | undefined): void;
  /** @throws InputError if a write failed */
  finish(): void;
  /** @param file path below the directory of the recording */
  writeFile(file: string, content: string | Uint8Array): void;
  /** Writes a symbolic link. Its target need not exist: readers of a recording do not follow links. */
  writeLink(file: string, target: string): void;
}

/** File systems of the kernel, by their statfs(2) type. A directory created there becomes a cgroup, or fails. */
const kernelFileSystems = new Map([
  [0x9fa0, 'proc'],
  [0x62656572, 'sysfs'],
  [0x27e0eb, 'cgroup'],
  [0x63677270, 'cgroup2'],
]);

/**
 * Opens a new recording.
 * @param source the recorded host's `/`; the recording may not be inside it
 * @throws InputError unless the directory is writable, outside of `source`, and new or empty: two recordings in one
 * directory would mix
 */
export function openRecording(directory: string, renaming: Renaming = asItIs, source = '/'): Recording {
  const wrong = (expected: string, got: string): InputError =>
    new InputError({ where: directory, expected, got });
  try {
    const resolved = resolveLinks(directory);
    const kernel = kernelFileSystems.get(fs.statfsSync(resolved.existing).type);
    if (kernel !== undefined) throw wrong('a writable directory', `a file system of the kernel (${kernel})`);
    const from = fs.realpathSync(source);
    if (from !== '/' && `${resolved.path}/`.startsWith(`${from}/`))
      throw wrong('a directory outside of the recorded host', `one in ${source}`);
    makeDirectorySync(directory);
    if (fs.readdirSync(directory).length > 0) throw wrong('a new or empty directory', 'one with files in it');
  } catch (error) {
    throw error instanceof LocatedError
      ? error
      : wrong('a writable directory', codeOf(error) ?? messageOf(error));
  }
  let files = 0;
  let failure: unknown;
  // A write fails inside a read of the host, and must not look like a failed read. So report it at the end of the sample.
  const attempt = (write: () => void): void => {
    try {
      if (failure === undefined) write();
    } catch (error) {
      failure = error;
    }
  };
  // Mount points come from the mount table of the host. No such path may leave the recording.
  const targetOf = (file: string): string => {
    const target = path.join(directory, file);
    if (path.relative(directory, target).split(path.sep)[0] === '..')
      throw new LocatedError({ where: directory, expected: 'files below it', got: file });
    return target;
  };
  const make = (file: string, write: (target: string) => void): void =>
    attempt(() => {
      const target = targetOf(file);
      makeDirectorySync(path.dirname(target));
      write(target);
      files++;
    });
  const writeFile = (file: string, content: string | Uint8Array): void =>
    make(file, (target) => fs.writeFileSync(target, content));
  const writeJson = (file: string, value: unknown): void => writeFile(file, `${JSON.stringify(value)}\n`);
  const writeTree = ({ cgroups, files: contents, again }: Snapshot): void => {
    for (const cgroup of cgroups.keys()) attempt(() => makeDirectorySync(targetOf(cgroup)));
    for (const [file, bytes] of contents) writeFile(file, bytes);
    if (again.size > 0) writeJson(againFile, contentsOf(again));
  };

  const throwFailure = (): void => {
    if (failure === undefined) return;
    throw new InputError({
      where: directory,
      expected: 'to write the recording there',
      got: { message: messageOf(failure) },
      todo: `the recording is incomplete: remove the directory (files written: ${files})`,
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
    writeLink: (file, target) => make(file, (link) => fs.symlinkSync(target, link)),
    of(host) {
      now = emptySnapshot();
      return tapped(host, now, renaming);
    },
    sampled(at) {
      samples++;
      if (before === undefined) writeTree(now);
      else writeJson(laterFile(samples), differenceOf(before, now, at));
      before = now;
      throwFailure();
    },
    finish: throwFailure,
  };
}

const emptySnapshot = (): Snapshot => ({ cgroups: new Map(), files: new Map(), again: new Map() });

/** The real path of a directory that need not exist yet, and its nearest existing ancestor. */
function resolveLinks(directory: string): { readonly path: string; readonly existing: string } {
  let existing = path.resolve(directory);
  const missing: string[] = [];
  while (!fs.existsSync(existing) && path.dirname(existing) !== existing) {
    missing.unshift(path.basename(existing));
    existing = path.dirname(existing);
  }
  existing = fs.realpathSync(existing);
  return { path: path.join(existing, ...missing), existing };
}
