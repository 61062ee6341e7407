/** The checks of the cgroup hierarchy and of one pass over it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkCgroups, checkReport } from '../../src/doctor/cgroups.ts';
import type { Check } from '../../src/doctor/check.ts';
import type { Cgroups } from '../../src/edges/host.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { Condition, ContainerReport, NodeMemory, NodeReport } from '../../src/model/report.ts';
import { lay, tempDir } from '../temp.ts';
import { the } from './worlds.ts';

describe('the check of the hierarchy', () => {
  const mounted = (more: Partial<Cgroups>): Cgroups => ({
    ...{ version: 2, mountPoint: '/sys/fs/cgroup', mountRoot: '/' },
    tree: undefined as unknown as Cgroups['tree'],
    ...more,
  });

  for (const [what, more, message] of [
    ['version 2', {}, 'version 2 at /sys/fs/cgroup, with the memory controller'],
    [
      'a part of it',
      { mountRoot: '/docker' },
      'version 2 at /sys/fs/cgroup, with the memory controller, only the part below /docker',
    ],
    [
      'version 1',
      { version: 1, mountPoint: '/sys/fs/cgroup/memory' },
      'version 1 at /sys/fs/cgroup/memory, with the memory controller. After an OOM kill of the node, version 1 can report a kill at the limit.',
    ],
  ] as const)
    it(`is ok for ${what}, and says what that means`, () =>
      assert.deepEqual(checkCgroups({ cgroups: mounted(more), why: undefined }, '/nonexistent'), {
        ...{ name: 'cgroups', status: 'ok', message },
      }));

  for (const [what, table, message] of [
    ['is enabled', 'memory\t5\t120\t1\n', 'No hierarchy.'],
    [
      'is disabled',
      'cpu\t1\t1\t1\nmemory\t0\t1\t0\n',
      'No hierarchy. /proc/cgroups says that it is disabled.',
    ],
    ['is absent, and another one is disabled', 'memory2\t0\t1\t0\ncpu\t0\t1\t0\n', 'No hierarchy.'],
  ] as const)
    it(`fails without a hierarchy where the controller in /proc/cgroups ${what}`, (test) => {
      const root = tempDir(test);
      lay(root, { 'proc/cgroups': `#subsys_name\thierarchy\tnum_cgroups\tenabled\n${table}` });
      const { status, message: said } = checkCgroups({ cgroups: undefined, why: 'No hierarchy.' }, root);
      assert.deepEqual([status, said], ['fail', message]);
    });

  it('fails without a hierarchy where /proc/cgroups is a directory', (test) => {
    const root = tempDir(test);
    lay(root, { 'proc/cgroups/': '' });
    assert.equal(checkCgroups({ cgroups: undefined, why: 'None.' }, root).message, 'None.');
  });
});

const container = (pod: string, more: Partial<ContainerReport> = {}): ContainerReport =>
  ({ podUID: pod, pod, id: 'c1', cgroup: `/${pod}/c1`, type: 'container', ...more }) as ContainerReport;

const checksOf = (more: Partial<NodeReport>): readonly Check[] =>
  checkReport({
    ...{ apiVersion: 'a', kind: 'NodeMemoryReport', metadata: { name: 'node-1' } },
    ...{ observed: { agent: '0.1.0', cgroupVersion: 2 }, pods: [], containers: [], others: [], skipped: [] },
    ...{ conditions: [], ...more },
  });

const condition = (type: string, reason: string, status: Condition['status'] = 'False'): Condition => ({
  ...{ type, status, reason, message: `${reason}.` },
});

describe('the check of the memory files', () => {
  it('is absent where there are no cgroups: the hierarchy has its own check', () =>
    assert.deepEqual(
      checksOf({ conditions: [condition('Complete', 'NoCgroups')] }).map(({ name }) => name),
      ['pod names'],
    ));

  it('warns of too many cgroups, with the command that counts them', () => {
    const check = the('memory files', checksOf({ conditions: [condition('Complete', 'TooMany')] }));
    assert.deepEqual([check.status, check.message], ['warn', 'TooMany.']);
    assert.match(check.todo ?? '', /find \/sys\/fs\/cgroup -type d/);
  });

  it('warns of faults that are not permissions, with their number and the first one', () => {
    const skipped = [
      { cgroup: '/a', why: 'memory.stat: EIO: i/o error' },
      { cgroup: '/b', why: 'memory.stat: empty' },
      { cgroup: '/c', why: 'no memory files' },
    ];
    assert.deepEqual(the('memory files', checksOf({ skipped })), {
      ...{ name: 'memory files', status: 'warn' },
      message: '2 faults; the first: /a: memory.stat: EIO: i/o error',
      todo: 'realmem top -o yaml lists all in skipped',
    });
  });

  for (const why of ['EACCES: permission denied', 'EPERM: operation not permitted'])
    it(`fails if one of the faults is ${why}`, () => {
      const skipped = [
        { cgroup: '/a', why: 'memory.stat: empty' },
        { cgroup: '/b', why: `memory.stat: ${why}` },
      ];
      const { status, todo } = the('memory files', checksOf({ skipped }));
      assert.deepEqual([status, todo], ['fail', 'run as root, or as a user with read permission']);
    });

  it('is ok for cgroups without the memory controller, which have a check of their own', () => {
    const checks = checksOf({ skipped: [{ cgroup: '/system.slice', why: 'no memory files' }] });
    assert.equal(the('memory files', checks).status, 'ok');
    const { status, message } = the('services', checks);
    assert.deepEqual(
      [status, message],
      ['warn', 'the memory controller is off for /system.slice: no figures for it'],
    );
  });
});

describe('the check of the names of pods', () => {
  it('is ok on a machine without pods, also without a source of names', () =>
    assert.deepEqual(the('pod names', checksOf({ conditions: [condition('NamesFresh', 'NoSource')] })), {
      ...{ name: 'pod names', status: 'ok', message: 'no pods on this machine' },
    }));

  it('counts pods, not containers', () => {
    const containers = [container('a'), container('a', { id: 'c2' }), container('b')];
    const conditions = [condition('NamesFresh', 'Named', 'True')];
    assert.equal(the('pod names', checksOf({ containers, conditions })).message, '2 pods: Named.');
  });

  it('warns of old names, and says to write the file again', () => {
    const conditions = [condition('NamesFresh', 'Stale')];
    const { status, todo } = the('pod names', checksOf({ containers: [container('a')], conditions }));
    assert.deepEqual([status, todo], ['warn', 'write the file of pods again']);
  });

  for (const [what, conditions, names] of [
    ['warns of containers of an unknown type', [], ['pod names', 'container types']],
    [
      'does not warn of unknown types where no pod has a name',
      [condition('NamesFresh', 'NoSource')],
      ['pod names'],
    ],
  ] as const)
    it(what, () => {
      const containers = [container('a', { type: 'unknown' }), container('b')];
      const checks = checksOf({ containers, conditions }).filter(({ name }) => name !== 'memory files');
      assert.deepEqual(
        checks.map(({ name }) => name),
        names,
      );
      for (const { name, message } of checks)
        if (name === 'container types') assert.match(message, /^the type of 1 container is unknown: a\/c1\./);
    });
});

describe('the checks of swap and huge pages', () => {
  const node: NodeMemory = { totalBytes: bytes(1024 ** 3) };
  const of = (
    name: string,
    more: Partial<Record<keyof NodeMemory, number>>,
    rest: Partial<NodeReport> = {},
  ): string => the(name, checksOf({ node: { ...node, ...more } as NodeMemory, ...rest })).message;

  for (const [swapTotalBytes, swapUsedBytes, message] of [
    [undefined, undefined, 'not known'],
    [0, 0, 'none'],
    [1024 ** 3, undefined, '1Gi. Real does not contain swapped pages.'],
    [1024 ** 3, 0, '1Gi, 0 in use. Real does not contain swapped pages.'],
  ] as const)
    it(`say ${message} for ${swapTotalBytes} bytes of swap with ${swapUsedBytes} in use`, () =>
      assert.equal(
        of('swap', {
          ...(swapTotalBytes !== undefined && { swapTotalBytes }),
          ...(swapUsedBytes !== undefined && { swapUsedBytes }),
        }),
        message,
      ));

  for (const [cgroupVersion, swapBytes, isExplained] of [
    [1, 4096, true],
    [1, 0, false],
    [2, 4096, false],
  ] as const)
    it(`${isExplained ? 'explain' : 'do not explain'} ${swapBytes} bytes of swap on version ${cgroupVersion} of a node without swap`, () => {
      const containers = [container('a', { swapBytes: bytes(swapBytes) })];
      const message = of(
        'swap',
        { swapTotalBytes: 0 },
        { containers, observed: { agent: 'a', cgroupVersion } },
      );
      assert.equal(message.startsWith('none. On cgroup v1, ignore some kilobytes'), isExplained, message);
    });

  it('say how many of the reserved huge pages are in use, if that is known', () => {
    const hugePagesBytes = 64 * 1024 ** 2;
    const end = 'They count as real, used or not.';
    assert.equal(of('huge pages', { hugePagesBytes }), `64Mi reserved. ${end}`);
    assert.equal(
      of('huge pages', { hugePagesBytes, hugePagesUsedBytes: 0 }),
      `64Mi reserved, 0 in use. ${end}`,
    );
  });

  it('are absent without the figures of the node', () =>
    assert.deepEqual(
      checksOf({}).filter(({ name }) => name === 'swap' || name === 'huge pages'),
      [],
    ));
});
