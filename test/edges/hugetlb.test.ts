import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { withHugetlb } from '../../src/edges/hugetlb.ts';
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
