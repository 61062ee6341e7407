import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pool } from '../../src/cluster/pool.ts';

describe('a pool', () => {
  for (const [value, size] of [
    ['64Mi', 64 * 1024 ** 2],
    ['1.5G', 1_500_000_000],
    [7, 7],
    ['0', 0],
    ['-1', undefined],
    [-1, undefined],
    ['much', undefined],
    [Number.NaN, undefined],
    [true, undefined],
    [['64Mi'], undefined],
    [null, undefined],
  ] as const)
    it(`reads ${JSON.stringify(value)} as ${size ?? 'no size'}, the first and the second time`, () => {
      const pool = new Pool();
      assert.deepEqual([pool.size(value), pool.size(value)], [size, size]);
    });

  it('keeps one entry for a text and a size that come again', () => {
    const pool = new Pool();
    for (const _ of [1, 2]) {
      assert.equal(pool.text('shop'), 'shop');
      pool.size('64Mi');
      pool.size('much');
    }
    assert.deepEqual([pool['texts'].size, pool['sizes'].size], [1, 2]);
  });

  it('returns texts and sizes of more than 512 characters, and keeps none of them', () => {
    const pool = new Pool();
    assert.equal(pool.text('a'.repeat(513)), 'a'.repeat(513));
    assert.equal(pool.size('x'.repeat(513)), undefined);
    assert.deepEqual([pool['texts'].size, pool['sizes'].size], [0, 0]);
    pool.text('a'.repeat(512));
    assert.equal(pool['texts'].size, 1);
  });

  it('returns the 100,001st text and size, and does not grow by them', () => {
    const pool = new Pool();
    for (let index = 0; index <= 100_000; index++) {
      pool.text(`${index}`);
      pool.size(index);
    }
    assert.deepEqual([pool.text('100000'), pool.size(100_000)], ['100000', 100_000]);
    assert.deepEqual([pool['texts'].size, pool['sizes'].size], [100_000, 100_000]);
  });
});
