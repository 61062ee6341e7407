/** Readings from the text of the kernel's files. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CgroupGone, type RawCgroup } from '../../src/model/cgroup.ts';
import { readingOf } from '../../src/probe/reading.ts';

const raw = (files: Readonly<Record<string, string>>): RawCgroup => ({
  id: { path: '/docker/abc', inode: 7 },
  read: (file) => (files[file] === undefined ? undefined : new TextEncoder().encode(files[file])),
});

const v2 = {
  'memory.current': '104857600\n',
  'memory.stat':
    'anon 4194304\nactive_anon 0\ninactive_anon 4194304\nactive_file 33554432\ninactive_file 62914560\nslab_reclaimable 1048576\nworkingset_refault_anon 1\nworkingset_refault_file 42\npgmajfault 3\n',
  'memory.pressure':
    'some avg10=0.00 avg60=0.00 avg300=0.00 total=113850\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=5\n',
  'io.stat': '254:0 rbytes=8192 wbytes=4096 rios=2 wios=1 dbytes=0 dios=0\n',
};

describe('readingOf', () => {
  it('reads all figures of cgroup v2', () =>
    assert.deepEqual(readingOf(raw(v2), 2, 1000), {
      at: 1000,
      usageBytes: 104_857_600,
      realBytes: 8_388_608,
      cacheBytes: 96_468_992,
      rereads: 42,
      majorFaults: 3,
      kernelBytes: 1_048_576,
      stalledMs: 113.85,
      readBytes: 8192,
    }));

  it('knows that a cgroup read nothing from disk, and that it does not know without the io controller', () => {
    assert.equal(readingOf(raw({ ...v2, 'io.stat': '' }), 2, 0).readBytes, 0);
    const { 'io.stat': _, ...without } = v2;
    assert.equal(readingOf(raw(without), 2, 0).readBytes, undefined);
  });

  it('reads the hierarchical figures of cgroup v1, which has no PSI per cgroup', () => {
    const stat = 'active_file 1\ninactive_file 1\nworkingset_refault_file 1\npgmajfault 1\n';
    const files = {
      'memory.usage_in_bytes': '104857600\n',
      'memory.kmem.usage_in_bytes': '2097152\n',
      'memory.stat': `${stat}total_active_anon 0\ntotal_inactive_anon 4194304\ntotal_active_file 33554432\ntotal_inactive_file 62914560\ntotal_workingset_refault_file 42\ntotal_pgmajfault 3\n`,
    };
    assert.deepEqual(readingOf(raw(files), 1, 5), {
      at: 5,
      usageBytes: 104_857_600,
      realBytes: 8_388_608,
      cacheBytes: 96_468_992,
      rereads: 42,
      majorFaults: 3,
      kernelBytes: 2_097_152,
    });
    const { 'memory.kmem.usage_in_bytes': _, ...uncounted } = files;
    assert.equal(readingOf(raw(uncounted), 1, 5).kernelBytes, undefined);
  });

  it('says which key a kernel lacks', () => {
    const old = { ...v2, 'memory.stat': v2['memory.stat'].replace(/^workingset_refault.*\n/gm, '') };
    assert.throws(
      () => readingOf(raw(old), 2, 0),
      /\/docker\/abc\/memory\.stat: expected workingset_refault_file/,
    );
  });

  it('says that the container is gone when its files are', () =>
    assert.throws(() => readingOf(raw({}), 2, 0), CgroupGone));
});
