import assert from 'node:assert/strict';
import fs from 'node:fs';
import { it } from 'node:test';
import { CgroupFiles, Reading } from '../../src/edges/cgroup-files.ts';

it('reads a file that the kernel gives a page at a time to its end', (test) => {
  // The mappings of a process come as cgroup.procs does: a page with each read, however large the buffer.
  const file = '/proc/self/maps';
  const files = new CgroupFiles('/proc/self', new Reading([], 0, true));
  test.after(() => files.close());
  const text = Buffer.from(files.read('maps') ?? []).toString();
  const [page, whole] = [Buffer.alloc(65_536), fs.readFileSync(file, 'utf8')];
  const descriptor = fs.openSync(file, 'r');
  test.after(() => fs.closeSync(descriptor));
  assert.ok(fs.readSync(descriptor, page) < whole.length, 'one read gave all of it: nothing is shown here');
  // Mappings come meanwhile; those at the top of the address space stay.
  assert.deepEqual(text.split('\n').slice(-3), whole.split('\n').slice(-3));
});
