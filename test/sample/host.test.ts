import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { realOf } from '../../src/account/memory.ts';
import { openNode } from '../../src/agent/source.ts';
import { tick } from '../../src/agent/tick.ts';
import type { CgroupVersion, RawCgroup } from '../../src/model/cgroup.ts';
import { sampleCgroup } from '../../src/sample/cgroup.ts';
import { sample } from '../../src/sample/host.ts';
import { lay, tempDir } from '../temp.ts';

function sampled(test: TestContext, files: Readonly<Record<string, string>>) {
  const root = tempDir(test);
  lay(root, files);
  const { host } = openNode({ root }, []);
  test.after(() => host.close());
  return sample(host, true);
}

const usage = { 'memory.current': '9\n', 'memory.stat': 'active_file 1\ninactive_file 1\n' };
const cgroup = (path: string) =>
  Object.fromEntries(Object.entries(usage).map(([file, text]) => [`sys/fs/cgroup${path}/${file}`, text]));
const v2 = { 'sys/fs/cgroup/cgroup.controllers': 'memory\n' };

it('sample treats the root of a cgroup namespace as a cgroup of its own', (test) => {
  const { observations } = sampled(test, { ...v2, ...cgroup('') });
  assert.deepEqual(
    observations.map(({ role, sample: { id } }) => [id.path, role]),
    [['/', { kind: 'other', type: 'slice', name: '/' }]],
  );
});

it('sample observes no workload in the root of the host, and keeps its figures for the working set', (test) => {
  const { observations, root } = sampled(test, { ...v2, 'sys/fs/cgroup/memory.stat': 'anon 5\n' });
  assert.deepEqual([observations, root], [[], { anon: 5 }]);
});

it('sample does not read the root of the host in a brief pass', (test) => {
  const directory = tempDir(test);
  lay(directory, { ...v2, 'sys/fs/cgroup/memory.stat': 'anon bad\n' });
  const { host } = openNode({ root: directory }, []);
  test.after(() => host.close());
  assert.deepEqual([sample(host, false).root, sample(host, false).faults], [undefined, []]);
  const { root, faults } = sample(host, true);
  assert.deepEqual([root, faults.map(({ cgroup: at }) => at)], [{}, ['/']]);
});

it('sample does not enter a container, whatever its children are called', (test) => {
  const id = 'a'.repeat(64);
  const { observations } = sampled(test, {
    ...v2,
    ...cgroup(`/kubepods/podx/${id}`),
    ...cgroup(`/kubepods/podx/${id}/kubepods/pody/${id}`),
    ...cgroup(`/docker/${id}`),
    ...cgroup(`/docker/${id}/system.slice/a.service`),
  });
  assert.deepEqual(
    observations
      .filter(({ sample: { usage: known } }) => known !== undefined)
      .map(({ sample: { id: found } }) => found.path)
      .toSorted(),
    [`/docker/${id}`, `/kubepods/podx/${id}`],
  );
});

it('sample finds the pods of a node that is a container', (test) => {
  const id = 'a'.repeat(64);
  const path = `/docker/${id}/kubelet/kubepods/burstable/podx/${id}`;
  const { observations } = sampled(test, { ...v2, ...cgroup(path) });
  assert.deepEqual(observations.find(({ sample: { id: found } }) => found.path === path)?.role, {
    kind: 'container',
    podUID: 'x',
    id,
    inside: `/docker/${id}`,
  });
});

describe('a brief sample', () => {
  const keys = {
    1: [
      'total_active_anon',
      'total_inactive_anon',
      'total_active_file',
      'total_inactive_file',
      'total_cache',
    ],
    2: ['active_anon', 'inactive_anon', 'active_file', 'inactive_file', 'file', 'shmem', 'slab'],
  } as const;
  const figure = fc.oneof(
    fc.nat(100).map(String),
    fc.constantFrom('-1', '-4096', '18446744073709547520', '9007199254740993', '', 'x', '5 kB'),
  );
  const line = (version: CgroupVersion) =>
    fc.oneof(
      fc.tuple(fc.constantFrom(...keys[version]), figure).map((parts) => parts.join(' ')),
      fc.constantFrom('', 'broken', 'pgpgin -1', ' 5'),
    );
  for (const version of [1, 2] as const)
    it(`agrees with a detailed one about real, for any bytes of v${version}`, () => {
      const files = fc.record(
        {
          [version === 1 ? 'memory.usage_in_bytes' : 'memory.current']: figure,
          'memory.stat': fc.array(line(version), { maxLength: 8 }).map((lines) => lines.join('\n')),
        },
        { requiredKeys: [] },
      );
      fc.assert(
        fc.property(files, (texts: Readonly<Record<string, string | undefined>>) => {
          const raw: RawCgroup = {
            id: { path: '/a', inode: 1 },
            read(file) {
              const text = texts[file];
              return text === undefined ? undefined : new TextEncoder().encode(text);
            },
          };
          const [brief, full] = [false, true].map((detailed) => sampleCgroup(raw, version, detailed));
          assert.ok(brief && full);
          assert.equal(realOf(brief), realOf(full));
          // Both report errors that cost the figure real. Only a detailed sample reports the others.
          if (brief.faults.length > 0) assert.deepEqual(brief.faults, full.faults);
          assert.ok(full.faults.length <= 4, full.faults.join('; '));
        }),
        { numRuns: 2000 },
      );
    });

  const stats = (lists: string) => ({
    'memory.current': '100\n',
    'memory.stat': `${lists}active_file 90\ninactive_file 30\n`,
  });
  const peaks = async (test: TestContext, lists: string) => {
    const root = tempDir(test);
    const at = (file: string) => `sys/fs/cgroup/system.slice/a.service/${file}`;
    lay(root, {
      ...v2,
      ...Object.fromEntries(Object.entries(stats(lists)).map(([file, text]) => [at(file), text])),
    });
    const node = openNode({ root, periodSeconds: 1 }, []);
    test.after(() => node.host.close());
    await tick(node, 1_000_000, false);
    const { report } = await tick(node, 1_001_000, true);
    const service = report?.others.find(({ type }) => type === 'service');
    return [service?.realBytes, service?.peakRealBytes, service?.clamped];
  };

  it('with page cache above usage is remembered as the anonymous lists', async (test) =>
    assert.deepEqual(await peaks(test, 'active_anon 15\ninactive_anon 25\n'), [40, 40, true]));

  it('with page cache above usage and no lists is not remembered as 0', async (test) =>
    assert.deepEqual(await peaks(test, ''), [undefined, undefined, undefined]));
});

describe('the files of the node', () => {
  const meminfo = 'MemTotal: 100 kB\nMemFree: 40 kB\nBuffers: 5 kB\nCached: 30 kB\nShmem: 10 kB\n';
  const arc = (size: string) =>
    `12 1 0x01 1 1 1 1\nname type data\nsize 4 ${size}\nc_min 4 1024\nmru_evictable_data 4 5\n`;
  const ofNode = async (test: TestContext, files: Readonly<Record<string, string>>) => {
    const root = tempDir(test);
    lay(root, { ...v2, 'proc/meminfo': meminfo, ...files });
    const node = openNode({ root }, []);
    test.after(() => node.host.close());
    const { report, faults } = await tick(node, 0, true);
    return { report, faults: faults.map(({ cgroup, why }) => `${cgroup}: ${why}`) };
  };

  it('lose only a malformed line, and name it', async (test) => {
    const { report, faults } = await ofNode(test, { 'proc/meminfo': `${meminfo}SwapFree: -5 kB\n` });
    assert.equal(report?.node?.realUsedBytes, 35 * 1024);
    assert.deepEqual(faults, ['/: /proc/meminfo:6: expected "Name: number kB", got "SwapFree: -5 kB"']);
  });

  it('include the ZFS cache, which is shown as a part of real', async (test) => {
    const { report, faults } = await ofNode(test, { 'proc/spl/kstat/zfs/arcstats': arc('20480') });
    assert.deepEqual([report?.node?.zfsCacheBytes, report?.node?.zfsCacheDroppableBytes], [20480, undefined]);
    assert.deepEqual(faults, []);
  });

  it('may have a malformed ZFS cache, which costs only its own figures', async (test) => {
    const { report, faults } = await ofNode(test, { 'proc/spl/kstat/zfs/arcstats': arc('-1') });
    assert.deepEqual([report?.node?.realUsedBytes, report?.node?.zfsCacheBytes], [35 * 1024, undefined]);
    assert.deepEqual(faults, [
      '/: /proc/spl/kstat/zfs/arcstats:3: expected "name type number", got "size 4 -1"',
    ]);
  });

  it('may have the ZFS cache of another machine, which is left out with a reason', async (test) => {
    const { report, faults } = await ofNode(test, { 'proc/spl/kstat/zfs/arcstats': arc('99999') });
    assert.equal(report?.node?.zfsCacheBytes, undefined);
    assert.match(report?.skipped.find(({ cgroup }) => cgroup === '/')?.why ?? '', /another machine's$/);
    assert.deepEqual(faults, []);
  });
});
