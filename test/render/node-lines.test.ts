import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../src/model/bytes.ts';
import type { MemoryUsage } from '../../src/model/usage.ts';
import { heldLines, realSize } from '../../src/render/node-lines.ts';
import { nodeOf, recorded } from '../report/reports.ts';

const Gi = 1024 ** 3;

describe('realSize', () => {
  const of = (real: number | undefined, clamped?: boolean): string | undefined =>
    realSize({
      ...(real !== undefined && { realBytes: bytes(real) }),
      ...(clamped && { clamped }),
    } as MemoryUsage);

  it('is the size', () => {
    assert.equal(of(1.5 * Gi), '1.5Gi');
    assert.equal(of(0), '0');
  });

  it('has ≥ for a lower bound, 0 included', () => {
    assert.equal(of(1.5 * Gi, true), '≥1.5Gi');
    assert.equal(of(0, true), '≥0');
  });

  it('is undefined where real memory is unknown, even if it were a lower bound', () => {
    assert.equal(of(undefined), undefined);
    assert.equal(of(undefined, true), undefined);
  });
});

describe('heldLines', () => {
  it('has no line for a node without ZFS and huge pages', () => assert.deepEqual(heldLines(nodeOf()), []));

  it('has the ZFS cache, with what can be dropped if that is known', () => {
    assert.deepEqual(heldLines(nodeOf({ zfsCacheBytes: 2 * Gi })), ['2Gi ZFS cache']);
    assert.deepEqual(heldLines(nodeOf({ zfsCacheBytes: 2 * Gi, zfsCacheDroppableBytes: Gi })), [
      '2Gi ZFS cache (1Gi can be dropped)',
    ]);
    assert.deepEqual(heldLines(nodeOf({ zfsCacheBytes: 2 * Gi, zfsCacheDroppableBytes: 0 })), [
      '2Gi ZFS cache (0 can be dropped)',
    ]);
  });

  it('has the huge pages, with how much is in use if that is known', () => {
    assert.deepEqual(heldLines(nodeOf({ hugePagesBytes: 2 * Gi })), ['2Gi set aside for huge pages']);
    assert.deepEqual(heldLines(nodeOf({ hugePagesBytes: 2 * Gi, hugePagesUsedBytes: Gi })), [
      '2Gi set aside for huge pages, 1Gi in use',
    ]);
    assert.deepEqual(heldLines(nodeOf({ hugePagesBytes: 2 * Gi, hugePagesUsedBytes: 0 })), [
      '2Gi set aside for huge pages, 0 in use',
    ]);
  });

  it('has ZFS before huge pages, and ignores a part without its whole', () => {
    assert.deepEqual(heldLines(nodeOf({ hugePagesBytes: Gi, zfsCacheBytes: 2 * Gi })), [
      '2Gi ZFS cache',
      '1Gi set aside for huge pages',
    ]);
    assert.deepEqual(heldLines(nodeOf({ zfsCacheDroppableBytes: Gi, hugePagesUsedBytes: Gi })), []);
  });

  it('has the lines of recorded hosts', () => {
    const lines = (host: string): readonly string[] => heldLines(recorded(host).node ?? assert.fail());
    assert.deepEqual(lines('zfs').length, 1);
    assert.match(lines('zfs')[0] ?? '', /^\S+ ZFS cache \(\S+ can be dropped\)$/);
    assert.match(lines('huge-pages')[0] ?? '', /^\S+ set aside for huge pages, \S+ in use$/);
    assert.deepEqual(lines('docker-v1'), []);
  });
});
