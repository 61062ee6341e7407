import assert from 'node:assert/strict';
import fs from 'node:fs';
import { it } from 'node:test';
import { CgroupFiles, CgroupReader } from '../../src/edges/cgroup-files.ts';

it('reads /proc/self/maps to its end although the kernel returns one page per read', (test) => {
  // Like cgroup.procs, the kernel returns at most one page of it per read, for any buffer size.
  const file = '/proc/self/maps';
  const files = new CgroupFiles('/proc/self', new CgroupReader([], 0, true));
  test.after(() => files.close());
  const text = Buffer.from(files.read('maps') ?? []).toString();
  const [page, whole] = [Buffer.alloc(65_536), fs.readFileSync(file, 'utf8')];
  const descriptor = fs.openSync(file, 'r');
  test.after(() => fs.closeSync(descriptor));
  assert.ok(
    fs.readSync(descriptor, page) < whole.length,
    'one read returned the whole file: the test proves nothing',
  );
  // Mappings may change meanwhile, except those at the top of the address space.
  assert.deepEqual(text.split('\n').slice(-3), whole.split('\n').slice(-3));
});
