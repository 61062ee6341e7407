import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { List } from '../../src/live/list.ts';
import { Table } from '../../src/live/table.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { Row } from '../../src/render/row.ts';
import { manyContainers } from './many.ts';
import { container, stateOf } from './opened-view.ts';

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
