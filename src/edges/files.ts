/** Files read whole, and written so that a reader never sees half of one. */
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

/** What a file that is not whole yet is called, beside the one whose place it takes. */
const unfinished = (file: string): string => `${file}.${randomBytes(4).toString('hex')}.tmp`;
const unfinishedSuffix = /^\.[0-9a-f]{8}\.tmp$/;

/**
 * Makes the directory where it is missing, writes beside the old file, then takes its place. It is on the disk when this
 * settles, and stays there through a loss of power.
 */
export async function keepFile(file: string, text: string): Promise<void> {
  await putInPlace(file, text, true);
  const directory = await fs.open(path.dirname(file), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await directory.sync();
  } catch (error) {
    // Some file systems know no such thing.
    if (codeOf(error) !== 'EINVAL') throw error;
  } finally {
    await directory.close();
  }
}

/** The same for what is soon written anew: a loss of power may take it. */
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

/** Longer than any write takes. */
const longestWriteMs = 60_000;

/**
 * Removes what writers of this file left unfinished when they were killed. What changed within the last minute may be
 * under way. @param at milliseconds since 1970, by the clock that dates files
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
    // Where nothing can be removed nothing can be written: that is said then.
  }
}

/** What to do where a file cannot be written. */
export function whyNotWritten(file: string, error: unknown, flag: string): Error {
  const todo: Readonly<Record<string, string>> = {
    ENOSPC: 'make room on that disk',
    EDQUOT: "make room in this user's quota",
    EROFS: `that file system is read-only: give another directory with ${flag}`,
  };
  const code = codeOf(error) ?? '';
  const what = todo[code] ?? `make the directory writable or give another with ${flag}`;
  return new Error(`${file} was not written: ${messageOf(error)}; ${what}`);
}

/** One level after the other: the recursive one of Node never ends where a level cannot be made, as in /proc. */
export function makeDirectorySync(directory: string): void {
  const makeThis = (): void => {
    try {
      mkdirSync(directory);
    } catch (error) {
      // A file of this name fails at whatever is to be in it.
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

/** The same, for whoever can wait. */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await makeLevel(directory);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || path.dirname(directory) === directory) throw error;
    await makeDirectory(path.dirname(directory));
    await makeLevel(directory);
  }
}

/** Somebody else may make it at the same moment. */
const makeLevel = (directory: string): Promise<void> =>
  fs.mkdir(directory).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });

/** Longer than any file of a host: those of /proc and /sys are some pages. */
const longestFile = 64 * 1024 * 1024;

/**
 * No link is followed, no pipe waited for, no device read.
 * @param longest in bytes
 * @throws Fault, or the system's error
 */
export function readFile(file: string, longest = longestFile): Buffer {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new LocatedError({ where: file, expected: 'a file', got: 'something else' });
    // One byte more than there should be tells the end; files of the kernel say that they are empty.
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
 * Reads to the end of the file, or of the buffer. One read is not enough: a file of several records, such as
 * cgroup.procs, maps or mountinfo, comes a page at a time (`seq_read_iter` in the kernel's fs/seq_file.c).
 * @param from where to go on, in the file and in the buffer
 * @returns how many bytes of the buffer are the file's
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

/** The whole file, of which the buffer is full. Undefined: it has more bytes than `longest`. */
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

/** Undefined where there is no such file. @param most bytes @throws Fault where it cannot be read */
export function readText(file: string, most = longestFile): string | undefined {
  try {
    return decodeText(file, readFile(file, most));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error instanceof LocatedError
      ? error
      : new LocatedError({ where: file, expected: 'to read it', got: describeErrno(error) });
  }
}

/** More are not kept: whoever writes so many that cannot be read has another trouble. */
const asidesKept = 9;

/** Out of the way of a new one, beside those that were set aside before. @throws Fault where it stays */
export function setAside(file: string): string {
  const names = Array.from(
    { length: asidesKept },
    (_, index) => `${file}.aside${index === 0 ? '' : `.${index + 1}`}`,
  );
  const aside = names.find((name) => !existsSync(name));
  if (aside === undefined)
    throw new LocatedError({
      where: file,
      expected: 'to set it aside',
      got: `${asidesKept} that were set aside before`,
      todo: `look at ${names[0]} and the others, and remove them`,
    });
  try {
    renameSync(file, aside);
    return aside;
  } catch (error) {
    throw new LocatedError({ where: file, expected: 'to set it aside', got: describeErrno(error) });
  }
}

/** The files of a directory whose names end so, in order; the file itself where it is one. @throws InputFault */
export function filesAt(place: string, suffix: string): readonly string[] {
  try {
    if (!statSync(place).isDirectory()) return [place];
    const names = readdirSync(place).filter((name) => name.endsWith(suffix));
    return names.sort().map((name) => path.join(place, name));
  } catch (error) {
    throw new InputError({ where: place, expected: 'a file or a directory', got: describeErrno(error) });
  }
}
