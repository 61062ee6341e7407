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

describe('openHost with a mount table', () => {
  it('finds memory on v1 at a non-standard mount point', (test) => {
    const opened = host(test, {
      'proc/self/mountinfo':
        mount('/', '/cgroup/cpu', 'cgroup', 'rw,cpu') + mount('/', '/cgroup/memory', 'cgroup', 'rw,memory'),
      'cgroup/memory/': '',
    });
    assert.deepEqual(found(opened), [1, '/cgroup/memory', '/']);
  });

  it('finds memory on v2 when cgroup.controllers of that mount lists it', (test) => {
    const opened = host(test, {
      'proc/self/mountinfo': mount('/', '/sys/fs/cgroup', 'cgroup2', 'rw,nsdelegate'),
      'sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory hugetlb pids\n',
    });
    assert.deepEqual(found(opened), [2, '/sys/fs/cgroup', '/']);
  });

  it('finds memory on v1 of a hybrid host whose v2 mount has other controllers', (test) => {
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

  it('prefers the mount of the whole hierarchy to the mount of a part', (test) => {
    const opened = host(test, {
      'proc/self/mountinfo':
        mount('/docker/abc', '/part', 'cgroup', 'rw,memory') +
        mount('/', '/whole\\040one', 'cgroup', 'rw,memory'),
      'part/': '',
      'whole one/': '',
    });
    assert.deepEqual(found(opened), [1, '/whole one', '/']);
  });

  it('uses / as root of a mount that begins above its cgroup namespace', (test) => {
    const opened = host(test, {
      'proc/self/mountinfo': mount('/../..', '/m', 'cgroup', 'rw,memory'),
      'm/': '',
    });
    assert.deepEqual(found(opened), [1, '/m', '/']);
  });
});

describe('openHost without a mount table', () => {
  it('finds v2 when cgroup.controllers lists memory', (test) => {
    assert.deepEqual(found(host(test, { 'sys/fs/cgroup/cgroup.controllers': 'cpu memory\n' })), [
      2,
      '/sys/fs/cgroup',
      '/',
    ]);
  });

  it('finds v1 when there is a memory directory', (test) => {
    const files = { 'sys/fs/cgroup/memory/': '', 'sys/fs/cgroup/unified/cgroup.controllers': 'hugetlb\n' };
    assert.deepEqual(found(host(test, files)), [1, '/sys/fs/cgroup/memory', '/']);
  });

  it('finds v2 when a recorded child cgroup has memory.current', (test) => {
    const files = { 'sys/fs/cgroup/system.slice/a.service/memory.current': '1\n' };
    assert.deepEqual(found(host(test, files)), [2, '/sys/fs/cgroup', '/']);
  });

  it('has no cgroups and a reason in a sentence when only the cpu hierarchy exists', (test) => {
    const opened = host(test, { 'sys/fs/cgroup/cpu/': '', 'proc/meminfo': '' });
    assert.equal(opened.cgroups, undefined);
    assert.match(opened.why ?? '', /^The recording has no cgroup tree .*\.$/);
  });
});

describe('arcstats', () => {
  const meminfo = { 'proc/meminfo': '' };
  const file = 'proc/spl/kstat/zfs/arcstats';
  const read = (opened: Host) => {
    const found = opened.arcstats();
    return found && [found.file, Buffer.from(found.text).toString()];
  };

  it('returns the file of a host with ZFS, and undefined without ZFS', (test) => {
    assert.deepEqual(read(host(test, { ...meminfo, [file]: 'size 4 1\n' })), [`/${file}`, 'size 4 1\n']);
    assert.equal(read(host(test, meminfo)), undefined);
  });

  it('refuses a file of 300,000 bytes', (test) =>
    assert.throws(() => read(host(test, { ...meminfo, [file]: 'x'.repeat(300_000) })), /arcstats: expected/));

  it('returns undefined in an LXC container, which sees the file of its host', (test) => {
    const lxcfs = '1 2 0:3 /proc/meminfo /proc/meminfo rw,nosuid - fuse.lxcfs lxcfs rw\n';
    const files = { ...meminfo, [file]: 'size 4 1\n', 'proc/self/mountinfo': lxcfs };
    assert.equal(read(host(test, files)), undefined);
  });
});

describe('openHost', () => {
  it('says on macOS what can be read instead of the machine, and still opens a recording', () => {
    const refused =
      /^LocatedError: this host: expected Linux, .*, got darwin; use `kubectl realmem`.* --root DIR/;
    assert.throws(() => openHost({ root: '/', ...plain }, 'darwin'), refused);
    assert.throws(() => openHost({ root: '/nowhere', ...plain }, 'darwin'), /^LocatedError: (?!this host)/);
  });

  it('names a host by its kernel hostname, and a recording by its manifest', (test) => {
    assert.equal(
      host(test, { 'proc/meminfo': '', 'proc/sys/kernel/hostname': 'worker-3\n' }).name,
      'worker-3',
    );
    const manifest = JSON.stringify({ at: '2026-01-02T03:04:05Z', node: 'node-1' });
    const recorded = host(test, {
      'proc/meminfo': '',
      'recording.json': manifest,
      'proc/sys/kernel/hostname': 'worker-3\n',
    });
    assert.equal(recorded.name, 'node-1');
    assert.equal(recorded.recording?.at, '2026-01-02T03:04:05Z');
    assert.equal(recorded.recording?.isLast, true);
  });

  it('refuses a recording with a broken manifest and names the file', (test) => {
    assert.throws(
      () => host(test, { 'proc/meminfo': '', 'recording.json': '{"at":1}' }),
      /recording\.json: expected \{"at": <RFC 3339>/,
    );
  });

  it('returns the machine from the manifest of a recording, and refuses a broken one', (test) => {
    const recordedOn = (machine?: unknown) =>
      host(test, { 'proc/meminfo': '', 'recording.json': JSON.stringify({ node: 'node-1', machine }) });
    assert.equal('machine' in recordedOn(), false);
    assert.deepEqual(recordedOn({ pageBytes: 65_536, cpus: 8 }).machine, { pageBytes: 65_536, cpus: 8 });
    for (const broken of [{ pageBytes: 4096 }, { pageBytes: 0, cpus: 1 }, 'x', null])
      assert.throws(() => recordedOn(broken), /recording\.json: expected/);
  });

  it('refuses a root without cgroups and without meminfo', (test) => {
    assert.throws(
      () => host(test, { 'etc/': '' }),
      /expected sys\/fs\/cgroup with the memory controller, or proc\/meminfo, got neither/,
    );
  });

  it('refuses a root that is no directory', () => {
    const open = () => openHost({ root: '/nowhere', ...plain });
    assert.throws(open, /\/nowhere: expected a directory .* check --root/);
  });
});
