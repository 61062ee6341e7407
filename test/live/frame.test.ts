/** Header, footer, and what a screen of each size drops. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { footer, header, listFrame, pageFrame } from '../../src/live/frame.ts';
import { List, type ListOptions } from '../../src/live/list.ts';
import { scopeOf } from '../../src/live/scope.ts';
import type { Row } from '../../src/render/row.ts';
import { shop } from './opened-view.ts';

describe('the header', () => {
  const at = Date.UTC(2026, 0, 5, 12);
  const listOf = (options: Partial<ListOptions> = {}): List => {
    const list = new List({ by: 'pod', sortBy: 'real', ...options });
    list.show(shop);
    return list;
  };

  it('has number, filter, order and time', () => {
    assert.equal(header(listOf(), at, at, 80), '3 pods   sort real   12:00:00Z');
    assert.equal(
      header(listOf({ filter: 'ledger' }), at, at, 80),
      '1 of 3 pods   filter ledger   sort real   12:00:00Z',
    );
    assert.equal(header(listOf(), undefined, at, 80), 'sort real', 'nothing was counted yet');
  });

  it('has the row to which the list belongs, escaped', () => {
    const list = listOf();
    const scope = scopeOf('namespace', shop.rows('namespace')[0] as Row);
    list.list('pod', scope === undefined ? undefined : { ...scope, name: 'namespace \u001b' });
    assert.match(header(list, at, at, 80), /^2 pods {3}of namespace \\u001b {3}sort/);
  });

  for (const [ageMs, shown] of [
    [-60_000, ''],
    [4_999, ''],
    [5_000, ', 5 s ago'],
    [75_000, ', 1 min ago'],
  ] as const)
    it(`has ${shown === '' ? 'no age' : `"${shown}"`} for data of ${ageMs} ms`, () =>
      assert.equal(header(listOf(), at, at + ageMs, 80), `3 pods   sort real   12:00:00Z${shown}`));

  it('is cut with an ellipsis', () => assert.equal(header(listOf(), at, at, 10), '3 pods   …'));
});

describe('the footer', () => {
  const hints = ['q quit', '? help', '/ filter'];

  for (const [columns, text] of [
    [80, 'q quit   ? help   / filter'],
    [26, 'q quit   ? help   / filter'],
    [25, 'q quit   ? help'],
    [5, ''],
  ] as const)
    it(`of ${columns} columns is "${text}"`, () =>
      assert.deepEqual(footer(hints, columns), { text, base: '2' }));

  it('has what the reader types first, with a cursor, and only hints that fit beside it', () => {
    const cursor = '\u001b[7m \u001b[0m';
    assert.deepEqual(footer(hints, 80, '/ca'), { text: `/ca${cursor}   q quit   ? help   / filter` });
    assert.deepEqual(footer(hints, 15, '/ca'), { text: `/ca${cursor}   q quit` });
    assert.deepEqual(footer(hints, 12, '/ca'), { text: `/ca${cursor}` });
  });

  it('shows the end of a long prompt, in whole characters', () => {
    const cursor = '\u001b[7m \u001b[0m';
    assert.equal(footer([], 5, '/abcdef').text, `cdef${cursor}`);
    assert.equal(footer([], 5, '/界界界').text, `界界${cursor}`);
    assert.equal(footer([], 1, '/a').text, cursor);
  });
});

describe('the frame of the list', () => {
  /** The first character of each line: Title, Status, rows, Notes, Footer. */
  const frameOf = (lines: number, rows: number, notes = 1): string =>
    listFrame({
      size: { lines, columns: 20 },
      title: ['T1', 'T2'],
      status: 'S',
      notes: Array.from({ length: notes }, () => 'N'),
      foot: { text: 'F' },
      table: (height) => Array.from({ length: Math.min(height, rows) }, (_, index) => ({ text: `${index}` })),
    })
      .map(({ text }) => text[0] ?? '.')
      .join('');

  for (const [lines, expected] of [
    [1, '0'],
    [2, '01'],
    [3, '01F'],
    [4, '012F'],
    [5, '0123F'],
    [6, 'S0123F'],
    [7, 'TS0123F'],
    [8, 'TTS0123F'],
    [9, 'TTS0123NF'],
    [10, 'TTS01234NF'],
  ] as const)
    it(`of ${lines} lines has ${expected}`, () => assert.equal(frameOf(lines, 100), expected));

  it('has empty lines below a short table, and four lines of notes at most', () =>
    assert.equal(frameOf(14, 2, 9), 'TTS01....NNNNF'));

  it('has titles and notes that are escaped, cut or wrapped', () => {
    const lines = listFrame({
      size: { lines: 12, columns: 10 },
      title: ['a\u001bb and more of it'],
      status: '',
      notes: ['one two three\u001b'],
      foot: { text: '' },
      table: () => [],
    }).map(({ text }) => text);
    assert.equal(lines[0], 'a\\u001bb …');
    assert.deepEqual(lines.slice(-3, -1), ['one two', 'three\\u00…']);
  });
});

describe('the frame of a page', () => {
  const text = Array.from({ length: 10 }, (_, index) => `${index}`);
  const foot = { text: 'F', base: '2' };
  const of = (top: number, lines: number) => {
    const frame = pageFrame(text, top, { lines, columns: 80 }, () => foot);
    return [frame.lines.map((line) => line.text), frame.top, frame.height];
  };

  it('says how many lines are below it', () => {
    assert.deepEqual(of(0, 4), [['0', '1', '2', 'F   7 more lines'], 0, 3]);
    assert.deepEqual(of(6, 4), [['6', '7', '8', 'F   1 more line'], 6, 3]);
    assert.deepEqual(of(7, 4), [['7', '8', '9', 'F'], 7, 3]);
  });

  it('takes keys out of a footer that has no room for the lines below', () => {
    const hints = ['esc back', 'q quit', '? help'];
    const at = (columns: number) =>
      pageFrame(text, 0, { lines: 4, columns }, (width) => footer(hints, width)).lines.at(-1)?.text;
    assert.equal(at(80), 'esc back   q quit   ? help   7 more lines');
    assert.equal(at(40), 'esc back   q quit   7 more lines');
    assert.equal(at(12), '7 more lines');
  });

  it('does not scroll beyond its ends', () => {
    assert.deepEqual(of(99, 4), [['7', '8', '9', 'F'], 7, 3]);
    assert.deepEqual(of(-5, 4)[1], 0);
  });

  it('has empty lines below a short text, and no footer on one line', () => {
    assert.deepEqual(
      pageFrame(['a'], 5, { lines: 4, columns: 80 }, () => foot).lines.map((line) => line.text),
      ['a', '', '', 'F'],
    );
    assert.deepEqual(of(3, 1), [['3'], 3, 1]);
  });
});
