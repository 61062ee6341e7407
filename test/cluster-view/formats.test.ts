import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { delimitedLines, memoryTable } from '../../src/cluster/formats.ts';
import { clusterRows } from '../../src/cluster/rows.ts';
import { itemOf } from '../../src/render/items.ts';
import { groupings } from '../../src/render/row.ts';
import { MiB, shop } from './made/made-view.ts';

describe('memoryTable', () => {
  it('says what its rows stand for, when they were read, and which nodes are stale or missing', () => {
    const { items, ...head } = memoryTable(shop, 'pod', clusterRows(shop, 'pod').map(itemOf));
    assert.deepEqual(head, {
      apiVersion: 'realmem.dev/v1alpha1',
      kind: 'MemoryTable',
      by: 'pod',
      at: '2026-01-05T12:00:00Z',
      nodes: { reporting: 2, stale: [{ name: 'b', seconds: 7200 }], missing: ['c'] },
      notes: [],
    });
    assert.equal(items.length, 3);
  });
});

describe('delimitedLines', () => {
  it('has a line for each row, with an empty cell for what is not known', () =>
    assert.deepEqual(
      [...delimitedLines(clusterRows(shop, 'namespace'), 'namespace', 'comma', true)],
      [
        'namespace,target,realBytes,limitBytes,realPercent,requestBytes,kubectlTopBytes,usageBytes,oomKills,verdict,pods,staleSeconds\n',
        `shop,shop,${MiB(135)},,,${MiB(256)},,,2,OK,2,7200\n`,
        'data,data,,,,,,,0,,1,7200\n',
      ],
    ));

  it('separates by tabs', () =>
    assert.equal(
      [...delimitedLines(clusterRows(shop, 'namespace'), 'namespace', 'tab', false)][1],
      'data\tdata\t\t\t\t\t\t\t0\t\t1\t7200\n',
    ));

  it('leaves out no field that a row of its grouping has', () => {
    for (const by of groupings) {
      const rows = clusterRows(shop, by);
      const [head = ''] = delimitedLines(rows, by, 'comma', true);
      const shown = head.trimEnd().split(',');
      for (const item of memoryTable(shop, by, rows.map(itemOf)).items)
        for (const field of Object.keys(item)) assert.ok(shown.includes(field), `${by}: ${field}`);
    }
  });
});
