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

describe('a file that a person gives', () => {
  it('is read up to its limit, plain or as gzip', (test) => {
    const text = 'é'.repeat(500);
    assert.equal(readGiven(fileOf(test, text), limit), text);
    assert.equal(readGiven(fileOf(test, gzipSync(text)), limit), text);
  });

  it('is read in UTF-16, as PowerShell writes it, plain or as gzip', (test) => {
    const bytes = Buffer.from('\ufeffé', 'utf16le');
    assert.equal(readGiven(fileOf(test, bytes), limit), 'é');
    assert.equal(readGiven(fileOf(test, gzipSync(bytes)), limit), 'é');
  });

  it('is refused one byte above the limit, with the limit and what to do', (test) =>
    refused(fileOf(test, 'x'.repeat(1001)), /given: expected at most 1000, got more; give less$/));

  it('is refused before gzip inflates it whole', (test) => {
    // Inflated whole, this many zeros are refused by the length of a text alone.
    const bomb = Buffer.concat(Array<Buffer>(9).fill(gzipSync(Buffer.alloc(64 * 2 ** 20), { level: 1 })));
    const file = fileOf(test, bomb);
    const large = { bytes: 4 * 2 ** 20, todo: 'give less' };
    assert.throws(
      () => readGiven(file, large),
      /given: expected at most 4Mi, got a gzip file that inflates to more; give less$/,
    );
  });

  it('is refused where gzip is torn', (test) =>
    refused(fileOf(test, gzipSync('text').subarray(0, 12)), /expected a file that can be read/));

  it('may not be a device, which may never end', () =>
    refused('/dev/zero', /^\/dev\/zero: expected a file or a pipe, got a device$/));

  it('may not be a directory', (test) =>
    refused(tempDir(test), /expected a file or a pipe, got a directory/));

  it('may be a pipe', (test) => {
    const pipe = pipeOf(test);
    // Both ends, so that opening it does not block this process; what is written waits in the pipe.
    const writer = fs.openSync(pipe, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    test.after(() => fs.closeSync(writer));
    fs.writeSync(writer, 'x'.repeat(1001));
    refused(pipe, /expected at most 1000, got more/);
  });

  it('is refused where it is a pipe that nobody writes to, or on which nothing comes', (test) => {
    const pipe = pipeOf(test);
    refused(pipe, /pipe: expected text, got a pipe that nobody writes to$/);
    const writer = fs.openSync(pipe, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    test.after(() => fs.closeSync(writer));
    refused(pipe, /got a pipe on which nothing came for 0.02 s$/);
  });
});
