import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes, parseQuantity } from '../../src/model/bytes.ts';
import type { Verdict } from '../../src/model/report.ts';
import type { MemoryUsage } from '../../src/model/usage.ts';
import type { Row } from '../../src/render/row.ts';
import {
  availableColumns,
  labelColumns,
  markColumn,
  oomsColumn,
  realColumns,
  requestShareColumn,
  rowTone,
  shortAge,
  totalRow,
  verdictColumn,
} from '../../src/render/row-columns.ts';

const size = (text: string) => bytes(parseQuantity(text) ?? assert.fail(text));
const rowOf = (usage: MemoryUsage, more: Partial<Row> = {}): Row => ({
  ...{ labels: { POD: 'cart' }, target: 'shop/cart', usage },
  ...more,
});
const used = { realBytes: size('64Mi'), limitBytes: size('256Mi') };

describe('rowTone', () => {
  const tones: readonly (readonly [string, Row, string | undefined])[] = [
    ['a row far from its limit', rowOf(used), undefined],
    ['a row above 90 % of its limit', rowOf({ ...used, realBytes: size('250Mi') }), 'bad'],
    [
      'a row above 90 %, though stale',
      rowOf({ ...used, realBytes: size('250Mi') }, { staleSeconds: 9 }),
      'bad',
    ],
    ['a stale row', rowOf(used, { staleSeconds: 900 }), 'dim'],
    ['a total', rowOf({ ...used, realBytes: size('250Mi') }, { isTotal: true }), 'bold'],
    ['a row without figures', rowOf({}), undefined],
    ...(
      [
        ['OOMKilled', 'bad'],
        ['NearLimit', 'bad'],
        ['Throttled', 'warn'],
        ['Leaking', 'warn'],
        ['Oversized', 'good'],
        ['OK', undefined],
        ['Learning', undefined],
      ] as readonly (readonly [Verdict, string | undefined])[]
    ).map(([verdict, tone]) => [`verdict ${verdict}`, rowOf(used, { verdict }), tone] as const),
  ];
  for (const [what, row, tone] of tones)
    it(`is ${tone ?? 'absent'} for ${what}`, () => assert.equal(rowTone(row), tone));
});

describe('the columns', () => {
  const [real, limit, share] = realColumns({ marksHigh: true, digits: 0 });

  it('show real, limit and share', () => {
    assert.equal(real?.cell(rowOf(used)), '64Mi');
    assert.equal(limit?.cell(rowOf(used)), '256Mi');
    assert.equal(share?.cell(rowOf(used)), '25%');
    assert.equal(limit?.cell(rowOf({ ...used, highBytes: size('128Mi') })), '128Mi (high)');
  });

  it('leave absent figures undefined, and empty in a total', () => {
    for (const column of [real, limit, share, oomsColumn, verdictColumn, requestShareColumn]) {
      assert.equal(column?.cell(rowOf({})), undefined, column?.heading ?? '');
      assert.equal(column?.cell(rowOf({}, { isTotal: true })), '', column?.heading ?? '');
    }
  });

  it('show the share of the request, also above 100 %', () =>
    assert.equal(requestShareColumn.cell(rowOf({ ...used, requestBytes: size('32Mi') })), '200%'));

  it('compare the pods of a node, not the whole node, with their requests', () => {
    const usage = { ...used, requestBytes: size('32Mi') };
    assert.equal(
      requestShareColumn.cell(rowOf(usage, { labels: { NODE: 'a' }, podsReal: size('16Mi') })),
      '50%',
    );
    assert.equal(requestShareColumn.cell(rowOf(usage, { labels: { NODE: 'a' } })), undefined);
  });

  it('paint OOM kills only if there are some', () => {
    assert.equal(oomsColumn.tone?.(rowOf({ oomKills: 0 })), undefined);
    assert.equal(oomsColumn.tone?.(rowOf({ oomKills: 1 })), 'bad');
  });

  it('escape names', () => {
    const [pod] = labelColumns(['POD']);
    assert.equal(pod?.cell({ ...rowOf({}), labels: { POD: 'a\u001b[2J' } }), 'a\\u001b[2J');
  });

  it('mark rows that need attention', () => {
    assert.equal(markColumn(true).cell(rowOf(used, { verdict: 'OOMKilled' })), '!');
    assert.equal(markColumn(false).cell(rowOf(used)), '');
  });

  it('show what is free by request and by real', () => {
    const node = rowOf({ requestBytes: size('3Gi') }, { allocatable: size('4Gi'), podsReal: size('1Gi') });
    const cells = (row: Row) =>
      Object.fromEntries(availableColumns.map(({ heading, cell }) => [heading, cell(row)]));
    assert.deepEqual(cells(node), {
      ALLOCATABLE: '4Gi',
      REQUESTED: '3Gi',
      'FREE BY REQUEST': '1Gi',
      'REAL OF PODS': '1Gi',
      'FREE BY REAL': '3Gi',
    });
    assert.equal(cells(rowOf({}))['FREE BY REAL'], undefined);
  });
});

describe('shortAge', () => {
  const ages: Readonly<Record<number, string>> = {
    [-5]: '0s',
    0: '0s',
    119: '119s',
    120: '2m',
    7199: '119m',
    7200: '2h',
    172799: '47h',
    172800: '2d',
  };
  for (const [seconds, text] of Object.entries(ages))
    it(`writes ${seconds} seconds as ${text}`, () => assert.equal(shortAge(Number(seconds)), text));
});

describe('totalRow', () => {
  it('sums what every row has, and keeps limits absent if one row has none', () => {
    const total = totalRow(
      [rowOf({ ...used, requestBytes: size('1Mi'), oomKills: 1 }), rowOf({ realBytes: size('1Mi') })],
      ['NAMESPACE', 'POD'],
    );
    assert.deepEqual(total.labels, { NAMESPACE: 'TOTAL', POD: '' });
    assert.deepEqual(total.usage, {
      realBytes: size('65Mi'),
      requestBytes: size('1Mi'),
      oomKills: 1,
    });
    assert.equal(totalRow([rowOf(used), rowOf(used)], ['POD']).usage.limitBytes, size('512Mi'));
  });

  it('is a lower bound if a row has no figure', () =>
    assert.equal(totalRow([rowOf(used), rowOf({})], ['POD']).usage.clamped, true));

  it('does not add the limit of an ancestor once for each row', () =>
    assert.equal(
      totalRow([rowOf({ ...used, limitFrom: '/a' }), rowOf(used)], ['POD']).usage.limitBytes,
      undefined,
    ));
});
