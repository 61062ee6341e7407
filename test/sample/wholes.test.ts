import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { partsAbove, statLag, statWholes, type Whole } from '../../src/sample/wholes.ts';

const above = (wholes: readonly Whole[], figures: Readonly<Record<string, number>>, lag = 0) =>
  partsAbove(wholes, (key) => figures[key], lag);

const chain: readonly Whole[] = [
  ['slab', 'kernel'],
  ['slab_reclaimable', 'slab'],
];

describe('partsAbove', () => {
  it('returns no pair for a part equal to its whole, and the pair for one more', () => {
    const pairs: readonly Whole[] = [['shmem', 'file']];
    assert.deepEqual(above(pairs, { shmem: 5, file: 5 }), []);
    assert.deepEqual(above(pairs, { shmem: 6, file: 5 }), pairs);
  });

  it('allows an excess of exactly the lag', () => {
    const pairs: readonly Whole[] = [['shmem', 'file']];
    assert.deepEqual(above(pairs, { shmem: 15, file: 5 }, 10), []);
    assert.deepEqual(above(pairs, { shmem: 16, file: 5 }, 10), pairs);
  });

  it('returns no pair when part or whole is absent, but takes a whole of 0 as a figure', () => {
    const pairs: readonly Whole[] = [['shmem', 'file']];
    assert.deepEqual(above(pairs, { shmem: 6 }), []);
    assert.deepEqual(above(pairs, { file: 6 }), []);
    assert.deepEqual(above(pairs, {}), []);
    assert.deepEqual(above(pairs, { shmem: 6, file: 0 }), pairs);
    assert.deepEqual(above(pairs, { shmem: 0, file: 0 }), []);
  });

  it('refuses a slab above kernel, and then not the part of the refused slab', () =>
    assert.deepEqual(above(chain, { kernel: 1, slab: 10, slab_reclaimable: 20 }), [chain[0]]));

  it('refuses the part of a slab that is within kernel', () =>
    assert.deepEqual(above(chain, { kernel: 10, slab: 5, slab_reclaimable: 6 }), [chain[1]]));

  it('returns a part once, with its first whole, when it exceeds two', () => {
    const pairs: readonly Whole[] = [
      ['x', 'a'],
      ['x', 'b'],
    ];
    assert.deepEqual(above(pairs, { x: 3, a: 2, b: 1 }), [pairs[0]]);
    assert.deepEqual(above(pairs, { x: 3, a: 3, b: 1 }), [pairs[1]]);
  });

  it('leaves no part above its whole, for any figures, and refuses none within it', () => {
    const keys = [...new Set(statWholes.flat())];
    fc.assert(
      fc.property(
        fc.tuple(...keys.map(() => fc.option(fc.nat(20), { nil: undefined }))),
        fc.nat(3),
        (figures, lag) => {
          const left = new Map(
            keys.flatMap((key, at) => (figures[at] === undefined ? [] : [[key, figures[at]] as const])),
          );
          for (const [part, whole] of partsAbove(statWholes, (key) => left.get(key), lag)) {
            assert.ok((left.get(part) ?? 0) > (left.get(whole) ?? 0) + lag);
          }
          const refused = partsAbove(statWholes, (key) => left.get(key), lag);
          for (const [part] of refused) left.delete(part);
          assert.deepEqual(
            partsAbove(statWholes, (key) => left.get(key), lag),
            [],
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('statWholes', () => {
  it('checks slab within kernel, shmem and mapped files within file, on v2 and on v1', () => {
    for (const [part, whole] of [
      ...[['slab', 'kernel'] as const, ['slab_reclaimable', 'slab'] as const],
      ...[['shmem', 'file'] as const, ['file_mapped', 'file'] as const],
      ...[['total_shmem', 'total_cache'] as const, ['total_mapped_file', 'total_cache'] as const],
    ])
      assert.deepEqual(above(statWholes, { [part]: 2, [whole]: 1 }), [[part, whole]]);
  });

  it('does not check the file lists, which may hold lazily freed pages that are not in file', () =>
    assert.deepEqual(above(statWholes, { active_file: 2, inactive_file: 2, file: 1 }), []));

  it('lists each pair after the pair that checks its whole', () => {
    for (const [at, [, whole]] of statWholes.entries())
      for (const [part] of statWholes.slice(at + 1)) assert.notEqual(part, whole);
  });

  it('refuses nothing in the memory.stat of the recorded hosts, even without a lag', () => {
    const hosts = new URL('../../fixtures/hosts/', import.meta.url).pathname;
    // The recordings bad-* have broken figures on purpose.
    const files = fs
      .globSync('*/root/**/memory.stat', { cwd: hosts })
      .filter((file) => !file.startsWith('bad-'));
    assert.ok(files.length > 10, `${files.length} files`);
    for (const file of files) {
      const figures = new Map(
        fs
          .readFileSync(`${hosts}/${file}`, 'utf8')
          .split('\n')
          .map((line) => line.split(' '))
          .map(([key = '', value]) => [key, Number(value)]),
      );
      assert.deepEqual(
        partsAbove(statWholes, (key) => figures.get(key), 0),
        [],
        file,
      );
    }
  });

  it('refuses shmem at 64 MiB and one byte above file, as per-CPU counters hold back less', () => {
    const shmem = (excess: number) => above(statWholes, { shmem: 100 + excess, file: 100 }, statLag);
    assert.deepEqual(shmem(64 * 2 ** 20), []);
    assert.deepEqual(shmem(64 * 2 ** 20 + 1), [['shmem', 'file']]);
  });
});
