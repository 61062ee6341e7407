import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseCsv } from '../../src/backtest/csv.ts';
import { LocatedError } from '../../src/model/located-error.ts';
import { anyText } from '../model/any-text.ts';

const cell = fc
  .oneof(
    anyText({ maxLength: 6 }),
    fc.constantFrom('', '"', '""', ',', ';', '\t', ' a ', 'a"b', '{pod="x", ns="y"}'),
  )
  .map((text) => text.replaceAll(/[\r\n\ufeff]/g, ''));
const quotedCell = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const table = fc.integer({ min: 2, max: 5 }).chain((columns) => {
  const row = fc.array(cell, { minLength: columns, maxLength: columns });
  return fc.record({
    header: fc.uniqueArray(cell, { minLength: columns, maxLength: columns }),
    rows: fc.array(row, { minLength: 1, maxLength: 4 }),
  });
});

describe('the cells of a file', () => {
  it('are those that were written, whatever they hold, between quotes and any separator', () =>
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

  it('may stand without quotes, and with spaces around them', () => {
    const { header, rows } = parseCsv('a.csv', 't , a b,"c"\n 1,, "x, y" \n');
    assert.deepEqual(header, ['t', 'a b', 'c']);
    assert.deepEqual([...rows], [{ line: 2, cells: ['1', '', 'x, y'] }]);
  });

  it('are cells or a fault that says where, whatever the text', () =>
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

  it('quotes no more than 80 characters of a cell or a name that is wrong', () => {
    const long = 'x'.repeat(100_000);
    for (const text of [`t,"${long}\n`, `t,${long},${long}\n1,2,3\n`])
      assert.throws(
        () => [...parseCsv('a.csv', text).rows],
        ({ message }: Error) => message.length < 200,
      );
  });

  it('take time in proportion to their length, however many quotes there are', (test) => {
    const finds = test.mock.method(String.prototype, 'indexOf').mock;
    const findsIn = (times: number): number => {
      finds.resetCalls();
      parseCsv('a.csv', `t,"${'""'.repeat(times)}"\n1,2\n`);
      return finds.callCount();
    };
    const [one, two, three] = [100, 200, 300].map(findsIn) as [number, number, number];
    assert.equal(three - two, two - one);
  });
});
