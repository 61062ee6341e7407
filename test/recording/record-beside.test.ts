import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { ProcessTable } from '../../src/edges/processes.ts';
import type { CgroupVersion } from '../../src/model/cgroup.ts';
import { besideOf, recordLogs, recordProcesses } from '../../src/recording/record-beside.ts';
import { openRecording } from '../../src/recording/recording.ts';
import { containerOf, otherOf, reportOf } from '../report/reports.ts';
import { lay, tempDir } from '../temp.ts';

type Files = Readonly<Record<string, string | Error>>;

const tableOf = (all: Readonly<Record<number, Files>>): ProcessTable => ({
  pids: () => Object.keys(all).map(Number),
  read(pid, file) {
    const text = all[pid]?.[file];
    if (text instanceof Error) throw text;
    return text === undefined ? undefined : Buffer.from(text);
  },
});

const report = reportOf({
  containers: [containerOf({ cgroup: '/kubepods/poduid/id' })],
  others: [
    otherOf({ cgroup: '/system.slice/ssh.service', type: 'service' }),
    otherOf({ cgroup: '/user.slice', type: 'slice' }),
    otherOf({ cgroup: '/docker/one', type: 'container' }),
    otherOf({ cgroup: '/machine/vm', type: 'vm' }),
  ],
});

/** File → text of everything recorded. */
function recorded(all: Readonly<Record<number, Files>>, version: CgroupVersion = 2): Record<string, string> {
  const written: Record<string, string> = {};
  recordProcesses(tableOf(all), version, report, (file, text) => {
    written[file] = Buffer.from(text).toString();
  });
  return written;
}

/** The PIDs that are recorded, of one process in each of these cgroups, numbered from 1. */
const pidsOf = (...cgroups: readonly string[]): readonly number[] =>
  Object.keys(
    recorded(Object.fromEntries(cgroups.map((cgroup, pid) => [pid + 1, { cgroup: `0::${cgroup}\n` }]))),
  ).map((file) => Number(/^proc\/(\d+)\/cgroup$/.exec(file)?.[1]));

describe('recordProcesses', () => {
  it('records processes of containers, of virtual machines, and of cgroups below them', () =>
    assert.deepEqual(
      pidsOf('/kubepods/poduid/id', '/kubepods/poduid/id/inner/deep', '/docker/one', '/machine/vm/emulator'),
      [1, 2, 3, 4],
    ));

  it('records no process of a service, a slice, the root, a pod itself, or a sibling that begins alike', () =>
    assert.deepEqual(
      pidsOf('/system.slice/ssh.service', '/user.slice', '/', '/kubepods/poduid', '/docker/one2', '/docker'),
      [],
    ));

  it('reads the cgroup in the memory hierarchy on v1, and in the unified one on v2', () => {
    const cgroup = '9:cpu,memory:/docker/one\n8:pids:/docker/one\n0::/\n';
    assert.deepEqual(Object.keys(recorded({ 7: { cgroup } }, 1)), ['proc/7/cgroup']);
    assert.deepEqual(recorded({ 7: { cgroup } }, 2), {});
    assert.deepEqual(recorded({ 7: { cgroup: '8:pids:/docker/one\n' } }, 1), {});
  });

  it('records memory figures and the name, and never a command line, an environment or mappings', () => {
    const files = {
      ...{
        cgroup: '0::/docker/one\n',
        statm: '1 2 3\n',
        stat: '7 (a) S 1\n',
        cmdline: 'secret',
        environ: 'secret',
      },
      ...{
        maps: '00-01 r--p 0 0:0 0 /secret\n',
        comm: 'secret',
        status: 'Name:\ta\nUid:\t1000\nVmRSS:\t5 kB\n',
      },
    };
    assert.deepEqual(recorded({ 7: files }), {
      'proc/7/stat': '7 (a) S 1\n',
      'proc/7/status': 'Name:\ta\nVmRSS:\t5 kB\n',
      'proc/7/statm': '1 2 3\n',
      'proc/7/cgroup': '0::/docker/one\n',
    });
  });

  it('leaves out a file that may not be read, and keeps the others', () => {
    const files = { cgroup: '0::/docker/one\n', statm: '1 2 3\n', smaps_rollup: new Error('EACCES') };
    assert.deepEqual(Object.keys(recorded({ 7: files })), ['proc/7/statm', 'proc/7/cgroup']);
  });

  it('skips a process that ended, may not be read, or has a malformed cgroup file', () => {
    const good = { cgroup: '0::/docker/one\n' };
    const all = {
      1: {},
      2: { cgroup: new Error('EACCES') },
      3: { cgroup: 'garbage\n' },
      4: { cgroup: '' },
      5: good,
    };
    assert.deepEqual(Object.keys(recorded(all)), ['proc/5/cgroup']);
  });
});

describe('recordLogs', () => {
  const written = (test: TestContext, logs: Parameters<typeof recordLogs>[1]): string => {
    const directory = path.join(tempDir(test), 'recording');
    const recording = openRecording(directory);
    recordLogs(recording, logs);
    recording.finish();
    return directory;
  };

  it('writes a log as an empty file, and a link as a link to the same target', (test) => {
    const target = '/var/lib/docker/containers/x/x-json.log';
    const restarts = [{ file: '0.log' }, { file: '1.log', target }];
    const link = { file: 'a_b_c-id.log', target: '/var/log/pods/b_a_uid/c/0.log' };
    const directory = written(test, {
      pods: [{ directory: 'b_a_uid', containers: [{ name: 'c', logs: restarts }] }],
      links: [link],
    });
    const logs = `${directory}/var/log/pods/b_a_uid/c`;
    assert.equal(fs.readFileSync(`${logs}/0.log`, 'utf8'), '');
    assert.ok(fs.lstatSync(`${logs}/0.log`).isFile());
    assert.equal(fs.readlinkSync(`${logs}/1.log`), target);
    assert.equal(fs.readlinkSync(`${directory}/var/log/containers/${link.file}`), link.target);
  });

  it('writes nothing without logs', (test) =>
    assert.deepEqual(fs.readdirSync(written(test, { pods: [], links: [] })), []));

  it('writes no log outside of the recording', (test) => {
    const logs = [{ file: '0.log' }];
    assert.throws(
      () =>
        written(test, {
          pods: [{ directory: '../../../..', containers: [{ name: '..', logs }] }],
          links: [],
        }),
      /expected files below it, got var\/log\/pods\/\.\.\//,
    );
  });
});

describe('besideOf', () => {
  it('reads the logs and the processes below the root, and has no logs on a host without them', (test) => {
    const root = tempDir(test);
    lay(root, { 'proc/7/statm': '1 2 3\n', 'proc/x/statm': '' });
    const { logs, processes } = besideOf(root);
    assert.equal(logs, undefined);
    assert.deepEqual(processes.pids(), [7]);
    lay(root, { 'var/log/pods/b_a_uid/c/0.log': 'secret\n' });
    assert.deepEqual(besideOf(root).logs?.pods, [
      { directory: 'b_a_uid', containers: [{ name: 'c', logs: [{ file: '0.log' }] }] },
    ]);
  });
});
