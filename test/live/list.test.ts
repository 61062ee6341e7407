import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { List } from '../../src/live/list.ts';
import { Seen, sparkline } from '../../src/live/seen.ts';
import { Table } from '../../src/live/table.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { Row } from '../../src/render/row.ts';
import { manyContainers } from './many.ts';
import { container, mebibytes, shop, stateOf } from './opened-view.ts';

const look = { colour: true, ascii: false, columns: 120 };

describe('a list of 15,000 containers', () => {
  it('formats the rows on the screen alone', () => {
    const rows = Array.from({ length: 15_000 }, (_, index) => new Counted(index));
    const list = new List({ by: 'container', sortBy: 'real' });
    list.show(stateOf({ container: rows }));
    const table = new Table();
    table.lines(list, 120, 25, look);
    const read = rows.filter(({ labelsRead }) => labelsRead > 0).length;
    // Besides those on the screen, the first ones tell which columns have something to show.
    assert.ok(read <= 1_025, `${read} rows`);
    for (const row of rows) row.labelsRead = 0;
    list.movePages(1);
    assert.equal(table.lines(list, 120, 25, look).length, 25);
    assert.equal(rows.filter(({ labelsRead }) => labelsRead > 0).length, 24);
  });

  it('asks each row for its figure and for its name once in a sort', () => {
    const rows = Array.from({ length: 1_000 }, (_, index) => new Counted(index));
    const list = new List({ by: 'container', sortBy: 'real' });
    list.show(stateOf({ container: rows }));
    assert.deepEqual(
      rows.filter(({ usageRead, targetRead }) => usageRead !== 1 || targetRead > 1),
      [],
    );
  });

  it('searches only rows that matched before when the filter grows', () => {
    const rows = Array.from({ length: 1_000 }, (_, index) => new Counted(index));
    const list = new List({ by: 'container', sortBy: 'name' });
    list.show(stateOf({ container: rows }));
    list.filterBy('99');
    for (const row of rows) row.targetRead = 0;
    const matching = list.rows.length;
    list.filterBy('999');
    assert.equal(rows.filter(({ targetRead }) => targetRead > 0).length, matching);
    assert.equal(list.rows.length, 1);
  });

  it('sorts, filters and finds', () => {
    const list = new List({ by: 'container', sortBy: 'real' });
    list.show(manyContainers(15_000));
    assert.equal(list.rows.length, 15_000);
    const reals = list.rows.map(({ usage }) => usage.realBytes ?? 0);
    assert.ok(reals.every((real, index) => index === 0 || real <= (reals[index - 1] ?? 0)));
    list.filterBy('SERVICE-149-99/');
    assert.deepEqual(
      list.rows.map(({ target }) => target),
      ['team-49/service-149-99/main'],
    );
  });

  it('calls its rows what they are', () => {
    const other = (type: string): Row => ({
      ...container('', '', '', 1),
      labels: { TYPE: type },
      cgroup: '/a',
    });
    const pod = { ...container('shop', 'cart-1', 'cart', 1), cgroup: '/b' };
    const nouns = (...rows: readonly Row[]): string => {
      const list = new List({ by: 'container', sortBy: 'real' });
      list.show(stateOf({ container: rows }));
      return list.noun;
    };
    assert.equal(nouns(other('service')), 'cgroup');
    assert.equal(nouns(other('service'), other('slice')), 'cgroups');
    assert.equal(nouns(other('container')), 'container');
    assert.equal(nouns(pod, other('container')), 'containers');
    assert.equal(nouns(pod, pod, other('service')), 'containers and cgroups');
    assert.equal(nouns(), 'containers');
  });

  it('has the trend of the first rows on the list', () => {
    const list = new List({ by: 'container', sortBy: 'real' });
    const seen = new Seen();
    list.show(manyContainers(10_000));
    seen.take(0, list);
    const [first, last] = [list.rows[0] as Row, list.rows.at(-1) as Row];
    assert.deepEqual([seen.of('container', first).length, seen.of('container', last).length], [1, 0]);
  });
});

class Counted implements Row {
  labelsRead = 0;
  usageRead = 0;
  targetRead = 0;
  private readonly index: number;

  constructor(index: number) {
    this.index = index;
  }

  get labels(): Row['labels'] {
    this.labelsRead++;
    return { NAMESPACE: 'shop', POD: `pod-${this.index}`, CONTAINER: 'main' };
  }

  get target(): string {
    this.targetRead++;
    return `shop/pod-${this.index}/main`;
  }

  get usage(): Row['usage'] {
    this.usageRead++;
    return { realBytes: bytes(this.index % 7) };
  }
}

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
