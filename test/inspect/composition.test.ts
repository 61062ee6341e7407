import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usageOf } from '../../src/account/memory.ts';
import { compositionOf } from '../../src/inspect/composition.ts';
import { type Bytes, bytes } from '../../src/model/bytes.ts';
import type { CgroupSample, MemoryStat } from '../../src/model/cgroup.ts';

const stat = (values: Readonly<Record<string, number>>): MemoryStat => values as MemoryStat;

const partsOf = (sample: Omit<CgroupSample, 'id' | 'faults'>): Record<string, Bytes | undefined> => {
  const whole: CgroupSample = { id: { path: '/a', inode: 1 }, faults: [], ...sample };
  const parts = compositionOf(whole, usageOf(whole));
  return Object.fromEntries(parts.map(({ name, bytes }) => [name, bytes]));
};

const sumOf = (parts: Record<string, Bytes | undefined>): number =>
  Object.values(parts).reduce<number>((sum, part) => sum + (part ?? 0), 0);

const v2 = {
  ...{ anon: 100, file: 90, shmem: 30, activeAnon: 50, inactiveAnon: 80, unevictable: 0 },
  ...{ activeFile: 40, inactiveFile: 20, kernel: 25, slabReclaimable: 10, sock: 5 },
};

describe('compositionOf', () => {
  it('splits usage on v2, with reclaimable slab as a part of its own', () => {
    const parts = partsOf({ version: 2, usage: bytes(223), stat: stat(v2) });
    assert.deepEqual(parts, {
      ...{ anonymous: 100, tmpfs: 30, kernel: 15, 'reclaimable slab': 10, sockets: 5, residual: 3 },
      ...{ 'active file': 40, 'inactive file': 20 },
    });
    assert.equal(sumOf(parts), 223);
  });

  it('splits usage on v1', () => {
    const { kernel: _, slabReclaimable: __, sock: ___, ...v1 } = v2;
    const parts = partsOf({ version: 1, usage: bytes(220), stat: stat(v1), kmem: bytes(30) });
    assert.deepEqual(parts, {
      ...{ anonymous: 100, tmpfs: 30, kernel: 30, residual: 0, 'active file': 40, 'inactive file': 20 },
    });
  });

  it('shows locked file pages as a part of their own', () => {
    const parts = partsOf({ version: 2, usage: bytes(233), stat: stat({ ...v2, unevictable: 10 }) });
    assert.equal(parts['locked file'], 10);
    assert.equal(sumOf(parts), 233);
  });

  it('counts lazily freed pages on the file list, not as anonymous', () => {
    const parts = partsOf({
      version: 2,
      usage: bytes(223),
      stat: stat({ ...v2, inactiveAnon: 60, inactiveFile: 40 }),
    });
    assert.deepEqual([parts['anonymous'], parts['inactive file']], [80, 40]);
    assert.equal(sumOf(parts), 223);
  });

  it('shows kernel memory and residual as one part if the kernel does not report kernel memory', () => {
    const { kernel: _, slabReclaimable: __, sock: ___, ...v1 } = v2;
    const parts = partsOf({ version: 1, usage: bytes(223), stat: stat(v1) });
    assert.deepEqual([parts['kernel, rest'], 'residual' in parts], [33, false]);
    assert.equal(sumOf(parts), 223);
  });

  it('derives tmpfs from the cache on no file list if memory.stat has no shmem', () => {
    const { shmem: _, kernel: __, sock: ___, ...old } = v2;
    assert.equal(partsOf({ version: 1, usage: bytes(223), stat: stat(old) })['tmpfs'], 30);
  });

  it('has no negative part if tmpfs or slab is larger than its whole', () => {
    for (const wrong of [{ shmem: 9000 }, { slabReclaimable: 400 }, { anon: 3, shmem: 9000 }]) {
      const { residual, ...parts } = partsOf({
        version: 2,
        usage: bytes(223),
        stat: stat({ ...v2, ...wrong }),
      });
      for (const [name, part = -1] of Object.entries(parts)) assert.ok(part >= 0, `${name} ${part}`);
      assert.equal(sumOf(parts) + (residual ?? Number.NaN), 223);
    }
  });

  it('leaves all parts absent without a memory.stat', () => {
    const parts = partsOf({ version: 2, usage: bytes(5) });
    assert.ok(Object.values(parts).every((part) => part === undefined));
  });
});
