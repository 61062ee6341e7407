import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { processTable } from '../../src/edges/processes.ts';
import { LocatedError } from '../../src/model/located-error.ts';
import { parseMountinfo } from '../../src/sample/mountinfo.ts';
import { lay, tempDir } from '../temp.ts';

describe('processTable', () => {
  it('lists the processes of a recording by ID and reads their files', (test) => {
    const root = tempDir(test);
    lay(root, {
      'proc/12/status': 'Name:\ta\n',
      'proc/7/cgroup': '0::/\n',
      'proc/self/stat': '',
      'proc/09/a': '',
    });
    const table = processTable(root, parseMountinfo);
    assert.deepEqual(table.pids(), [7, 12]);
    assert.equal(new TextDecoder().decode(table.read(12, 'status')), 'Name:\ta\n');
    assert.equal(table.read(12, 'maps'), undefined);
    assert.equal(table.read(13, 'status'), undefined);
  });

  it('is empty for a recording without processes', (test) =>
    assert.deepEqual(processTable(tempDir(test), parseMountinfo).pids(), []));

  it('lists this process on the live machine', () => {
    const table = processTable('/', parseMountinfo);
    assert.ok(table.pids().includes(process.pid));
    assert.match(new TextDecoder().decode(table.read(process.pid, 'status')), /^VmRSS:/m);
  });

  it('reads a maps file of 300 KB to its end, and refuses a status above 1 MiB', (test) => {
    const root = tempDir(test);
    const maps = '55d0-55d1 r--p 0000 00:00 0 /x\n'.repeat(10_000);
    lay(root, {
      'proc/7/maps': maps,
      'proc/7/status': 'x'.repeat(2 ** 20 + 1),
      'proc/8/status': 'x'.repeat(2 ** 20),
    });
    const table = processTable(root, parseMountinfo);
    assert.equal(new TextDecoder().decode(table.read(7, 'maps')), maps);
    assert.throws(
      () => table.read(7, 'status'),
      /7\/status: expected at most 1048576 bytes, got a larger file/,
    );
    assert.equal(table.read(8, 'status')?.length, 2 ** 20);
  });

  it('reads the mappings of this process to their end although the kernel returns one page per read', () => {
    const read = (): string =>
      new TextDecoder().decode(processTable('/', parseMountinfo).read(process.pid, 'maps'));
    const lines = read().split('\n');
    assert.ok(read().length > 8192, 'the maps of Node.js have several pages');
    // The last mapping is at the top of the address space.
    assert.match(lines.at(-2) ?? '', /\[(?:vsyscall|vdso|stack)\]$/);
  });

  it('throws a LocatedError for a file that links out of a recording', async (test) => {
    const root = tempDir(test);
    lay(root, { 'proc/7/': '' });
    const fs = await import('node:fs');
    fs.symlinkSync('/etc/hostname', `${root}/proc/7/status`);
    assert.throws(() => processTable(root, parseMountinfo).read(7, 'status'), LocatedError);
  });
});
