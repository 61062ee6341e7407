import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseFilter } from '../../src/page/view/filter.ts';
import { Gi, Mi, modelWith, pod, rows } from './some.ts';

const entries = rows(
  modelWith([
    pod('shop/cart-1', [
      { name: 'main', real: 900 * Mi, limit: Gi, verdict: 'OK', ooms: 2 },
      { name: 'proxy' },
    ]),
    pod('data/postgres-0', [{ name: 'postgres', real: 2 * Gi, limit: 2 * Gi, verdict: 'NearLimit' }], {
      node: 'n2',
      workload: 'StatefulSet/postgres',
    }),
  ]),
  'container',
);

const found = (filter: string): readonly string[] =>
  entries.filter(parseFilter(filter)).map(({ key }) => key);

const [main, proxy, postgres] = ['shop/cart-1/main', 'shop/cart-1/proxy', 'data/postgres-0/postgres'];

describe('the filter', () => {
  for (const [filter, keys] of [
    ['', [main, proxy, postgres]],
    ['  ', [main, proxy, postgres]],
    ['cart', [main, proxy]],
    ['CART proxy', [proxy]],
    ['-cart', [postgres]],
    ['-', [main, proxy, postgres]],
    ['ns:shop', [main, proxy]],
    ['namespace:data', [postgres]],
    ['node:n2', [postgres]],
    ['workload:statefulset', [postgres]],
    ['verdict:near', [postgres]],
    ['real>1Gi', [postgres]],
    ['real>=900mi', [main, postgres]],
    ['real<1g', [main]],
    ['real=2Gi', [postgres]],
    ['real%>95', [postgres]],
    ['real%<=90%', [main]],
    ['ooms>0', [main]],
    ['cart real>1', [main]],
    ['nothing', []],
    ['real>', []],
    ['constructor:x', []],
    ['__proto__>1', []],
  ] as const)
    it(`"${filter}" finds ${keys.length === 0 ? 'nothing' : keys.join(' ')}`, () =>
      assert.deepEqual(found(filter), keys));

  it('does not take an unknown figure for zero', () => assert.deepEqual(found('real<1Gi'), [main]));

  it('reads at most 500 characters of it', () => {
    assert.deepEqual(found(`${'cart '.repeat(100)}nothing`), [main, proxy]);
  });
});
