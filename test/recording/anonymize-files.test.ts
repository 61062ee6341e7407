import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Anonymizer } from '../../src/recording/anonymize.ts';
import { anonymizeFile } from '../../src/recording/anonymize-files.ts';
import { parseMountinfo } from '../../src/sample/mountinfo.ts';
import { parseProcessCgroup } from '../../src/sample/process-cgroup.ts';

const anonymizer = new Anonymizer((text) => createHmac('sha256', 'one').update(text).digest('hex'));

describe('anonymized files', () => {
  const rewritten = (file: string, text: string): string =>
    Buffer.from(anonymizeFile(file, Buffer.from(text), anonymizer)).toString();

  it('are unchanged if they contain no names', () =>
    assert.equal(rewritten('proc/meminfo', 'MemTotal: 1 kB\n'), 'MemTotal: 1 kB\n'));

  it('locate the same mounts under other names', () => {
    const line =
      '35 31 0:32 /docker/acme /host/sys/fs/cgroup/memory rw,relatime shared:9 - cgroup acme rw,memory,release_agent=/acme\n';
    const made = rewritten('proc/self/mountinfo', line);
    assert.doesNotMatch(made, /acme/);
    assert.match(
      made,
      /^35 31 0:32 \/docker\/n[0-9a-f]{12} \/host\/sys\/fs\/cgroup\/memory rw,relatime - cgroup cgroup rw,memory\n$/,
    );
  });

  it('of processes contain only figures', () => {
    assert.match(rewritten('proc/7/stat', '7 (ac) me) S 1 2\n'), /^7 \(n[0-9a-f]{12}\) S 1 2\n$/);
    assert.match(
      rewritten('proc/7/status', 'Name:\tacme\nVmRSS:\t  5 kB\n'),
      /^Name:\tn[0-9a-f]{12}\nVmRSS:\t {2}5 kB\n$/,
    );
    const cgroups = rewritten(
      'proc/7/cgroup',
      `9:memory:/acme\n1:name=acme:/\n0::/system.slice/acme.service\n`,
    );
    assert.doesNotMatch(cgroups, /acme/);
    assert.ok(cgroups.startsWith(`9:memory:${anonymizer.cgroup('/acme')}\n`));
  });

  it('are made from any bytes without an error', () =>
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.constantFrom('proc/self/mountinfo', 'proc/7/stat', 'proc/7/status', 'proc/7/cgroup'),
        (content, file) => void anonymizeFile(file, content, anonymizer),
      ),
    ));
});

describe('anonymizeFile', () => {
  const rewritten = (file: string, text: string): string =>
    Buffer.from(anonymizeFile(file, Buffer.from(text), anonymizer)).toString();

  it('returns the same bytes for a file without names, even if they are not UTF-8', () => {
    const content = new Uint8Array([0xff, 0x0a]);
    for (const file of [
      'proc/meminfo',
      'proc/7/statm',
      'proc/7/smaps_rollup',
      'proc/7/constructor',
      'x/proc/7/stat',
    ])
      assert.equal(anonymizeFile(file, content, anonymizer), content, file);
  });

  it('keeps a missing final line break missing, and an empty file empty', () => {
    assert.equal(rewritten('proc/7/status', ''), '');
    assert.match(rewritten('proc/7/status', 'Name:\tacme'), /^Name:\tn[0-9a-f]{12}$/);
    assert.match(rewritten('proc/7/stat', '7 (acme) S 1'), /^7 \(n[0-9a-f]{12}\) S 1$/);
  });

  it('gives the same name in stat and in status', () => {
    const [, inStat] = /\((.*)\)/.exec(rewritten('proc/7/stat', '7 (acme) S 1\n')) ?? [];
    assert.equal(rewritten('proc/7/status', 'Name:\tacme\n'), `Name:\t${inStat}\n`);
  });

  it('replaces a process name with line breaks and brackets as a whole', () => {
    for (const name of ['x) acme\nb', 'x)\nacme(', 'acme\n(x', '\nacme)', ') S acme (']) {
      const made = rewritten('proc/7/stat', `7 (${name}) S 1 2\n`);
      assert.equal(made, `7 (${anonymizer.name(name)}) S 1 2\n`);
    }
  });

  it('drops a stat of another form than the kernel writes', () => {
    for (const text of ['acme', '7 acme S 1\n', 'acme (x) S 1\n', '7 (x) S acme\n', '7 (x)', ')7 ('])
      assert.equal(rewritten('proc/7/stat', text), '', text);
  });

  it('contains no part of a process name, for any name', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('acme', '(', ')', ' ', '\n', '7', 'S'), { maxLength: 9 }),
        (parts) => {
          const made = rewritten('proc/7/stat', `7 (${parts.join('')}) S 1 -2\n`);
          assert.match(made, /^7 \(n[0-9a-f]{12}\) S 1 -2\n$/);
        },
      ),
    ));

  it('keeps the controllers of a hierarchy, and the name of systemd only', () => {
    const made = rewritten(
      'proc/7/cgroup',
      '9:cpu,memory:/acme\n2:name=systemd:/\n1:name=acme:/\n0::/acme\n',
    );
    const [memory, systemd, named, unified] = made.split('\n');
    assert.equal(memory, `9:cpu,memory:${anonymizer.cgroup('/acme')}`);
    assert.equal(systemd, '2:name=systemd:/');
    assert.match(named ?? '', /^1:name=n[0-9a-f]{12}:\/$/);
    assert.equal(unified, `0::${anonymizer.cgroup('/acme')}`);
  });

  it('keeps a colon in a path as a part of the path', () =>
    assert.equal(
      parseProcessCgroup('cgroup', Buffer.from(rewritten('proc/7/cgroup', '0::/acme:x\n')), 2),
      anonymizer.cgroup('/acme:x'),
    ));

  it('drops the optional fields and the options with a value of a mount, but not name=systemd', () => {
    const made = rewritten(
      'proc/self/mountinfo',
      '1 2 0:3 / /sys/fs/cgroup/systemd rw shared:9 master:1 - cgroup acme rw,xattr,release_agent=/acme,name=systemd,name=acme\n',
    );
    assert.equal(made, '1 2 0:3 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n');
  });

  it('keeps version, controllers and mount point of every recorded mount table', () => {
    const hosts = new URL('../../fixtures/hosts/', import.meta.url).pathname;
    const files = fs.globSync('*/root/proc/self/mountinfo', { cwd: hosts });
    assert.ok(files.length > 2);
    for (const file of files) {
      const text = fs.readFileSync(`${hosts}${file}`, 'utf8');
      const mounts = (of: string): unknown =>
        parseMountinfo(file, of).map(({ version, controllers, mountPoint }) => [
          ...[version, controllers, mountPoint],
        ]);
      assert.deepEqual(mounts(rewritten('proc/self/mountinfo', text)), mounts(text), file);
    }
  });
});
