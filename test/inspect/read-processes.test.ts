import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProcessFile, ProcessTable } from '../../src/edges/processes.ts';
import { readProcesses } from '../../src/inspect/read-processes.ts';
import { LocatedError } from '../../src/model/located-error.ts';

type Files = Readonly<Partial<Record<ProcessFile, string>>>;

const status =
  'Name:\tserver\nVmSize:\t40 kB\nVmRSS:\t20 kB\nRssAnon:\t8 kB\nRssFile:\t12 kB\nRssShmem:\t0 kB\n';

const tableOf = (
  all: Readonly<Record<number, Files>>,
  forbidden: readonly ProcessFile[] = [],
): ProcessTable => ({
  pids: () => Object.keys(all).map(Number),
  read(pid, file) {
    if (forbidden.includes(file))
      throw new LocatedError({ where: `/proc/${pid}/${file}`, expected: 'a readable file', got: 'EACCES' });
    const text = all[pid]?.[file];
    return text === undefined ? undefined : new TextEncoder().encode(text);
  },
});

describe('readProcesses', () => {
  it('returns the figures of /proc/<pid>', () =>
    assert.deepEqual(readProcesses([7], tableOf({ 7: { status, smaps_rollup: 'Pss: 5 kB\n' } })), {
      processes: [
        {
          ...{ pid: 7, command: 'server', vszBytes: 40_960, rssBytes: 20_480, sharedBytes: 12_288 },
          ...{ anonBytes: 8192, fileBytes: 12_288, shmemBytes: 0, pssBytes: 5120 },
        },
      ],
      ...{ gone: 0, unseen: 0, faults: [] },
    }));

  it('reads shared memory from statm on kernels before 4.5, for any page size', () => {
    const old = 'Name:\ta\nVmSize:\t640 kB\nVmRSS:\t128 kB\n';
    const { processes } = readProcesses([7], tableOf({ 7: { status: old, statm: '10 2 1 0 0 0 0\n' } }));
    assert.equal(processes[0]?.sharedBytes, 65_536);
  });

  it('counts processes that ended, and those in another PID namespace', () => {
    const { processes, gone, unseen } = readProcesses([0, 0, 7, 8], tableOf({ 7: { status } }));
    assert.deepEqual([processes.length, gone, unseen], [1, 1, 2]);
  });

  it('marks kernel threads and zombies as without memory', () => {
    const { processes } = readProcesses(
      [7],
      tableOf({ 7: { status: 'Name:\tdefunct\nState:\tZ (zombie)\n' } }),
    );
    assert.deepEqual(processes, [{ pid: 7, command: 'defunct', none: true }]);
  });

  it('leaves PSS absent if realmem may not read it, and reports a fault', () => {
    const { processes, faults } = readProcesses([7], tableOf({ 7: { status } }, ['smaps_rollup', 'maps']));
    assert.equal(processes[0]?.rssBytes, 20_480);
    assert.equal('pssBytes' in (processes[0] ?? {}), false);
    assert.deepEqual(faults, [
      '/proc/7/smaps_rollup: expected a readable file, got EACCES',
      '/proc/7/maps: expected a readable file, got EACCES',
    ]);
  });

  it('lists a process even if realmem may read none of its files', () => {
    const { processes, gone } = readProcesses([7], tableOf({ 7: {} }, ['status']));
    assert.deepEqual([processes, gone], [[{ pid: 7 }], 0]);
  });
});
