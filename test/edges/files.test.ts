import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { it, type TestContext } from 'node:test';
import { keepFile, replaceFile } from '../../src/edges/files.ts';
import { tempDir } from '../temp.ts';

/** Counts how often something is put on the disk. */
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

it('keepFile puts the file and its name on the disk before it settles', async (test) => {
  assert.equal(await synced(test, (file) => keepFile(file, 'text')), 2);
});

it('replaceFile leaves that to the kernel: what it writes is soon written anew', async (test) => {
  assert.equal(await synced(test, (file) => replaceFile(file, 'text')), 0);
});
