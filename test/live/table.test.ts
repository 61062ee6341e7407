/** The columns of the live table. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { List } from '../../src/live/list.ts';
import { type LiveTableOptions, Table } from '../../src/live/table.ts';
import type { Grouping, Row } from '../../src/render/row.ts';
import { container, mebibytes, shop, stateOf } from './opened-view.ts';

const look = { colour: false, ascii: true, columns: 200 };

function listOf(rows: Partial<Readonly<Record<Grouping, readonly Row[]>>>, by: Grouping = 'container'): List {
  const list = new List({ by, sortBy: 'name' });
  list.show(stateOf(rows));
  return list;
}

const textsOf = (table: Table, list: List, columns = 200, height = 20): readonly string[] =>
  table.lines(list, columns, height, look).map(({ text }) => text.trimEnd());

const headingsOf = (list: List, options: LiveTableOptions = {}, columns = 200): readonly string[] =>
  (textsOf(new Table(options), list, columns)[0] ?? '').trim().split(/ {2,}/);

const usual = ['NAMESPACE', 'POD', 'CONTAINER', 'REAL', 'LIMIT', 'REAL%'];
const web = container('shop', 'cart-1', 'web', 64);
const { node: _, ...local } = web;

describe('the columns of the live table', () => {
  for (const [what, row, more] of [
    ['no row has anything to show there', local, []],
    ['a row has a node', web, ['NODE']],
    ['a row has a verdict', { ...local, verdict: 'OK' }, ['VERDICT']],
    ['a row has no OOM kill', { ...local, usage: { ...local.usage, oomKills: 0 } }, []],
    ['a row has an OOM kill', { ...local, usage: { ...local.usage, oomKills: 1 } }, ['OOMS']],
    [
      'a row has a request',
      { ...local, usage: { ...local.usage, requestBytes: mebibytes(128) } },
      ['REQUEST', '%REQ'],
    ],
    ['a row has a suggestion', { ...local, suggest: { requestBytes: mebibytes(70) } }, ['SUGGEST-REQ']],
  ] as readonly (readonly [string, Row, readonly string[]])[])
    it(`are the usual ones${more.length === 0 ? '' : ` and ${more.join(', ')}`} if ${what}`, () =>
      assert.deepEqual(headingsOf(listOf({ container: [local, row] })), [...usual, ...more]));

  it('stay once they were shown, also when no row has anything to show there', () => {
    const table = new Table();
    const list = listOf({ container: [{ ...local, verdict: 'OK' }] });
    assert.match(textsOf(table, list)[0] ?? '', /VERDICT/);
    list.show(stateOf({ container: [local] }));
    assert.match(textsOf(table, list)[0] ?? '', /VERDICT/);
    list.list('namespace', undefined);
    textsOf(table, list);
    list.list('container', undefined);
    assert.doesNotMatch(textsOf(table, list)[0] ?? '', /VERDICT/);
  });

  it('are found in the first 1,000 rows alone', () => {
    const rows = (at: number): readonly Row[] =>
      Array.from({ length: 1_001 }, (_, index) => ({
        ...local,
        target: `shop/${String(index).padStart(4, '0')}`,
        ...(index === at && { verdict: 'OK' as const }),
      }));
    assert.ok(headingsOf(listOf({ container: rows(999) })).includes('VERDICT'));
    assert.ok(!headingsOf(listOf({ container: rows(1_000) })).includes('VERDICT'));
  });

  it('are TYPE and NAME for cgroups outside pods, unless a pod is among them', () => {
    const service: Row = {
      ...{ labels: { TYPE: 'service', NAME: 'ssh' }, target: '/ssh', cgroup: '/ssh' },
      usage: { realBytes: mebibytes(5) },
    };
    assert.deepEqual(headingsOf(listOf({ container: [service] })).slice(0, 3), ['TYPE', 'NAME', 'REAL']);
    assert.deepEqual(headingsOf(listOf({ container: [service, local] })).slice(0, 3), usual.slice(0, 3));
    assert.deepEqual(headingsOf(listOf({})).slice(0, 3), usual.slice(0, 3));
  });

  it('have usage in the wide table, where it is known', () => {
    const known = { ...local, usage: { ...local.usage, usageBytes: mebibytes(200) } };
    assert.ok(headingsOf(listOf({ container: [known] }), { wide: true }).includes('USAGE'));
    assert.ok(!headingsOf(listOf({ container: [known] })).includes('USAGE'));
    assert.ok(!headingsOf(listOf({ container: [local] }), { wide: true }).includes('USAGE'));
  });

  it('say what could be scheduled, for nodes alone', () => {
    const options = { available: true };
    assert.deepEqual(headingsOf(listOf({ node: shop.rows('node') }, 'node'), options), [
      ...['NODE', 'ALLOCATABLE', 'REQUESTED', 'FREE BY REQUEST', 'REAL OF PODS', 'FREE BY REAL'],
    ]);
    assert.deepEqual(headingsOf(listOf({ container: [local] }), options), usual);
    assert.ok(!headingsOf(listOf({ node: shop.rows('node') }, 'node')).includes('NODE', 1));
  });

  it('have the last name alone below 30 columns', () => {
    assert.equal(headingsOf(listOf({ container: [local] }), {}, 29)[0], 'CONTAINER');
    assert.match(headingsOf(listOf({ container: [local] }), {}, 30)[0] ?? '', /^NAME/);
  });

  it('keep the namespace in a table of namespaces, also where all pods are of one', () => {
    const options = { oneNamespace: true };
    assert.equal(headingsOf(listOf({ container: [local] }), options)[0], 'POD');
    assert.equal(
      headingsOf(listOf({ namespace: shop.rows('namespace') }, 'namespace'), options)[0],
      'NAMESPACE',
    );
  });
});

describe('the lines of the live table', () => {
  it('are the selected row alone where there is one line', () => {
    const list = listOf({ container: [local, container('shop', 'cart-2', 'web', 5)] });
    list.move(1);
    const lines = new Table().lines(list, 80, 1, look);
    assert.deepEqual(
      lines.map(({ text, base }) => [/cart-2/.test(text), base]),
      [[true, '7']],
    );
  });

  it('are the headings alone where there is no row', () =>
    assert.equal(textsOf(new Table(), listOf({})).length, 1));

  it('cut a name of more than 100 cells in the middle', () => {
    const [, row = ''] = textsOf(
      new Table(),
      listOf({ container: [container('n', 'p'.repeat(300), 'c', 1)] }),
      400,
    );
    assert.match(row, /^n {11}p{50}…p{49} {3}c /);
  });
});
