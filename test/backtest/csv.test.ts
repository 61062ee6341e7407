import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readCsv } from '../../src/backtest/csv.ts';
import { LocatedError } from '../../src/model/located-error.ts';
import { anyText } from '../model/any-text.ts';

const cell = fc
  .oneof(
    anyText({ maxLength: 6 }),
    fc.constantFrom('', '"', '""', ',', ';', '\t', '\n', '\r\n', ' a ', 'a"b', '{pod="x", ns="y"}'),
  )
  .map((text) => text.replaceAll('\ufeff', '').toWellFormed());
interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

function parseCsv(file: string, text: string): { header: readonly string[]; rows: readonly Row[] } {
  const rows: Row[] = [];
  let header: readonly string[] = [];
  readCsv(file, text, {
    header(names) {
      header = names;
    },
    row: (cells, line) => void rows.push({ cells, line }),
  });
  return { header, rows };
}

const quotedCell = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const table = fc.integer({ min: 2, max: 5 }).chain((columns) => {
  const row = fc.array(cell, { minLength: columns, maxLength: columns });
  return fc.record({
    header: fc.uniqueArray(cell, { minLength: columns, maxLength: columns }),
    rows: fc.array(row, { minLength: 1, maxLength: 4 }),
  });
});

describe('readCsv', () => {
  it('returns the cells that were quoted, for each separator and line ending', () =>
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\n', '\r\n'),
        fc.constantFrom('', '\ufeff'),
        ({ header, rows }, separator, end, mark) => {
          const lines = [header, ...rows].map((cells) => cells.map(quotedCell).join(separator) + end);
          const found = parseCsv('a.csv', mark + lines.join(''));
          assert.deepEqual(found.header, header);
          assert.deepEqual(
            [...found.rows].map(({ cells }) => cells),
            rows,
          );
        },
      ),
    ));

  it('names the line where each row starts, after cells with line breaks of either kind', () => {
    const { header, rows } = parseCsv(
      'a.csv',
      't,"a\nb"\r\n1,"x\r\ny"\r\n\r\n"2\n\n",3\n4,"say ""no"", then go"\n',
    );
    assert.deepEqual(header, ['t', 'a\nb']);
    assert.deepEqual(rows, [
      { line: 3, cells: ['1', 'x\r\ny'] },
      { line: 6, cells: ['2\n\n', '3'] },
      { line: 9, cells: ['4', 'say "no", then go'] },
    ]);
  });

  it('names the line of a fault after cells with line breaks', () => {
    for (const [text, says] of [
      ['t,a\n1,"x\r\ny"\n2\n', 'a.csv:4: expected 2 columns as in the first line, got 1'],
      [
        't,a\n1,"x\r\ny"\n2,"3" 4\n',
        'a.csv:4: expected a quote that closes the cell before the next comma, got "3" 4',
      ],
      [
        't,a\n1,"x\r\ny"\n2,3"4\n',
        'a.csv:4: expected quotes around the whole cell, and doubled quotes inside it, got "4',
      ],
      [
        't,a\n1,"x\r\ny"\n2,"3\n4,5\n',
        'a.csv:4: expected a quote that closes the cell before the next comma, got "3',
      ],
    ] as const)
      assert.throws(() => parseCsv('a.csv', text), { message: says });
  });

  it('gives up on a row of more than 32 MiB, which an open quote makes', () =>
    assert.throws(() => parseCsv('a.csv', `t,"a\n${'1,2\n'.repeat(9_000_000)}`), {
      message: 'a.csv:1: expected a quote that closes the cell before the next comma, got "a',
    }));

  it('reads cells without quotes, and removes the spaces around cells', () => {
    const { header, rows } = parseCsv('a.csv', 't , a b,"c"\n 1,, "x, y" \n');
    assert.deepEqual(header, ['t', 'a b', 'c']);
    assert.deepEqual([...rows], [{ line: 2, cells: ['1', '', 'x, y'] }]);
  });

  it('returns rows of equal length or an error that names the file, for any text', () =>
    fc.assert(
      fc.property(
        fc.oneof(
          anyText(),
          fc.array(fc.constantFrom(',', ';', '"', 'a', '\n', ' ', '\t')).map((all) => all.join('')),
        ),
        (text) => {
          try {
            const { header, rows } = parseCsv('a.csv', text);
            for (const { cells } of rows) assert.equal(cells.length, header.length);
          } catch (error) {
            assert.ok(error instanceof LocatedError && /^a\.csv/.test(error.message), String(error));
          }
        },
      ),
      { numRuns: 1000 },
    ));

  it('quotes at most 80 characters of a wrong cell or column name', () => {
    const long = 'x'.repeat(100_000);
    for (const text of [`t,"${long}\n`, `t,${long},${long}\n1,2,3\n`])
      assert.throws(
        () => [...parseCsv('a.csv', text).rows],
        ({ message }: Error) => message.length < 200,
      );
  });

  it('searches the text equally often for 100 and for 300 doubled quotes in a cell', (test) => {
    const finds = test.mock.method(String.prototype, 'indexOf').mock;
    const findsIn = (times: number): number => {
      finds.resetCalls();
      parseCsv('a.csv', `t,"${'""'.repeat(times)}"\n1,2\n`);
      return finds.callCount();
    };
    assert.equal(findsIn(300), findsIn(100));
  });
});
