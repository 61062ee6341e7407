import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { type Column, renderColumns } from '../../src/layout/columns.ts';
import { widthOf } from '../../src/layout/width.ts';

interface Item {
  readonly name?: string;
  readonly size?: string;
}

const columns: readonly Column<Item>[] = [
  { heading: 'NAME', cell: ({ name }) => name },
  { heading: 'SIZE', right: true, cell: ({ size }) => size },
];

describe('columns', () => {
  it('are as wide as their widest cell, with text aligned left and numbers right', () =>
    assert.equal(
      renderColumns(
        columns,
        [
          { name: 'a', size: '1Ki' },
          { name: 'long-name', size: '1023Ki' },
        ],
        true,
      ),
      'NAME          SIZE\na              1Ki\nlong-name   1023Ki\n',
    ));

  it('are as wide as their heading if that is wider than all cells', () =>
    assert.equal(renderColumns(columns, [{ name: 'a', size: '1' }], true), 'NAME   SIZE\na         1\n'));

  it('show an absent cell as -', () =>
    assert.equal(renderColumns(columns, [{}], true), 'NAME   SIZE\n-         -\n'));

  it('without headings are as wide as their cells alone', () =>
    assert.equal(renderColumns(columns, [{ name: 'a', size: '1' }], false), 'a   1\n'));

  it('have no spaces at the end of a line', () => {
    const left: readonly Column<Item>[] = [
      { heading: 'A', cell: ({ name }) => name },
      { heading: 'LONG', cell: () => 'x' },
    ];
    assert.doesNotMatch(renderColumns(left, [{ name: 'a' }], true), / $/m);
  });

  it('measure width in cells of a terminal, where an emoji takes two', () =>
    assert.equal(
      renderColumns(
        columns,
        [
          { name: '🎉🎉', size: '1' },
          { name: 'abc', size: '2' },
        ],
        false,
      ),
      '🎉🎉   1\nabc    2\n',
    ));

  it('without items are the headings alone, or empty without headings', () => {
    assert.equal(renderColumns(columns, [], true), 'NAME   SIZE\n');
    assert.equal(renderColumns(columns, [], false), '');
  });

  it('cut the widest labels in the middle until a line fits, and keep numbers whole', () => {
    const items = [{ name: 'catalog-7f9c64d8b5-kq8lm', size: '123456789' }];
    assert.equal(renderColumns(columns, items, false, 24), 'catalo…-kq8lm  123456789\n');
  });

  it('cut the end of a line that has no room for eight characters of a label', () => {
    const items = [{ name: 'catalog-7f9c64d8b5-kq8lm', size: '123456789' }];
    assert.equal(renderColumns(columns, items, false, 14), 'cata…8lm  1234\n');
  });

  it('give way by their rank: the less important before labels have 20 characters, the others before they have 12', () => {
    const ranked: readonly Column<Item>[] = [
      { heading: 'NAME', cell: ({ name }) => name },
      { heading: 'A', right: true, rank: 1, cell: () => '1111' },
      { heading: 'B', right: true, rank: 5, cell: () => '2222' },
      { heading: 'C', right: true, rank: 2, cell: () => '3333' },
    ];
    const items = [{ name: 'catalog-7f9c64d8b5-kq8lm' }];
    const at = (most: number): string => renderColumns(ranked, items, false, most);
    assert.equal(at(45), 'catalog-7f9c64d8b5-kq8lm   1111   2222   3333\n');
    assert.match(at(40), / 1111 +2222 +3333$/m);
    assert.match(at(36), /^.{20,24} +1111 +3333$/m);
    assert.match(at(24), /^.{12} +1111 +3333$/m);
    assert.match(at(23), /^.{12,17} +1111$/m);
  });

  for (const most of [1, 7, 12, 20, 33, 60])
    it(`never make a line longer than ${most} cells, with wide characters too`, () => {
      const items = [
        { name: '数据库的备份作业-🎉🎉🎉', size: '10Mi' },
        { name: 'e\u0301'.repeat(30), size: '1Ki' },
      ];
      for (const line of renderColumns(columns, items, true, most).split('\n'))
        assert.ok(widthOf(line) <= most, `${line}: ${widthOf(line)}`);
    });

  it('are painted without a change of their width', () => {
    const toned: readonly Column<Item>[] = [
      { heading: 'NAME', cell: ({ name }) => name, tone: () => 'bad' },
      { heading: 'SIZE', right: true, cell: ({ size }) => size },
    ];
    const painted = renderColumns(toned, [{ name: 'a', size: '1Mi' }], true, 40, true);
    assert.ok(painted.includes('\u001b[1;31ma   \u001b[0m'), painted);
    assert.equal(
      stripVTControlCharacters(painted),
      renderColumns(toned, [{ name: 'a', size: '1Mi' }], true, 40),
    );
  });
});
