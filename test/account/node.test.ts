import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { accountNode } from '../../src/account/node.ts';
import { type Bytes, bytes } from '../../src/model/bytes.ts';
import type { Meminfo } from '../../src/model/meminfo.ts';
import { parseMeminfo } from '../../src/sample/meminfo.ts';

const host = (name: string) =>
  accountNode(
    parseMeminfo(
      '/proc/meminfo',
      fs.readFileSync(new URL(`../../fixtures/hosts/${name}/root/proc/meminfo`, import.meta.url)),
    ),
  );

const kB = (n: number): Bytes => bytes(n * 1024);

describe('the founding document’s host', () => {
  const node = host('founding-document');

  it('holds the three equations of its table', () => {
    const {
      totalBytes: total,
      usedBytes: used,
      freeBytes: free,
      buffersBytes: buffer,
      cachedBytes: cache,
    } = node;
    assert.equal(node.asPublished.realUsedBytes, used - buffer - cache);
    assert.equal(node.asPublished.realFreeBytes, free + buffer + cache);
    assert.equal(total, used + free);
  });

  it('is 36,024,632 kB used as published', () =>
    assert.equal(node.asPublished.realUsedBytes, kB(36_024_632)));

  it('is 107,847,320 kB used with tmpfs kept in', () => {
    assert.equal(node.realUsedBytes, kB(107_847_320));
    assert.equal(node.realUsedBytes, node.asPublished.realUsedBytes + (node.sharedBytes ?? 0));
  });

  it('has the swap of its table', () =>
    assert.deepEqual([node.swapTotalBytes, node.swapUsedBytes], [kB(16_777_212), kB(1_277_964)]));

  it('was read at another moment for its printed /proc/meminfo: 36,026,248 kB', () =>
    assert.equal(host('founding-document-meminfo').asPublished.realUsedBytes, kB(36_026_248)));
});

describe('a node', () => {
  const smallest: Meminfo = {
    memTotal: bytes(1000),
    memFree: bytes(400),
    buffers: bytes(10),
    cached: bytes(200),
  };

  it('without shared memory has no honest figure: absent is not zero', () => {
    const node = accountNode(smallest);
    assert.deepEqual(node, {
      ...{ totalBytes: 1000, freeBytes: 400, usedBytes: 600, buffersBytes: 10, cachedBytes: 200 },
      asPublished: { realUsedBytes: 390, realFreeBytes: 610 },
    });
  });

  it('with no shared memory in use has one', () =>
    assert.equal(accountNode({ ...smallest, shmem: bytes(0) }).realUsedBytes, 390));

  it('has no swap used where it does not say what is free of it', () => {
    const node = accountNode({ ...smallest, swapTotal: bytes(50) });
    assert.deepEqual([node.swapTotalBytes, 'swapUsedBytes' in node], [50, false]);
  });

  it('carries along what the kernel estimates', () => {
    const node = accountNode({ ...smallest, memAvailable: bytes(700), slabReclaimable: bytes(30) });
    assert.deepEqual([node.availableBytes, node.slabReclaimableBytes], [700, 30]);
  });

  it('adds up to its total, both ways of counting', () => {
    const amount = fc.nat(2 ** 40).map(bytes);
    const info = fc.record({
      memTotal: amount,
      memFree: amount,
      buffers: amount,
      cached: amount,
      shmem: amount,
    });
    fc.assert(
      fc.property(info, (meminfo) => {
        const {
          totalBytes,
          realUsedBytes = 0,
          realFreeBytes = 0,
          asPublished,
          sharedBytes = 0,
        } = accountNode(meminfo);
        assert.equal(realUsedBytes + realFreeBytes, totalBytes);
        assert.equal(asPublished.realUsedBytes + asPublished.realFreeBytes, totalBytes);
        assert.equal(realUsedBytes - asPublished.realUsedBytes, sharedBytes);
      }),
    );
  });
});
