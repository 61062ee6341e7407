/** What the view saw of each row in the last ten minutes, and how a sparkline draws it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { List } from '../../src/live/list.ts';
import { Seen, sparkline } from '../../src/live/seen.ts';
import { bytes } from '../../src/model/bytes.ts';
import { groupings, type Row } from '../../src/render/row.ts';
import { manyContainers } from './many.ts';
import { container, mebibytes, shop, stateOf } from './opened-view.ts';

describe('what the view has seen of a row', () => {
  const rowOf = (real: number): Row => container('shop', 'cart', 'main', real);
  const seenAt = (
    ...states: readonly (readonly [at: number, real: number])[]
  ): readonly (number | undefined)[] => {
    const seen = new Seen();
    const list = new List({ by: 'container', sortBy: 'real' });
    for (const [at, real] of states) {
      list.show(stateOf({ container: [rowOf(real)] }));
      seen.take(at, list);
    }
    return seen.of('container', rowOf(0)).map((real) => (real === undefined ? undefined : real / 1024 ** 2));
  };

  it('is the largest real of each window of ten seconds', () =>
    assert.deepEqual(seenAt([0, 5], [4_000, 7], [9_000, 6], [10_000, 3]), [7, 3]));

  it('has a gap where nothing was seen', () =>
    assert.deepEqual(seenAt([0, 5], [31_000, 6]), [5, undefined, undefined, 6]));

  it('goes back ten minutes', () => {
    const states = Array.from({ length: 100 }, (_, index) => [index * 10_000, index] as const);
    assert.deepEqual(
      seenAt(...states),
      Array.from({ length: 60 }, (_, index) => index + 40),
    );
  });

  it('stays in the last window when the clock is set back', () =>
    assert.deepEqual(seenAt([50_000, 5], [0, 6], [60_000, 7]), [6, 7]));

  it('is remembered for every grouping of a small cluster', () => {
    const seen = new Seen();
    const list = new List({ by: 'container', sortBy: 'real' });
    list.show(shop);
    seen.take(0, list);
    for (const by of groupings)
      for (const row of shop.rows(by)) assert.equal(seen.of(by, row).length, 1, `${by} ${row.target}`);
    // A pod and a namespace can have the same name.
    assert.deepEqual(seen.of('pod', shop.rows('namespace')[0] as Row), []);
  });

  it('is nothing for a row without a figure, and a gap where the figure is missing once', () => {
    const seen = new Seen();
    const list = new List({ by: 'container', sortBy: 'real' });
    for (const [at, usage] of [
      [0, {}],
      [10_000, { realBytes: mebibytes(5) }],
      [20_000, {}],
      [30_000, { realBytes: mebibytes(6) }],
    ] as const) {
      list.show(stateOf({ container: [{ ...rowOf(0), usage }] }));
      seen.take(at, list);
      if (at === 0) assert.deepEqual(seen.of('container', rowOf(0)), []);
    }
    assert.deepEqual(seen.of('container', rowOf(0)), [mebibytes(5), undefined, mebibytes(6)]);
  });

  it('of a large cluster is that of the first 5,000 rows of the grouping on the screen', () => {
    const list = new List({ by: 'container', sortBy: 'real' });
    const seen = new Seen();
    list.show(manyContainers(10_000));
    seen.take(0, list);
    const ofRow = (index: number) => seen.of('container', list.rows.at(index) as Row).length;
    assert.deepEqual([ofRow(0), ofRow(4_999), ofRow(5_000), ofRow(-1)], [1, 1, 0, 0]);
    assert.deepEqual(seen.of('node', list.rowsBy('node')[0] as Row), []);
  });

  it('is forgotten ten minutes after the row has gone', () => {
    const seen = new Seen();
    const list = new List({ by: 'container', sortBy: 'real' });
    list.show(shop);
    seen.take(0, list);
    const [row] = shop.rows('container');
    list.show(stateOf({}));
    seen.take(590_000, list);
    assert.equal(seen.of('container', row as Row).length, 1);
    seen.take(600_000, list);
    assert.equal(seen.of('container', row as Row).length, 0);
  });
});

describe('a sparkline', () => {
  const of = (...amounts: readonly (number | undefined)[]): string =>
    sparkline(
      amounts.map((amount) => (amount === undefined ? undefined : mebibytes(amount))),
      false,
    );

  it('goes from the least to the most', () => assert.equal(of(100, 150, 200), '▁▅█'));
  it('has a space where nothing was seen', () => assert.equal(of(100, undefined, 200), '▁ █'));
  it('draws a small difference as small', () => assert.equal(of(1_000, 990, 1_000), '█▇█'));
  it('draws zeros at the bottom', () => assert.equal(of(0, 0), '▁▁'));
  it('has nothing to draw without amounts', () => assert.equal(of(), ''));
  it('is ASCII where the locale has no UTF-8', () =>
    assert.equal(sparkline([bytes(0), bytes(7)], true), '_#'));
});
