/** Reads whole files, and writes files atomically: a reader never sees a partial file. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { codeOf, describeErrno, InputError, LocatedError, messageOf } from '../model/located-error.ts';
import { decodeText } from './decode-text.ts';

/** Name of the temporary file in the target's directory. */
const unfinished = (file: string): string => `${file}.${randomBytes(4).toString('hex')}.tmp`;
const unfinishedSuffix = /^\.[0-9a-f]{8}\.tmp$/;

/**
 * Writes a file durably: a temporary file, fsync, rename, fsync of the directory. Creates missing directories. After it
 * resolves, the file survives a power loss.
 * @throws the system's error
 */
export async function keepFile(file: string, text: string): Promise<void> {
  await putInPlace(file, text, true);
  const directory = await fs.open(path.dirname(file), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await directory.sync();
  } catch (error) {
    // Some file systems do not support fsync of a directory.
    if (codeOf(error) !== 'EINVAL') throw error;
  } finally {
    await directory.close();
  }
}

/** Writes a file atomically without fsync, for files that are rewritten soon. A power loss may lose it. */
export const replaceFile = (file: string, text: string): Promise<void> => putInPlace(file, text, false);

async function putInPlace(file: string, text: string, isKept: boolean): Promise<void> {
  await makeDirectory(path.dirname(file));
  const beside = unfinished(file);
  try {
    await fs.writeFile(beside, text, { flag: 'wx', flush: isKept });
    await fs.rename(beside, file);
  } catch (error) {
    await fs.rm(beside, { force: true });
    throw error;
  }
}

/** An upper bound for the duration of a write. */
const longestWriteMs = 60_000;

/**
 * Removes temporary files that killed writers of this file left behind. Keeps those changed within the last minute: their
 * writer may still run.
 * @param at milliseconds since 1970, by the clock that dates files
 */
export function removeUnfinished(file: string, at: number): void {
  const [directory, name] = [path.dirname(file), path.basename(file)];
  try {
    for (const other of readdirSync(directory)) {
      if (!other.startsWith(name) || !unfinishedSuffix.test(other.slice(name.length))) continue;
      const found = path.join(directory, other);
      if (Math.abs(at - statSync(found).mtimeMs) >= longestWriteMs) rmSync(found);
    }
  } catch {
    // A directory where we cannot remove files is not writable either, and the next write reports that.
  }
}

/** The error for a failed write, with advice by errno. @param flag the flag that names the directory */
export function whyNotWritten(file: string, error: unknown, flag: string): Error {
  const todo: Readonly<Record<string, string>> = {
    ENOSPC: 'free space on that disk',
    EDQUOT: "free space in this user's disk quota",
    EROFS: `that file system is read-only: pass another directory with ${flag}`,
  };
  const code = codeOf(error) ?? '';
  const what = todo[code] ?? `make the directory writable, or pass another with ${flag}`;
  return new Error(`cannot write ${file}: ${messageOf(error)}; ${what}`);
}

/** Creates a directory level by level. Node's recursive mkdir never returns when it cannot create a level, as in /proc. */
export function makeDirectorySync(directory: string): void {
  const makeThis = (): void => {
    try {
      mkdirSync(directory);
    } catch (error) {
      // If a file has this name, the next operation inside it fails with a better error.
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  };
  try {
    makeThis();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || path.dirname(directory) === directory) throw error;
    makeDirectorySync(path.dirname(directory));
    makeThis();
  }
}

/** Asynchronous `makeDirectorySync`. */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await makeLevel(directory);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || path.dirname(directory) === directory) throw error;
    await makeDirectory(path.dirname(directory));
    await makeLevel(directory);
  }
}

/** Accepts that another process creates the directory at the same moment. */
const makeLevel = (directory: string): Promise<void> =>
  fs.mkdir(directory).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });

/** Bytes. Larger than any file of a host: those of /proc and /sys have a few pages. */
const longestFile = 64 * 1024 * 1024;

/**
 * Reads a regular file. Follows no link, waits for no pipe, reads no device.
 * @param longest maximum size in bytes
 * @throws LocatedError when it is no regular file or too large; else the system's error
 */
export function readFile(file: string, longest = longestFile): Buffer {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new LocatedError({ where: file, expected: 'a file', got: 'something else' });
    // A spare byte in the buffer shows the end of the file. Kernel files report a size of 0.
    const begun = Buffer.allocUnsafeSlow(Math.min(Math.max(stat.size, 16_384), longest) + 1);
    const length = fill(descriptor, begun, 0);
    const whole = length < begun.length ? begun.subarray(0, length) : readOn(descriptor, begun, longest);
    if (whole === undefined)
      throw new LocatedError({ where: file, expected: `at most ${longest} bytes`, got: 'a larger file' });
    return whole;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Reads to the end of the file or of the buffer. One read is not enough: the kernel returns files of several records
 * (cgroup.procs, maps, mountinfo) one page at a time (`seq_read_iter` in fs/seq_file.c).
 * @param from offset to continue at, in the file and in the buffer
 * @returns number of the file's bytes in the buffer
 */
export function fill(descriptor: number, buffer: Buffer, from: number): number {
  let length = from;
  while (length < buffer.length) {
    const read = readSync(descriptor, buffer, length, buffer.length - length, length);
    if (read === 0) break;
    length += read;
  }
  return length;
}

/** Continues a file that filled the buffer `begun`. @returns the whole file; undefined above `longest` bytes */
export function readOn(descriptor: number, begun: Buffer, longest: number): Buffer | undefined {
  let buffer = begun;
  while (buffer.length <= longest) {
    const larger = Buffer.allocUnsafeSlow(Math.min(2 * buffer.length, longest + 1));
    buffer.copy(larger);
    const length = fill(descriptor, larger, buffer.length);
    if (length < larger.length) return larger.subarray(0, length);
    buffer = larger;
  }
  return undefined;
}

/** Whether there is something at that path. Costs less than the error of a read. */
export const isThere = (file: string): boolean => existsSync(file);

/** @param most maximum size in bytes @returns undefined when the file does not exist @throws LocatedError */
export function readText(file: string, most = longestFile): string | undefined {
  try {
    return decodeText(file, readFile(file, most));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error instanceof LocatedError
      ? error
      : new LocatedError({ where: file, expected: 'a readable file', got: describeErrno(error) });
  }
}

/** Maximum number of files set aside. More point to another problem that a person must look at. */
const mostAside = 9;

/** Renames a file to `FILE.aside`, `FILE.aside.2`, … so that a new one can be written. @throws LocatedError */
export function setAside(file: string): string {
  const names = Array.from(
    { length: mostAside },
    (_, index) => `${file}.aside${index === 0 ? '' : `.${index + 1}`}`,
  );
  const aside = names.find((name) => !existsSync(name));
  if (aside === undefined)
    throw new LocatedError({
      where: file,
      expected: `fewer than ${mostAside} files set aside`,
      got: String(mostAside),
      todo: `inspect ${names[0]} and the others, then remove them`,
    });
  try {
    renameSync(file, aside);
    return aside;
  } catch (error) {
    throw new LocatedError({
      where: file,
      expected: 'a file that can be renamed',
      got: describeErrno(error),
    });
  }
}

/**
 * The directory's files with this suffix, sorted; the path itself if it is a file.
 * @param mayLack none instead of an error where there is nothing at that path
 * @throws InputError
 */
export function filesAt(target: string, suffix: string, mayLack = false): readonly string[] {
  try {
    if (!statSync(target).isDirectory()) return [target];
    const names = readdirSync(target).filter((name) => name.endsWith(suffix));
    return names.sort().map((name) => path.join(target, name));
  } catch (error) {
    if (mayLack && codeOf(error) === 'ENOENT') return [];
    throw new InputError({ where: target, expected: 'a file or a directory', got: describeErrno(error) });
  }
}
