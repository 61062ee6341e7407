/** `memory.reclaim`, with plain files in place of a cgroup. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { openFiles, openReclaim } from '../../../src/edges/reclaim/reclaimer.ts';
import { lay, tempDir } from '../../temp.ts';

describe('openReclaim', () => {
  it('asks for file pages only, after it has asked for none to see whether the kernel knows the word', async (t) => {
    const directory = tempDir(t);
    lay(directory, { 'memory.reclaim': '' });
    const reclaimer = openReclaim(directory, false);
    await reclaimer.take(8192, 0);
    await reclaimer.close();
    const written = fs.readFileSync(path.join(directory, 'memory.reclaim'), 'utf8');
    assert.equal(written, '0 swappiness=08192 swappiness=0');
  });

  it('names the kernel that has the file, if this one has not', (t) =>
    assert.throws(
      () => openReclaim(tempDir(t), true),
      /memory\.reclaim: expected the file memory\.reclaim, got none; use Linux 5\.19 or newer/,
    ));

  it('is refused while swap is on, if the kernel does not know the word', (t) => {
    const directory = tempDir(t);
    // A device that accepts no write stands for a kernel that refuses the word.
    fs.symlinkSync('/dev/full', path.join(directory, 'memory.reclaim'));
    assert.throws(() => openReclaim(directory, false), /because swap is on.*turn swap off/);
  });

  it('reports what the kernel refuses', async (t) => {
    const directory = tempDir(t);
    fs.symlinkSync('/dev/full', path.join(directory, 'memory.reclaim'));
    const reclaimer = openReclaim(directory, true);
    await assert.rejects(reclaimer.take(8192, 0), /expected to take 8192 bytes, got ENOSPC/);
    await reclaimer.close();
  });
});

describe('openFiles', () => {
  it('reads the files that were opened first, also after a new directory took their place', (t) => {
    const base = tempDir(t);
    lay(base, { 'a/memory.current': '1\n' });
    const files = openFiles(path.join(base, 'a'), { path: '/a', inode: 1 });
    const read = (): string => new TextDecoder().decode(files.read('memory.current'));
    assert.equal(read(), '1\n');
    fs.renameSync(path.join(base, 'a'), path.join(base, 'b'));
    lay(base, { 'a/memory.current': '2\n' });
    assert.equal(read(), '1\n');
    files.close();
  });
});
