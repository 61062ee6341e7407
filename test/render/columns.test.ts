import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Column, renderColumns } from '../../src/render/columns.ts';

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

  it('measure width in characters, not in UTF-16 code units', () =>
    assert.equal(
      renderColumns(
        columns,
        [
          { name: '🎉🎉', size: '1' },
          { name: 'abc', size: '2' },
        ],
        false,
      ),
      '🎉🎉    1\nabc   2\n',
    ));

  it('without items are the headings alone, or empty without headings', () => {
    assert.equal(renderColumns(columns, [], true), 'NAME   SIZE\n');
    assert.equal(renderColumns(columns, [], false), '');
  });

  it('cut the widest labels in the middle until a line fits, and never cut a number', () => {
    const columns: Column<{ name: string; size: string }>[] = [
      { heading: 'NAME', cell: ({ name }) => name },
      { heading: 'SIZE', right: true, cell: ({ size }) => size },
    ];
    const items = [{ name: 'catalog-7f9c64d8b5-kq8lm', size: '123456789' }];
    assert.equal(renderColumns(columns, items, false, 24), 'catalo…kq8lm   123456789\n');
    // Labels keep eight characters: a line that is too long is better than one without information.
    assert.equal(renderColumns(columns, items, false, 5), 'cata…8lm   123456789\n');
  });
});
