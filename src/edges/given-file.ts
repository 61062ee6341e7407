/** Reads a file named on the command line. It may be a pipe, may have any length, and is untrusted. */
import fs from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { formatRounded } from '../model/bytes.ts';
import { codeOf, InputError, LocatedError, messageOf } from '../model/located-error.ts';
import { decodeText } from './decode-text.ts';

export interface GivenLimit {
  /** Maximum size in bytes, after decompression. */
  readonly bytes: number;
  /** Advice when the file is larger. */
  readonly todo: string;
}

/** Timeouts for a pipe, in milliseconds. */
export interface PipeWaits {
  /** Until a process opens it for writing. */
  readonly writerMs: number;
  /** Until the next byte. In a large cluster, `kubectl get pods -A` needs a minute for its first byte. */
  readonly byteMs: number;
}

const pipeWaits: PipeWaits = { writerMs: 5_000, byteMs: 300_000 };
const pollMs = 10;
const chunkBytes = 1024 * 1024;

/**
 * Reads a file, a pipe or standard input (`-`), in UTF-8 or UTF-16, plain or gzip. Refuses devices: they may be endless.
 * @throws InputError when it cannot be read, or as soon as it exceeds the limit
 */
export function readGiven(file: string, limit: GivenLimit, waits = pipeWaits): string {
  const tooLong = (what: string): InputError =>
    new InputError({
      where: file,
      expected: `at most ${formatRounded(limit.bytes)}`,
      got: what,
      todo: limit.todo,
    });
  try {
    const read = readBytes(file, limit.bytes, waits);
    if (read === undefined) throw tooLong('more');
    const isGzip = read[0] === 0x1f && read[1] === 0x8b;
    return decodeText(file, isGzip ? inflated(read, limit.bytes, tooLong) : read);
  } catch (error) {
    if (error instanceof LocatedError) throw error;
    const got = codeOf(error) ?? messageOf(error);
    throw new InputError({ where: file, expected: 'a readable file', got });
  }
}

function inflated(bytes: Buffer, most: number, tooLong: (what: string) => InputError): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (error) {
    throw codeOf(error) === 'ERR_BUFFER_TOO_LARGE' ? tooLong('a gzip file that inflates to more') : error;
  }
}

/** @returns undefined when there are more than `most` bytes */
function readBytes(file: string, most: number, waits: PipeWaits): Buffer | undefined {
  // Without O_NONBLOCK, opening a pipe that has no writer blocks the process forever, and signals cannot end it.
  const descriptor = file === '-' ? 0 : fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  try {
    const stat = fs.fstatSync(descriptor);
    if (descriptor !== 0 && !stat.isFile() && !stat.isFIFO())
      throw new InputError({
        where: file,
        expected: 'a file or a pipe',
        got: stat.isDirectory() ? 'a directory' : 'a device',
      });
    if (stat.isFile() && stat.size > most) return undefined;
    return drain(descriptor, most, waits, descriptor !== 0 && stat.isFIFO() ? file : undefined);
  } finally {
    if (descriptor !== 0) fs.closeSync(descriptor);
  }
}

/** @param pipe name of the pipe, if it is one: a read from a pipe without a writer looks like its end */
function drain(
  descriptor: number,
  most: number,
  { writerMs, byteMs }: PipeWaits,
  pipe: string | undefined,
): Buffer | undefined {
  const chunks: Buffer[] = [];
  let length = 0;
  let waited = 0;
  const wait = (longest: number, got: string): void => {
    if (waited >= longest) throw new InputError({ where: pipe ?? '-', expected: 'text', got });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pollMs);
    waited += pollMs;
  };
  for (;;) {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    let read: number;
    try {
      read = fs.readSync(descriptor, chunk);
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error;
      wait(byteMs, `a pipe without data for ${byteMs / 1000} s`);
      continue;
    }
    if (read === 0) {
      if (pipe === undefined || length > 0) return Buffer.concat(chunks, length);
      wait(writerMs, 'a pipe that no process writes to');
      continue;
    }
    waited = 0;
    length += read;
    if (length > most) return undefined;
    chunks.push(read < chunkBytes ? Buffer.from(chunk.subarray(0, read)) : chunk);
  }
}
