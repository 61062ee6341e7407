/** A file that a person names on the command line: of any kind, of any length, from anybody. */
import fs from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { formatRounded } from '../model/bytes.ts';
import { codeOf, InputError, LocatedError, messageOf } from '../model/located-error.ts';
import { decodeText } from './decode-text.ts';

export interface GivenLimit {
  /** Of the text, inflated. */
  readonly bytes: number;
  /** What to give instead of a longer file. */
  readonly todo: string;
}

/** How long to wait for a pipe, in milliseconds. */
export interface PipeWaits {
  /** For somebody who opens it to write. */
  readonly writerMs: number;
  /** For the next byte: `kubectl get pods -A` in a large cluster takes a minute to print its first. */
  readonly byteMs: number;
}

const pipeWaits: PipeWaits = { writerMs: 5_000, byteMs: 300_000 };
const pollMs = 10;
const chunkBytes = 1024 * 1024;

/**
 * Reads a file, a pipe, or standard input (`-`), in UTF-8 or UTF-16; a device may be endless and is refused.
 * @throws InputFault where it cannot be read, and as soon as it is longer than the limit
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
    throw new InputError({ where: file, expected: 'a file that can be read', got });
  }
}

function inflated(bytes: Buffer, most: number, tooLong: (what: string) => InputError): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (error) {
    throw codeOf(error) === 'ERR_BUFFER_TOO_LARGE' ? tooLong('a gzip file that inflates to more') : error;
  }
}

/** Undefined where there are more. */
function readBytes(file: string, most: number, waits: PipeWaits): Buffer | undefined {
  // Opened without O_NONBLOCK, a pipe that nobody writes to blocks the process for ever, signals included.
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

/** @param pipe the name of the pipe that was opened here: without a writer it reads as if it had ended */
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
      wait(byteMs, `a pipe on which nothing came for ${byteMs / 1000} s`);
      continue;
    }
    if (read === 0) {
      if (pipe === undefined || length > 0) return Buffer.concat(chunks, length);
      wait(writerMs, 'a pipe that nobody writes to');
      continue;
    }
    waited = 0;
    length += read;
    if (length > most) return undefined;
    chunks.push(read < chunkBytes ? Buffer.from(chunk.subarray(0, read)) : chunk);
  }
}
