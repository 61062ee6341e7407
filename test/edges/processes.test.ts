import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { processTable } from '../../src/edges/processes.ts';
import { Fault } from '../../src/model/fault.ts';
import { parseMountinfo } from '../../src/sample/mountinfo.ts';
import { lay, tempDir } from '../temp.ts';

describe('a table of processes', () => {
  it('is that of a recording', (test) => {
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

  it('is empty where a recording has none', (test) =>
    assert.deepEqual(processTable(tempDir(test), parseMountinfo).pids(), []));

  it('is that of this machine', () => {
    const table = processTable('/', parseMountinfo);
    assert.ok(table.pids().includes(process.pid));
    assert.match(new TextDecoder().decode(table.read(process.pid, 'status')), /^VmRSS:/m);
  });

  it('follows no link out of a recording', async (test) => {
    const root = tempDir(test);
    lay(root, { 'proc/7/': '' });
    const fs = await import('node:fs');
    fs.symlinkSync('/etc/hostname', `${root}/proc/7/status`);
    assert.throws(() => processTable(root, parseMountinfo).read(7, 'status'), Fault);
  });
});
