import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { cgroupLines, findMemory, mountsOf } from '../../src/edges/hierarchy.ts';
import type { CgroupMount } from '../../src/model/cgroup.ts';
import { LocatedError } from '../../src/model/located-error.ts';
import { parseMountinfo } from '../../src/sample/mountinfo.ts';
import { lay, tempDir } from '../temp.ts';

const fixtures = new URL('../../fixtures/', import.meta.url).pathname;

/** A directory with these files, in place of a host's `/`. */
function rootWith(test: TestContext, files: Readonly<Record<string, string>>): string {
  const root = tempDir(test);
  lay(root, files);
  return root;
}

const v1 = (mountPoint: string, more: Partial<CgroupMount> = {}): CgroupMount => ({
  version: 1,
  mountPoint,
  root: '/',
  controllers: ['memory'],
  ...more,
});
const v2 = (mountPoint: string, more: Partial<CgroupMount> = {}): CgroupMount =>
  v1(mountPoint, { version: 2, controllers: [], ...more });

describe('cgroupLines', () => {
  it('keeps the v1 and v2 lines of a mount table, each with its newline', () => {
    const lines = [
      '32 25 0:26 / /sys/fs/cgroup rw shared:10 - cgroup2 cgroup2 rw,nsdelegate',
      '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
    ];
    assert.equal(
      cgroupLines(`22 1 8:1 / / rw - ext4 /dev/sda1 rw\n${lines.join('\n')}\n`),
      lines.map((line) => `${line}\n`).join(''),
    );
  });

  it('drops a mount whose path, source or longer type only contains the word cgroup', () =>
    assert.equal(
      cgroupLines(
        '22 1 8:1 / /cgroup rw - tmpfs cgroup rw\n23 1 8:2 / /x rw - cgroup3 x rw\n24 1 8:3 / /y rw - xcgroup y rw\n',
      ),
      undefined,
    ));

  it('returns undefined for an empty table', () => assert.equal(cgroupLines(''), undefined));

  it('keeps every line of the recorded tables, which have only cgroup mounts', () => {
    for (const name of ['kubernetes-v1', 'kubernetes-v2-systemd', 'docker-v1']) {
      const table = fs.readFileSync(path.join(fixtures, `hosts/${name}/root/proc/self/mountinfo`), 'utf8');
      assert.equal(cgroupLines(table), table, name);
    }
  });
});

describe('mountsOf', () => {
  const table = '35 31 0:32 / /m rw - cgroup cgroup rw,memory\n';

  it('reads the table below the root', (test) => {
    const root = rootWith(test, { 'proc/self/mountinfo': table });
    assert.deepEqual(mountsOf(root, parseMountinfo), { procRoot: root, table, mounts: [v1('/m')] });
  });

  it('returns an empty list, not undefined, for an empty table', (test) => {
    const root = rootWith(test, { 'proc/self/mountinfo': '' });
    assert.deepEqual(mountsOf(root, parseMountinfo), { procRoot: root, table: '', mounts: [] });
  });

  it('keeps a recorded mount point below the root when it contains `..` or is relative', (test) => {
    const hostile = ['/../../etc', '/a/../../../etc', '../../etc', 'etc', '/./etc/'];
    const root = rootWith(test, {
      'proc/self/mountinfo': hostile
        .map((point) => `35 31 0:32 / ${point} rw - cgroup cgroup rw,memory\n`)
        .join(''),
    });
    assert.deepEqual(
      mountsOf(root, parseMountinfo).mounts?.map(({ mountPoint }) => mountPoint),
      hostile.map(() => '/etc'),
    );
  });

  it('throws an error that names the file and the line of a malformed table', (test) => {
    const root = rootWith(test, { 'proc/self/mountinfo': `${table}broken\n` });
    assert.throws(
      () => mountsOf(root, parseMountinfo),
      (error) =>
        error instanceof LocatedError &&
        error.detail.where === path.join(root, 'proc/self/mountinfo') &&
        error.detail.line === 2,
    );
  });

  it('does not read our own table for a recording that has a proc without one', (test) => {
    const root = rootWith(test, { 'proc/meminfo': '' });
    assert.deepEqual(
      mountsOf(root, () => assert.fail('parsed a table')),
      { procRoot: root, table: undefined, mounts: undefined },
    );
  });

  it('uses our own table and /proc where only cgroups are mounted below the root', (test) => {
    const root = rootWith(test, { 'sys/fs/cgroup/': '' });
    const real = fs.realpathSync(root);
    const own = [
      v2('/sys/fs/cgroup'),
      v2(`${real}/sys/fs/cgroup`),
      v1(`${real}-other/memory`),
      v1(`${real}/memory`),
      v2(real),
    ];
    const files: string[] = [];
    const parse = (file: string) => {
      files.push(file);
      return own;
    };
    assert.deepEqual(mountsOf(root, parse), {
      procRoot: '/',
      table: undefined,
      mounts: [v2('/sys/fs/cgroup'), v1('/memory')],
    });
    assert.deepEqual(files, ['/proc/self/mountinfo']);
  });

  it('compares our own table with the real path of a root behind a link', (test) => {
    const root = rootWith(test, { 'host/sys/fs/cgroup/': '' });
    const link = path.join(root, 'link');
    fs.symlinkSync('host', link);
    const mounts = () => [v2(`${fs.realpathSync(root)}/host/sys/fs/cgroup`)];
    assert.deepEqual(mountsOf(link, mounts).mounts, [v2('/sys/fs/cgroup')]);
  });

  it('returns no mounts and the root’s own proc where our table shows nothing below the root', (test) => {
    const root = rootWith(test, { 'sys/fs/cgroup/': '' });
    assert.deepEqual(
      mountsOf(root, () => [v2('/sys/fs/cgroup')]),
      { procRoot: root, table: undefined, mounts: undefined },
    );
  });
});

describe('findMemory by the mount table', () => {
  const found = (
    test: TestContext,
    files: Readonly<Record<string, string>>,
    ...mounts: readonly CgroupMount[]
  ) => findMemory(rootWith(test, files), mounts);

  it('takes v2 when cgroup.controllers of its mount lists memory as a word', (test) => {
    for (const [text, isListed] of [
      ['memory\n', true],
      ['cpu memory pids', true],
      ['memory.x\n', false],
      ['nomemory hugetlb\n', false],
      ['', false],
    ] as const)
      assert.deepEqual(
        found(test, { 'm/cgroup.controllers': text }, v2('/m')),
        isListed
          ? { version: 2, mountPoint: '/m', mountRoot: '/' }
          : { why: 'The recording has no cgroup tree with the memory controller below sys/fs/cgroup.' },
        text,
      );
  });

  it('takes a v1 mount with the memory controller, although cpu is mounted before it', (test) =>
    assert.deepEqual(found(test, { 'c/': '', 'm/': '' }, v1('/c', { controllers: ['cpu'] }), v1('/m')), {
      version: 1,
      mountPoint: '/m',
      mountRoot: '/',
    }));

  it('skips a v1 mount whose directory is missing', (test) =>
    assert.deepEqual(found(test, { 'm/': '' }, v1('/missing'), v1('/m', { root: '/docker/a' })), {
      version: 1,
      mountPoint: '/m',
      mountRoot: '/docker/a',
    }));

  it('prefers the mount with the shortest root, and the first of equal ones', (test) => {
    const files = { 'a/': '', 'b/': '', 'c/': '' };
    assert.deepEqual(found(test, files, v1('/a', { root: '/docker' }), v1('/b'), v1('/c')), {
      version: 1,
      mountPoint: '/b',
      mountRoot: '/',
    });
  });

  it('falls back to the standard paths when no mount is usable', (test) =>
    assert.deepEqual(
      found(test, { 'sys/fs/cgroup/cgroup.controllers': 'memory\n' }, v1('/c', { controllers: ['cpu'] })),
      { version: 2, mountPoint: '/sys/fs/cgroup', mountRoot: '/' },
    ));
});

describe('findMemory by the standard paths', () => {
  const at = (version: 1 | 2, mountPoint: string) => ({ version, mountPoint, mountRoot: '/' });
  const controllers = { 'sys/fs/cgroup/cgroup.controllers': 'memory\n' };
  const memory = { 'sys/fs/cgroup/memory/': '' };
  const unified = { 'sys/fs/cgroup/unified/cgroup.controllers': 'memory\n' };

  it('takes v2, then v1, then v2 of a hybrid host, in this order', (test) => {
    for (const [files, expected] of [
      [{ ...controllers, ...memory, ...unified }, at(2, '/sys/fs/cgroup')],
      [{ ...memory, ...unified }, at(1, '/sys/fs/cgroup/memory')],
      [unified, at(2, '/sys/fs/cgroup/unified')],
    ] as const)
      assert.deepEqual(findMemory(rootWith(test, files), undefined), expected);
  });

  it('takes v2 when any recorded cgroup has memory.current, even an empty one', (test) =>
    assert.deepEqual(
      findMemory(rootWith(test, { 'sys/fs/cgroup/a/b/memory.current': '' }), undefined),
      at(2, '/sys/fs/cgroup'),
    ));

  it('gives a reason for a recording without memory, and for one without any file', (test) => {
    const reason = (root: string) => (findMemory(root, undefined) as { why?: string }).why;
    const missing = 'The recording has no cgroup tree with the memory controller below sys/fs/cgroup.';
    assert.equal(reason(rootWith(test, {})), missing);
    assert.equal(reason(rootWith(test, { 'sys/fs/cgroup/cpu/x/cpu.stat': '' })), missing);
    assert.equal(reason('/nonexistent'), missing);
  });

  it('does not follow a recorded link to find memory.current', (test) => {
    const outside = rootWith(test, { 'x/memory.current': '1\n' });
    const root = rootWith(test, { 'sys/fs/cgroup/cpu/': '' });
    fs.symlinkSync(outside, path.join(root, 'sys/fs/cgroup/link'));
    assert.ok('why' in findMemory(root, undefined));
  });
});
