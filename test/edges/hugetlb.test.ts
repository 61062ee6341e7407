import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { hugePageSizes, withHugetlb } from '../../src/edges/hugetlb.ts';
import type { RawCgroup } from '../../src/model/cgroup.ts';
import { lay, tempDir } from '../temp.ts';

const memory = (path: string): RawCgroup => ({
  id: { path, inode: 1 },
  read: (file) => (file === 'memory.stat' ? Buffer.from('stat') : undefined),
});

describe('withHugetlb', () => {
  it('returns the hugetlb files of a cgroup next to its memory files', (test) => {
    const directory = path.join(tempDir(test), 'hugetlb');
    lay(directory, { 'a/hugetlb.2MB.usage_in_bytes': '7\n' });
    const tree = {
      walk: (visit: (raw: RawCgroup) => boolean) => [memory('/a'), memory('/b')].map(visit) && [],
      *scan() {},
      close() {},
    };
    const found: (string | undefined)[] = [];
    withHugetlb(tree, directory, '/').walk((raw) => {
      for (const file of ['memory.stat', 'hugetlb.2MB.usage_in_bytes', 'hugetlb.1GB.usage_in_bytes'])
        found.push(raw.read(file)?.toString());
      return true;
    });
    // The hugetlb hierarchy lacks /b.
    assert.deepEqual(found, ['stat', '7\n', undefined, 'stat', undefined, undefined]);
  });

  it('finds the files of /a/b when the mounted cgroup is /a', (test) => {
    const directory = tempDir(test);
    lay(directory, { 'b/hugetlb.2MB.usage_in_bytes': '7\n' });
    const tree = {
      walk: (visit: (raw: RawCgroup) => boolean) => [memory('/a/b')].map(visit) && [],
      *scan() {},
      close() {},
    };
    let found: string | undefined;
    withHugetlb(tree, directory, '/a').walk((raw) => {
      found = raw.read('hugetlb.2MB.usage_in_bytes')?.toString();
      return true;
    });
    assert.equal(found, '7\n');
  });
});

describe('hugePageSizes', () => {
  const v1 = (controllers: readonly string[]) =>
    [{ version: 1, mountPoint: '/memory', root: '/', controllers }] as const;
  const memory = { version: 1, mountPoint: '/memory' } as const;
  const kernel = (test: TestContext): string => {
    const directory = tempDir(test);
    for (const size of [64, 2048, 1_048_576]) fs.mkdirSync(`${directory}/hugepages-${size}kB`);
    return directory;
  };

  it('lists the sizes of the kernel as the files of the controller name them', (test) => {
    const sizes = hugePageSizes('/', memory, v1(['memory', 'hugetlb']), kernel(test));
    assert.deepEqual(sizes?.toSorted(), ['1GB', '2MB', '64KB']);
  });

  it('lists none if no v1 hierarchy has the controller', (test) =>
    assert.deepEqual(hugePageSizes('/', memory, v1(['memory']), kernel(test)), []));

  it('lists none if v2 does not have the controller', (test) => {
    const root = tempDir(test);
    lay(root, { 'a/cgroup.controllers': 'cpu memory\n', 'b/cgroup.controllers': 'hugetlb memory\n' });
    const at = (mountPoint: string) =>
      hugePageSizes(root, { version: 2, mountPoint }, undefined, kernel(test))?.length;
    assert.deepEqual([at('a'), at('b')], [0, 3]);
  });

  it('is unknown if the list of the kernel is not visible', (test) =>
    assert.equal(hugePageSizes('/', memory, v1(['hugetlb']), `${tempDir(test)}/none`), undefined));
});
