import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../src/model/bytes.ts';
import type { Row } from '../../src/render/row.ts';
import { type SortKey, sortKeys, sortRows } from '../../src/render/sort-rows.ts';

const size = (amount: number) => bytes(amount);
const rows: readonly Row[] = [
  { target: 'c', usage: {} },
  {
    target: 'b',
    usage: {
      ...{ realBytes: size(90), limitBytes: size(100), requestBytes: size(10), peakRealBytes: size(91) },
      ...{ usageBytes: size(300), oomKills: 2 },
    },
    kubectlTop: size(95),
  },
  {
    target: 'a',
    usage: {
      ...{ realBytes: size(200), limitBytes: size(900), requestBytes: size(5), peakRealBytes: size(210) },
      ...{ usageBytes: size(250), oomKills: 0 },
    },
    kubectlTop: size(240),
  },
].map((row) => ({ ...row, labels: {} }));

const order = (key: SortKey): string =>
  sortRows(rows, key)
    .map(({ target }) => target)
    .join('');

describe('sortRows', () => {
  const orders: Readonly<Record<SortKey, string>> = {
    real: 'abc',
    memory: 'abc',
    'real%': 'bac',
    peak: 'abc',
    limit: 'abc',
    request: 'bac',
    usage: 'bac',
    'working-set': 'abc',
    headroom: 'bac',
    ooms: 'bac',
    name: 'abc',
  };
  for (const key of sortKeys)
    it(`orders by ${key}, and puts rows without it last`, () => assert.equal(order(key), orders[key]));

  it('orders rows with the same figure by their names, also those without one', () => {
    const same = ['z', 'x', 'y'].map(
      (target): Row => ({ target, labels: {}, usage: { realBytes: size(1) } }),
    );
    for (const key of ['real', 'peak', 'headroom'] as const)
      assert.deepEqual(
        sortRows(same, key).map(({ target }) => target),
        ['x', 'y', 'z'],
      );
  });

  it('leaves the given rows as they are', () => {
    const before = [...rows];
    sortRows(rows, 'real');
    assert.deepEqual(rows, before);
  });

  it('has no share of a limit of zero', () => {
    const none: Row = { target: 'x', labels: {}, usage: { realBytes: size(5), limitBytes: size(0) } };
    assert.equal(sortRows([none, ...rows], 'real%')[0]?.target, 'b');
  });
});
