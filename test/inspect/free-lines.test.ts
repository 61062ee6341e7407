import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { accountNode } from '../../src/account/node.ts';
import { type FreeLine, freeLines } from '../../src/inspect/free-lines.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { NodeMemory } from '../../src/model/report.ts';
import { parseMeminfo } from '../../src/sample/meminfo.ts';
import { nodeOf } from '../report/reports.ts';

const kB = (n: number) => bytes(n * 1024);

const lineOf = (node: NodeMemory, name: string): FreeLine | undefined =>
  freeLines(node).find((line) => line.name === name);

/** Each computed line and the figure of the report that it explains, in bytes. */
const explained = (node: NodeMemory) =>
  ({
    used: node.usedBytes,
    '-/+ used': node.asPublished?.realUsedBytes,
    '-/+ free': node.asPublished?.realFreeBytes,
    'real used': node.realUsedBytes,
    'real free': node.realFreeBytes,
  }) as const;

const inKib = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.floor(value / 1024);

const info = {
  ...{ memTotal: kB(1000), memFree: kB(400), buffers: kB(10), cached: kB(200), shmem: kB(50) },
  ...{ slabReclaimable: kB(30), memAvailable: kB(600), swapTotal: kB(90), swapFree: kB(70) },
};

describe('freeLines', () => {
  it('computes every figure from those above it, in KiB', () =>
    assert.deepEqual(Object.fromEntries(freeLines(accountNode(info)).map(({ name, kib }) => [name, kib])), {
      ...{ total: 1000, free: 400, shared: 50, buffers: 10, cached: 200, slab: 30, available: 600 },
      ...{ 'swap total': 90, 'swap used': 20, used: 600, '-/+ used': 390, '-/+ free': 610 },
      ...{ 'swap free': 70, 'real used': 440, 'real free': 560 },
      ...{ 'used, 3.3.10 to 4.0.0': 360, 'used, from 4.0.1': 400 },
    }));

  it('uses in a formula only names of lines above it', () => {
    const lines = freeLines(accountNode(info));
    const names = lines.map(({ name }) => name);
    for (const [index, { numbers, formula }] of lines.entries())
      if (numbers !== undefined)
        for (const name of formula.split(/ [+−] /)) assert.ok(names.indexOf(name) < index, formula);
  });

  it('shows the numbers of a computed figure, and none of a figure that is read', () => {
    assert.equal(lineOf(accountNode(info), 'real used')?.numbers, '600 − 10 − 200 + 50');
    assert.equal(lineOf(accountNode(info), 'total')?.numbers, undefined);
  });

  it('keeps a line without a figure if the kernel does not report it, and all lines that need it', () => {
    const { shmem: _, memAvailable: __, ...old } = info;
    const unknown = freeLines(accountNode(old)).flatMap(({ name, kib }) => (kib === undefined ? [name] : []));
    assert.deepEqual(unknown, ['shared', 'available', 'real used', 'real free', 'used, from 4.0.1']);
    assert.deepEqual(lineOf(accountNode(old), 'real free'), {
      name: 'real free',
      formula: 'total − real used',
    });
  });

  it('keeps a figure of 0', () => {
    const node = accountNode({ ...info, swapTotal: kB(0), swapFree: kB(0) });
    assert.equal(lineOf(node, 'swap total')?.kib, 0);
    assert.equal(lineOf(node, 'swap free')?.kib, 0);
  });

  it('rounds down to whole KiB', () => assert.equal(lineOf(nodeOf({ totalBytes: 2047 }), 'total')?.kib, 1));

  it('shows no figure for a result that the report calls impossible', () => {
    const node = accountNode({ ...info, cached: kB(700) });
    assert.equal(node.realUsedBytes, undefined);
    assert.deepEqual(lineOf(node, '-/+ used'), { name: '-/+ used', formula: 'used − buffers − cached' });
    for (const name of ['-/+ free', 'real used', 'real free', 'used, 3.3.10 to 4.0.0'])
      assert.equal(lineOf(node, name)?.kib, undefined, name);
    const available = accountNode({ ...info, memAvailable: kB(1001) });
    assert.equal(lineOf(available, 'used, from 4.0.1')?.kib, undefined);
    const tmpfs = accountNode({ ...info, shmem: kB(211) });
    assert.equal(lineOf(tmpfs, 'real used')?.kib, undefined);
  });

  it('lists the ZFS cache and huge pages last, and only on a host that has them', () => {
    const held = {
      zfsCacheBytes: 4096,
      zfsCacheDroppableBytes: 0,
      hugePagesBytes: 8192,
      hugePagesUsedBytes: 2048,
    };
    const last = freeLines(nodeOf(held)).slice(-4);
    assert.deepEqual(
      last.map(({ name, kib }) => [name, kib]),
      [
        ['ZFS cache', 4],
        ['ZFS droppable', 0],
        ['huge pages', 8],
        ['huge pages used', 2],
      ],
    );
    assert.equal(freeLines(nodeOf()).at(-1)?.name, 'used, from 4.0.1');
    assert.equal(freeLines(nodeOf({ hugePagesBytes: 8192 })).at(-1)?.name, 'huge pages');
  });

  it('gives the same figures as the report, for every recorded /proc/meminfo', () => {
    const hosts = new URL('../../fixtures/hosts/', import.meta.url).pathname;
    const files = fs.globSync('*/root/proc/meminfo', { cwd: hosts });
    assert.ok(files.length > 5);
    for (const file of files) {
      const node = accountNode(parseMeminfo(file, fs.readFileSync(`${hosts}${file}`), () => undefined));
      for (const [name, value] of Object.entries(explained(node)))
        assert.equal(lineOf(node, name)?.kib, inKib(value), `${file}: ${name}`);
    }
  });

  it('gives the same figures as the report, or none, for any meminfo', () => {
    const amount = fc.nat(1000).map(kB);
    const fields = {
      ...{ memTotal: amount, memFree: amount, buffers: amount, cached: amount, shmem: amount },
      ...{ slabReclaimable: amount, memAvailable: amount },
    };
    fc.assert(
      fc.property(fc.record(fields, { requiredKeys: ['memTotal'] }), (given) => {
        const node = accountNode(given);
        for (const [name, value] of Object.entries(explained(node)))
          assert.equal(lineOf(node, name)?.kib, inKib(value), name);
        for (const { kib = 0, name } of freeLines(node)) assert.ok(kib >= 0, name);
      }),
    );
  });
});
