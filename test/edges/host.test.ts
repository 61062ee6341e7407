import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Host, openHost } from '../../src/edges/host.ts';
import { openReplay } from '../../src/recording/replay.ts';
import { parseMountinfo } from '../../src/sample/mountinfo.ts';
import { lay, tempDir } from '../temp.ts';

const plain = {
  hotFiles: { 1: [], 2: [] },
  parseMountinfo,
  openRecording: openReplay,
  reservedDescriptors: 64,
};

function host(test: TestContext, files: Readonly<Record<string, string>>): Host {
  const root = tempDir(test);
  lay(root, files);
  const opened = openHost({ root, ...plain });
  test.after(() => opened.close());
  return opened;
}

const found = ({ cgroups }: Host) => cgroups && [cgroups.version, cgroups.mountPoint, cgroups.mountRoot];

const mount = (root: string, point: string, type: 'cgroup' | 'cgroup2', options: string): string =>
  `35 31 0:32 ${root} ${point} rw,relatime shared:9 - ${type} ${type} ${options}\n`;

describe('the memory hierarchy, by the mount table', () => {
  it('is on v1', (test) => {
    const opened = host(test, {
      'proc/self/mountinfo':
        mount('/', '/cgroup/cpu', 'cgroup', 'rw,cpu') + mount('/', '/cgroup/memory', 'cgroup', 'rw,memory'),
      'cgroup/memory/': '',
    });
    assert.deepEqual(found(opened), [1, '/cgroup/memory', '/']);
  });

  it('is on v2 where that mount lists memory', (test) => {
    const opened = host(test, {
      'proc/self/mountinfo': mount('/', '/sys/fs/cgroup', 'cgroup2', 'rw,nsdelegate'),
      'sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory hugetlb pids\n',
    });
    assert.deepEqual(found(opened), [2, '/sys/fs/cgroup', '/']);
  });

  it('is on v1 of a hybrid host, though v2 is mounted with other controllers', (test) => {
    const opened = host(test, {
      'proc/self/mountinfo':
        mount('/', '/sys/fs/cgroup/unified', 'cgroup2', 'rw') +
        mount('/', '/sys/fs/cgroup/systemd', 'cgroup', 'rw,name=systemd') +
        mount('/', '/sys/fs/cgroup/memory', 'cgroup', 'rw,memory'),
      'sys/fs/cgroup/unified/cgroup.controllers': 'hugetlb\n',
      'sys/fs/cgroup/memory/': '',
    });
    assert.deepEqual(found(opened), [1, '/sys/fs/cgroup/memory', '/']);
  });

  it('is the whole one rather than a part that is mounted too', (test) => {
    const opened = host(test, {
      'proc/self/mountinfo':
        mount('/docker/abc', '/part', 'cgroup', 'rw,memory') +
        mount('/', '/whole\\040one', 'cgroup', 'rw,memory'),
      'part/': '',
      'whole one/': '',
    });
    assert.deepEqual(found(opened), [1, '/whole one', '/']);
  });

  it('hides what is above it in a cgroup namespace', (test) => {
    const opened = host(test, {
      'proc/self/mountinfo': mount('/../..', '/m', 'cgroup', 'rw,memory'),
      'm/': '',
    });
    assert.deepEqual(found(opened), [1, '/m', '/']);
  });
});

describe('the memory hierarchy, by the tree alone', () => {
  it('is v2 where cgroup.controllers lists memory', (test) => {
    assert.deepEqual(found(host(test, { 'sys/fs/cgroup/cgroup.controllers': 'cpu memory\n' })), [
      2,
      '/sys/fs/cgroup',
      '/',
    ]);
  });

  it('is v1 where there is a memory hierarchy', (test) => {
    const files = { 'sys/fs/cgroup/memory/': '', 'sys/fs/cgroup/unified/cgroup.controllers': 'hugetlb\n' };
    assert.deepEqual(found(host(test, files)), [1, '/sys/fs/cgroup/memory', '/']);
  });

  it('is v2 where only cgroups with memory.current were recorded', (test) => {
    const files = { 'sys/fs/cgroup/system.slice/a.service/memory.current': '1\n' };
    assert.deepEqual(found(host(test, files)), [2, '/sys/fs/cgroup', '/']);
  });

  it('is none where there is none, and says so in a sentence', (test) => {
    const opened = host(test, { 'sys/fs/cgroup/cpu/': '', 'proc/meminfo': '' });
    assert.equal(opened.cgroups, undefined);
    assert.match(opened.why ?? '', /^There is no cgroup tree .*\.$/);
  });
});

describe('the cache of ZFS', () => {
  const meminfo = { 'proc/meminfo': '' };
  const file = 'proc/spl/kstat/zfs/arcstats';
  const read = (opened: Host) => {
    const found = opened.arcstats();
    return found && [found.file, Buffer.from(found.text).toString()];
  };

  it('is read where there is one, and absent where there is none', (test) => {
    assert.deepEqual(read(host(test, { ...meminfo, [file]: 'size 4 1\n' })), [`/${file}`, 'size 4 1\n']);
    assert.equal(read(host(test, meminfo)), undefined);
  });

  it('is refused where it is longer than any', (test) =>
    assert.throws(() => read(host(test, { ...meminfo, [file]: 'x'.repeat(300_000) })), /arcstats: expected/));

  it('is not read in a container of LXC, which sees that of its host', (test) => {
    const lxcfs = '1 2 0:3 /proc/meminfo /proc/meminfo rw,nosuid - fuse.lxcfs lxcfs rw\n';
    const files = { ...meminfo, [file]: 'size 4 1\n', 'proc/self/mountinfo': lxcfs };
    assert.equal(read(host(test, files)), undefined);
  });
});

describe('a host', () => {
  it('goes by its own name, a recording by the one it was given', (test) => {
    assert.equal(
      host(test, { 'proc/meminfo': '', 'proc/sys/kernel/hostname': 'worker-3\n' }).name,
      'worker-3',
    );
    const note = JSON.stringify({ at: '2026-01-02T03:04:05Z', node: 'node-1' });
    const recorded = host(test, {
      'proc/meminfo': '',
      'recording.json': note,
      'proc/sys/kernel/hostname': 'worker-3\n',
    });
    assert.equal(recorded.name, 'node-1');
    assert.equal(recorded.recording?.at, '2026-01-02T03:04:05Z');
    assert.equal(recorded.recording?.isLast, true);
  });

  it('whose recording has a broken note is refused by name', (test) => {
    assert.throws(
      () => host(test, { 'proc/meminfo': '', 'recording.json': '{"at":1}' }),
      /recording\.json: expected \{"at": <RFC 3339>/,
    );
  });

  it('that was recorded says what it was recorded on, if it was noted', (test) => {
    const noted = (machine?: unknown) =>
      host(test, { 'proc/meminfo': '', 'recording.json': JSON.stringify({ node: 'node-1', machine }) });
    assert.equal('machine' in noted(), false);
    assert.deepEqual(noted({ pageBytes: 65_536, cpus: 8 }).machine, { pageBytes: 65_536, cpus: 8 });
    for (const broken of [{ pageBytes: 4096 }, { pageBytes: 0, cpus: 1 }, 'x', null])
      assert.throws(() => noted(broken), /recording\.json: expected/);
  });

  it('of which there is nothing to read is refused', (test) => {
    assert.throws(
      () => host(test, { 'etc/': '' }),
      /expected sys\/fs\/cgroup with memory in it, or proc\/meminfo, got neither/,
    );
  });

  it('that is no directory is refused', () => {
    const open = () => openHost({ root: '/nowhere', ...plain });
    assert.throws(open, /\/nowhere: expected a directory .* check --root/);
  });
});
