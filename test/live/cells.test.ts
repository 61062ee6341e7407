/** A line of text → cells. test/live/screen.test.ts shows the same cells on a terminal. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { paint } from '../../src/layout/look.ts';
import { type Cell, cellsOfLine } from '../../src/live/cells.ts';

const textOf = (cells: readonly Cell[]): readonly string[] => cells.map(({ text }) => text);

describe('the cells of a line', () => {
  for (const [text, columns, cells] of [
    ['ab', 4, ['a', 'b', ' ', ' ']],
    ['abc', 2, ['a', 'b']],
    ['a界', 4, ['a', '界', '', ' ']],
    ['a界', 2, ['a', ' ']],
    ['e\u0301x', 2, ['e\u0301', 'x']],
    ['界\u0301', 2, ['界\u0301', '']],
    ['\u0301a', 2, ['a', ' ']],
    [`a${'\u0301'.repeat(9)}b`, 2, [`a${'\u0301'.repeat(4)}`, 'b']],
    ['a\tb\n', 4, ['a', '\ufffd', 'b', '\ufffd']],
    ['\u001b[2J', 4, ['\ufffd', '[', '2', 'J']],
    ['😀', 2, ['😀', '']],
    ['', 1, [' ']],
    ['a', 0, []],
  ] as const)
    it(`of ${JSON.stringify(text)} on ${columns} columns are ${JSON.stringify(cells)}`, () =>
      assert.deepEqual(textOf(cellsOfLine({ text }, columns)), cells));

  it('have the style of the colour before them, until its end', () => {
    const styles = cellsOfLine({ text: `a${paint('b', 'bad')}c` }, 4).map(({ style }) => style);
    assert.deepEqual([styles[0], styles[2], styles[3]], ['', '', '']);
    assert.match(styles[1] ?? '', /31/);
  });

  it('keep the base of the line below each colour, and up to the edge', () => {
    const text = 'a\u001b[31mb\u001b[0mc\u001b[md';
    assert.deepEqual(
      cellsOfLine({ text, base: '7' }, 6).map(({ style }) => style),
      ['7', '7;31', '7', '7', '7', '7'],
    );
  });

  it('of a wide character have one style', () =>
    assert.deepEqual(cellsOfLine({ text: '\u001b[31m界' }, 2), [
      { text: '界', style: '31' },
      { text: '', style: '31' },
    ]));
});
