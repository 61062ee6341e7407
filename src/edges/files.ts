/** Files read whole, and written so that a reader never sees half of one. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { Fault, InputFault, messageOf } from '../model/fault.ts';
import { codeOf, denied } from './errors.ts';

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

/** Larger than any file that is read whole: the pods of the largest clusters. */
const longestFile = 512 * 1024 * 1024;

/** No link is followed, no pipe waited for, no device read. @throws Fault, or the system's error */
export function readFile(file: string): Buffer {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile() || stat.size > longestFile)
      throw new Fault({
        where: file,
        expected: 'a file',
        got: stat.isFile() ? `${stat.size} bytes` : 'something else',
      });
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Undefined where there is no such file. @throws Fault where it cannot be read */
export function readText(file: string): string | undefined {
  try {
    return readFile(file).toString('utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error instanceof Fault
      ? error
      : new Fault({ where: file, expected: 'to read it', got: denied(error) });
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
    throw new Fault({
      where: file,
      expected: 'to set it aside',
      got: `${asidesKept} that were set aside before`,
      todo: `look at ${names[0]} and the others, and remove them`,
    });
  try {
    renameSync(file, aside);
    return aside;
  } catch (error) {
    throw new Fault({ where: file, expected: 'to set it aside', got: denied(error) });
  }
}

/** The files of a directory whose names end so, in order; the file itself where it is one. @throws InputFault */
export function filesAt(place: string, suffix: string): readonly string[] {
  try {
    if (!statSync(place).isDirectory()) return [place];
    const names = readdirSync(place).filter((name) => name.endsWith(suffix));
    return names.sort().map((name) => path.join(place, name));
  } catch (error) {
    throw new InputFault({ where: place, expected: 'a file or a directory', got: denied(error) });
  }
}
