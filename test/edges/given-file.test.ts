import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readGiven } from '../../src/edges/given-file.ts';
import { InputError } from '../../src/model/located-error.ts';
import { tempDir } from '../temp.ts';

const limit = { bytes: 1000, todo: 'give less' };
const waits = { writerMs: 20, byteMs: 20 };

function fileOf(test: TestContext, content: string | Uint8Array): string {
  const file = path.join(tempDir(test), 'given');
  fs.writeFileSync(file, content);
  return file;
}

function pipeOf(test: TestContext): string {
  const pipe = path.join(tempDir(test), 'pipe');
  execFileSync('mkfifo', [pipe]);
  return pipe;
}

const refused = (file: string, says: RegExp): void =>
  assert.throws(
    () => readGiven(file, limit, waits),
    (error: unknown) => error instanceof InputError && says.test(error.message),
  );

describe('readGiven', () => {
  it('reads a plain and a gzip file of exactly the limit', (test) => {
    const text = 'é'.repeat(500);
    assert.equal(readGiven(fileOf(test, text), limit), text);
    assert.equal(readGiven(fileOf(test, gzipSync(text)), limit), text);
  });

  it('reads UTF-16 as PowerShell writes it, plain and as gzip', (test) => {
    const bytes = Buffer.from('\ufeffé', 'utf16le');
    assert.equal(readGiven(fileOf(test, bytes), limit), 'é');
    assert.equal(readGiven(fileOf(test, gzipSync(bytes)), limit), 'é');
  });

  it('refuses a file one byte above the limit, with the limit and the advice', (test) =>
    refused(fileOf(test, 'x'.repeat(1001)), /given: expected at most 1000, got more; give less$/));

  it('refuses a gzip bomb before it is decompressed whole', (test) => {
    // Decompressed whole, so many zeros would exceed the maximum length of a string.
    const bomb = Buffer.concat(Array<Buffer>(9).fill(gzipSync(Buffer.alloc(64 * 2 ** 20), { level: 1 })));
    const file = fileOf(test, bomb);
    const large = { bytes: 4 * 2 ** 20, todo: 'give less' };
    assert.throws(
      () => readGiven(file, large),
      /given: expected at most 4Mi, got a gzip file that inflates to more; give less$/,
    );
  });

  it('refuses a truncated gzip file', (test) =>
    refused(fileOf(test, gzipSync('text').subarray(0, 12)), /expected a readable file/));

  it('refuses a device', () =>
    refused('/dev/zero', /^\/dev\/zero: expected a file or a pipe, got a device$/));

  it('refuses a directory', (test) => refused(tempDir(test), /expected a file or a pipe, got a directory/));

  it('reads a pipe up to the limit', (test) => {
    const pipe = pipeOf(test);
    // O_RDWR opens both ends without blocking; the written data waits in the pipe.
    const writer = fs.openSync(pipe, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    test.after(() => fs.closeSync(writer));
    fs.writeSync(writer, 'x'.repeat(1001));
    refused(pipe, /expected at most 1000, got more/);
  });

  it('refuses a pipe without a writer, and a pipe whose writer sends nothing', (test) => {
    const pipe = pipeOf(test);
    refused(pipe, /pipe: expected text, got a pipe that no process writes to$/);
    const writer = fs.openSync(pipe, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    test.after(() => fs.closeSync(writer));
    refused(pipe, /got a pipe without data for 0.02 s$/);
  });
});
