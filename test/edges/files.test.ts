import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { it, type TestContext } from 'node:test';
import { keepFile, replaceFile } from '../../src/edges/files.ts';
import { tempDir } from '../temp.ts';

/** Counts the calls of fsync. */
async function synced(test: TestContext, work: (file: string) => Promise<void>): Promise<number> {
  const directory = tempDir(test);
  const handle = await fs.promises.open(directory, 'r');
  const prototype: { sync(): Promise<void> } = Object.getPrototypeOf(handle);
  await handle.close();
  const { sync } = prototype;
  const mocked = test.mock.method(prototype, 'sync', sync);
  await work(path.join(directory, 'file'));
  return mocked.mock.callCount();
}

it('keepFile syncs the file and its directory before it resolves', async (test) => {
  assert.equal(await synced(test, (file) => keepFile(file, 'text')), 2);
});

it('replaceFile writes a file without any fsync', async (test) => {
  assert.equal(await synced(test, (file) => replaceFile(file, 'text')), 0);
});
