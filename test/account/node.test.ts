import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { accountNode } from '../../src/account/node.ts';
import { type Bytes, bytes } from '../../src/model/bytes.ts';
import type { RootCgroup } from '../../src/model/cgroup.ts';
import type { Arcstats, Meminfo } from '../../src/model/meminfo.ts';
import { parseMeminfo } from '../../src/sample/meminfo.ts';

const host = (name: string) =>
  accountNode(
    parseMeminfo(
      '/proc/meminfo',
      fs.readFileSync(new URL(`../../fixtures/hosts/${name}/root/proc/meminfo`, import.meta.url)),
      () => assert.fail('there was a fault'),
    ),
  );

const kB = (n: number): Bytes => bytes(n * 1024);

describe('the host of the article', () => {
  const node = host('article');

  it('satisfies the three equations of the article’s table', () => {
    const {
      totalBytes: total,
      usedBytes: used = 0,
      freeBytes: free = 0,
      buffersBytes: buffer = 0,
      cachedBytes: cache = 0,
    } = node;
    assert.equal(node.asPublished?.realUsedBytes, used - buffer - cache);
    assert.equal(node.asPublished?.realFreeBytes, free + buffer + cache);
    assert.equal(total, used + free);
  });

  it('uses 36,024,632 kB by the article’s formula', () =>
    assert.equal(node.asPublished?.realUsedBytes, kB(36_024_632)));

  it('uses 107,847,320 kB with tmpfs', () => {
    assert.equal(node.realUsedBytes, kB(107_847_320));
    assert.equal(node.realUsedBytes, (node.asPublished?.realUsedBytes ?? 0) + (node.sharedBytes ?? 0));
  });

  it('has the swap of the article’s table', () =>
    assert.deepEqual([node.swapTotalBytes, node.swapUsedBytes], [kB(16_777_212), kB(1_277_964)]));

  it('was read at another moment for its printed /proc/meminfo: 36,026,248 kB', () =>
    assert.equal(host('article-meminfo').asPublished?.realUsedBytes, kB(36_026_248)));
});

describe('accountNode', () => {
  const smallest: Meminfo = {
    memTotal: bytes(1000),
    memFree: bytes(400),
    buffers: bytes(10),
    cached: bytes(200),
  };

  it('gives no real without Shmem', () => {
    const node = accountNode(smallest);
    assert.deepEqual(node, {
      ...{ totalBytes: 1000, freeBytes: 400, usedBytes: 600, buffersBytes: 10, cachedBytes: 200 },
      asPublished: { realUsedBytes: 390, realFreeBytes: 610 },
    });
  });

  it('gives a real if Shmem is zero', () =>
    assert.equal(accountNode({ ...smallest, shmem: bytes(0) }).realUsedBytes, 390));

  it('gives no used swap without SwapFree', () => {
    const node = accountNode({ ...smallest, swapTotal: bytes(50) });
    assert.deepEqual([node.swapTotalBytes, 'swapUsedBytes' in node], [50, false]);
  });

  const workingSetOf = (root: Readonly<Record<string, number>>): number | undefined =>
    accountNode(smallest, undefined, root as RootCgroup).workingSetBytes;

  it('gives the working set of a root with a usage as usage − inactive_file', () => {
    assert.equal(workingSetOf({ usage: 700, inactiveFile: 90 }), 610);
    assert.equal(workingSetOf({ usage: 700, inactiveFile: 90, anon: 1, file: 2 }), 610);
  });

  it('gives the working set of a root without a usage as anon + file − inactive_file', () =>
    assert.equal(workingSetOf({ anon: 300, file: 400, inactiveFile: 90 }), 610));

  it('gives a working set of 0 if inactive_file exceeds usage, as the kubelet does', () =>
    assert.equal(workingSetOf({ usage: 80, inactiveFile: 90 }), 0));

  it('gives no working set if a figure is missing, or if it exceeds the memory of the node', () => {
    for (const root of [
      {},
      { usage: 700 },
      { anon: 300, inactiveFile: 90 },
      { file: 400, inactiveFile: 90 },
      { usage: 1100, inactiveFile: 99 },
    ])
      assert.equal(workingSetOf(root), undefined, JSON.stringify(root));
    assert.equal(workingSetOf({ usage: 1100, inactiveFile: 100 }), 1000);
  });

  it('keeps the kernel’s own estimate MemAvailable', () => {
    const node = accountNode({ ...smallest, memAvailable: bytes(700), slabReclaimable: bytes(30) });
    assert.deepEqual([node.availableBytes, node.slabReclaimableBytes], [700, 30]);
  });

  it('adds up to the total by both formulas, or gives no figure, for any input', () => {
    const amount = fc.nat(2 ** 20);
    const names = ['MemTotal', 'MemFree', 'Buffers', 'Cached', 'Shmem', 'SwapTotal', 'SwapFree', 'Hugetlb'];
    const arc = fc.option(fc.record({ size: amount, least: amount, evictable: amount }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.tuple(
          ...names.map((name) => (name === 'MemTotal' ? fc.integer({ min: 1, max: 2 ** 20 }) : amount)),
        ),
        arc,
        (amounts, arcstats) => {
          const text = names.map((name, index) => `${name}: ${amounts[index]} kB\n`).join('');
          const info = parseMeminfo('/proc/meminfo', new TextEncoder().encode(text), () => {});
          const node = accountNode(info, arcstats as unknown as Arcstats | undefined);
          const { totalBytes, usedBytes = 0, realUsedBytes, realFreeBytes, asPublished } = node;
          for (const figure of Object.values(node))
            if (typeof figure === 'number') assert.ok(figure >= 0, JSON.stringify(node));
          assert.ok((node.swapUsedBytes ?? 0) <= (node.swapTotalBytes ?? 0));
          const {
            zfsCacheBytes: cache = 0,
            zfsCacheDroppableBytes: droppable = 0,
            hugePagesBytes = 0,
          } = node;
          assert.ok(droppable <= cache && cache + hugePagesBytes <= (realUsedBytes ?? 0));
          if (asPublished !== undefined)
            assert.equal(asPublished.realUsedBytes + asPublished.realFreeBytes, totalBytes);
          if (realUsedBytes === undefined) return;
          assert.ok(realUsedBytes <= usedBytes && usedBytes <= totalBytes);
          assert.equal(realUsedBytes + (realFreeBytes ?? Number.NaN), totalBytes);
          assert.equal(realUsedBytes - (asPublished?.realUsedBytes ?? 0), node.sharedBytes);
        },
      ),
    );
  });

  it('gives the ZFS cache within real, and its droppable part', () => {
    const known = { ...smallest, shmem: bytes(0) };
    const of = (size: number, least?: number, evictable?: number) => {
      const arc = {
        size,
        ...(least !== undefined && { least }),
        ...(evictable !== undefined && { evictable }),
      };
      const { zfsCacheBytes, zfsCacheDroppableBytes } = accountNode(known, arc as Arcstats);
      return [zfsCacheBytes, zfsCacheDroppableBytes];
    };
    assert.deepEqual(of(300, 100, 150), [300, 150]);
    assert.deepEqual(of(300, 200, 150), [300, 100]);
    assert.deepEqual(of(300, 400, 150), [300, 0]);
    assert.deepEqual(of(300, 400), [300, undefined]);
    assert.deepEqual(of(300, undefined, 150), [300, undefined]);
    assert.deepEqual(of(0, 0, 0), [undefined, undefined], 'no pool');
    // The real of this node is 390, so a larger cache belongs to another machine.
    assert.deepEqual(of(391, 100, 150), [undefined, undefined]);
  });

  it('gives the huge pages within real, and the used part of them', () => {
    const of = (pages: Partial<Record<keyof Meminfo, number>>) => {
      const { hugePagesBytes, hugePagesUsedBytes } = accountNode({
        ...smallest,
        shmem: bytes(0),
        ...(pages as Partial<Meminfo>),
      });
      return [hugePagesBytes, hugePagesUsedBytes];
    };
    const size = { hugePageSize: 10 };
    assert.deepEqual(of({ hugePages: 20, hugePagesFree: 20, ...size, hugetlb: 200 }), [200, 0]);
    assert.deepEqual(of({ hugePages: 20, hugePagesFree: 5, ...size }), [200, 150]);
    // With pages of another size too, the used part is unknown.
    assert.deepEqual(of({ hugePages: 20, hugePagesFree: 5, ...size, hugetlb: 300 }), [300, undefined]);
    assert.deepEqual(of({ hugePages: 0, hugePagesFree: 0, ...size, hugetlb: 0 }), [undefined, undefined]);
    assert.deepEqual(of({ hugePages: 20, ...size }), [200, undefined]);
    assert.deepEqual(of({ hugePages: 2000, hugePagesFree: 0, ...size }), [undefined, undefined]);
  });

  it('gives no real if a part exceeds its whole', () => {
    for (const wrong of [{ cached: 700 }, { shmem: 300 }, { memFree: 1001 }, { swapFree: 60 }]) {
      const node = accountNode({
        ...smallest,
        ...{ shmem: bytes(0), swapTotal: bytes(50) },
        ...(wrong as object),
      });
      const { realUsedBytes, swapUsedBytes } = node;
      assert.deepEqual(
        [realUsedBytes, swapUsedBytes],
        'swapFree' in wrong ? [390, undefined] : [undefined, undefined],
      );
    }
  });
});
