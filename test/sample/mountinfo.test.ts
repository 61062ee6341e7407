import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CgroupMount } from '../../src/model/cgroup.ts';
import { LocatedError } from '../../src/model/located-error.ts';
import { parseMountinfo } from '../../src/sample/mountinfo.ts';
import { faultOf } from '../any-bytes.ts';
import { anyText } from '../model/any-text.ts';

const parse = (text: string): readonly CgroupMount[] => parseMountinfo('/proc/self/mountinfo', text);

const v2 = `22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
24 22 0:22 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw
35 23 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
`;

const v1 = `29 23 0:26 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,mode=755
31 29 0:28 / /sys/fs/cgroup/systemd rw,nosuid shared:11 - cgroup cgroup rw,xattr,name=systemd
34 29 0:31 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:14 - cgroup cgroup rw,cpu,cpuacct
37 29 0:34 / /sys/fs/cgroup/memory rw,nosuid shared:17 - cgroup cgroup rw,memory
`;

const hybrid = `${v1}30 29 0:27 / /sys/fs/cgroup/unified rw,nosuid shared:10 - cgroup2 cgroup2 rw,nsdelegate
`;

/** The mounts that may have the memory controller. For v2 the table does not say: only the mount itself does. */
const mayHaveMemory = (text: string): readonly (readonly [number, string])[] =>
  parse(text)
    .filter(({ version, controllers }) => version === 2 || controllers.includes('memory'))
    .map(({ version, mountPoint }) => [version, mountPoint]);

describe('parseMountinfo', () => {
  it('finds the mount of a v2 host', () =>
    assert.deepEqual(parse(v2), [{ version: 2, mountPoint: '/sys/fs/cgroup', root: '/', controllers: [] }]));

  it('finds the memory mount of a v1 host', () =>
    assert.deepEqual(mayHaveMemory(v1), [[1, '/sys/fs/cgroup/memory']]));

  it('finds both mounts of a hybrid host, memory on v1', () =>
    assert.deepEqual(mayHaveMemory(hybrid), [
      [1, '/sys/fs/cgroup/memory'],
      [2, '/sys/fs/cgroup/unified'],
    ]));

  it('returns the controllers of each v1 hierarchy, and none for a named one', () => {
    const controllers = parse(v1).map((mount) => [mount.mountPoint, mount.controllers]);
    assert.deepEqual(controllers, [
      ['/sys/fs/cgroup/systemd', []],
      ['/sys/fs/cgroup/cpu,cpuacct', ['cpu', 'cpuacct']],
      ['/sys/fs/cgroup/memory', ['memory']],
    ]);
  });

  it('finds no memory in a hierarchy that is only named so', () =>
    assert.deepEqual(mayHaveMemory('31 29 0:28 / /x rw - cgroup cgroup rw,name=memory\n'), []));

  it('keeps the order of the table', () =>
    assert.deepEqual(
      parse(hybrid).map(({ mountPoint }) => mountPoint.replace('/sys/fs/cgroup/', '')),
      ['systemd', 'cpu,cpuacct', 'memory', 'unified'],
    ));

  it('returns the mounted part of a hierarchy', () => {
    const bind =
      '900 800 0:30 /kubepods.slice/kubepods-pod1.slice /host/sys/fs/cgroup ro - cgroup2 cgroup rw\n';
    assert.deepEqual(parse(bind), [
      {
        version: 2,
        mountPoint: '/host/sys/fs/cgroup',
        root: '/kubepods.slice/kubepods-pod1.slice',
        controllers: [],
      },
    ]);
    assert.equal(parse('31 29 0:28 /../.. /x rw - cgroup2 cgroup rw\n')[0]?.root, '/../..');
  });

  it('decodes the octal escapes of space, tab, newline and backslash', () => {
    const [mount] = parse('31 29 0:28 /a\\134x2d /mnt/a\\040b\\011c\\012d\\134e rw - cgroup2 cgroup rw\n');
    assert.equal(mount?.mountPoint, '/mnt/a b\tc\nd\\e');
    assert.equal(mount?.root, '/a\\x2d');
  });

  for (const optional of ['', 'shared:1 ', 'master:2 ', 'shared:1 master:2 propagate_from:3 unbindable '])
    it(`accepts the optional fields "${optional}"`, () =>
      assert.equal(parse(`31 29 0:28 / /x rw ${optional}- cgroup2 cgroup rw\n`)[0]?.mountPoint, '/x'));

  it('takes no mount point named - for the separator', () =>
    assert.equal(parse('31 29 0:28 / - rw - cgroup2 cgroup rw\n')[0]?.mountPoint, '-'));

  it('parses a file without a final newline', () => assert.deepEqual(parse(v2.trimEnd()), parse(v2)));

  it('accepts an empty file', () => assert.deepEqual(parse(''), []));

  for (const line of [
    'x',
    '31 29 0:28 / /x rw cgroup2 cgroup rw',
    '31 29 0:28 / /x rw - cgroup2 cgroup',
    '-',
  ])
    it(`rejects the line "${line}"`, () =>
      assert.deepEqual(faultOf(() => parse(`${v2}${line}\n`)).detail, {
        where: '/proc/self/mountinfo',
        line: 4,
        expected: 'a mount as in proc_pid_mountinfo(5)',
        got: `"${line}"`,
      }));

  it('gives mounts or a located error for any text', () => {
    const piece = fc.oneof(fc.constantFrom(' ', '-', ' - ', '\n', '\\', '\\999', 'cgroup2'), anyText());
    fc.assert(
      fc.property(fc.nat(hybrid.length), fc.nat(9), piece, (at, gone, text) => {
        try {
          parse(hybrid.slice(0, at) + text + hybrid.slice(at + gone));
        } catch (error) {
          assert.ok(error instanceof LocatedError, String(error));
          assert.match(error.message, /^\/proc\/self\/mountinfo:\d+: expected/);
          assert.doesNotMatch(error.message, /\p{Cc}/u);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
