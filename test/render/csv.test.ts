import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytes } from '../../src/model/bytes.ts';
import type { NodeReport } from '../../src/model/report.ts';
import { printable } from '../../src/model/text.ts';
import { usageFields } from '../../src/model/usage.ts';
import { renderCsv as render } from '../../src/render/csv.ts';
import { type Grouping, groupings } from '../../src/render/row.ts';
import { rowsOf } from '../../src/render/rows.ts';
import { containerOf, hostileReport, otherOf, podOf, recorded, reportOf } from '../report/reports.ts';

const renderCsv = (report: NodeReport, by: Grouping, headers: boolean): string =>
  render(report, { by, all: true, sortBy: 'real' }, headers);

/** Parses strict RFC 4180, except for its line ends. */
function cellsOf(csv: string): string[][] {
  const lines: string[][] = [];
  let rest = csv;
  while (rest !== '') {
    const line: string[] = [];
    for (;;) {
      const cell = /^(?:"((?:[^"]|"")*)"|([^",\n\r]*))(,|\n)/.exec(rest);
      assert.ok(cell, `no cell: ${JSON.stringify(rest.slice(0, 40))}`);
      line.push(cell[1]?.replaceAll('""', '"') ?? cell[2] ?? '');
      rest = rest.slice(cell[0].length);
      if (cell[3] === '\n') break;
    }
    lines.push(line);
  }
  return lines;
}

describe('a report as CSV', () => {
  const only = (name: string): string =>
    renderCsv(reportOf({ others: [otherOf({ name, cgroup: '/x' })] }), 'container', false).split('\n')[0] ??
    '';

  it('ends with a line on omitted cgroups if there are any', () => {
    const report = { ...recorded('kubernetes-v1'), omitted: { count: 7, usageBytes: bytes(500) } };
    const [head, ...lines] = cellsOf(renderCsv(report, 'container', true));
    const last = lines.at(-1) ?? [];
    assert.equal(last.length, head?.length);
    assert.deepEqual(
      last.filter((cell) => cell !== ''),
      ['7 cgroups omitted', '500'],
    );
    assert.equal(last[head?.indexOf('usageBytes') ?? -1], '500');
    assert.equal(renderCsv(report, 'namespace', true).includes('left out'), false);
  });

  it('has headings for each label, the target and every figure', () => {
    const [head] = cellsOf(renderCsv(recorded('kubernetes-v1'), 'container', true));
    assert.deepEqual(head, ['namespace', 'pod', 'container', 'target', ...usageFields]);
  });

  it('has every container and cgroup, even those that the table hides', () => {
    const report = recorded('kubernetes-v1');
    const lines = cellsOf(renderCsv(report, 'container', false));
    assert.equal(lines.length, report.containers.length + report.others.length);
  });

  it('has figures in bytes, and empty cells for absent figures', () => {
    const others = [otherOf({ realBytes: 74_207_219_712, oomKills: 0, psiSomeAvg60: 1.5, clamped: true })];
    const [head = [], line = []] = cellsOf(renderCsv(reportOf({ others }), 'container', true));
    const value = (field: string) => line[head.indexOf(field)];
    assert.deepEqual(
      ['realBytes', 'oomKills', 'psiSomeAvg60', 'clamped', 'usageBytes', 'limitFrom'].map(value),
      ['74207219712', '0', '1.5', 'true', '', ''],
    );
  });

  it('quotes a text with a comma or a quote', () => {
    assert.match(only('a,b'), /^service,"a,b",\/x,/);
    assert.match(only('say "hi"'), /^service,"say ""hi""",\/x,/);
    assert.match(only('plain'), /^service,plain,\/x,/);
  });

  for (const sign of ['=', '+', '-', '@'])
    it(`puts an apostrophe before a text that begins with ${sign}, so that it is no formula`, () =>
      assert.match(
        only(`${sign}HYPERLINK("http://x","y")`),
        new RegExp(`^service,"'\\${sign}HYPERLINK\\(""http`),
      ));

  it('writes negative numbers unchanged', () => {
    const [line] = cellsOf(
      renderCsv(reportOf({ others: [otherOf({ residualBytes: -5 })] }), 'container', false),
    );
    assert.ok(line?.includes('-5'));
  });

  it('has one line per group, for each --by', () => {
    const report = reportOf({
      pods: [podOf({ namespace: 'a', name: 'x' }), podOf({ namespace: 'b', name: 'y' })],
      containers: [containerOf()],
    });
    for (const [by, lines] of [
      ['pod', 2],
      ['workload', 2],
      ['namespace', 2],
      ['node', 1],
      ['container', 1],
    ] as const)
      assert.equal(cellsOf(renderCsv(report, by, false)).length, lines, by);
  });

  it('parses back to the same cells, for any names', () =>
    fc.assert(
      fc.property(hostileReport, fc.constantFrom(...groupings), (report, by) => {
        const { headings, rows } = rowsOf(report, { by, all: true, sortBy: 'real' });
        const lines = cellsOf(renderCsv(report, by, true));
        assert.equal(lines.length, rows.length + 1);
        const safe = (text: string): string => printable(/^[=+\-@]/.test(text) ? `'${text}` : text);
        for (const [index, { target, labels }] of rows.entries()) {
          const line = lines[index + 1] ?? [];
          assert.equal(line.length, lines[0]?.length);
          assert.equal(line[headings.length], safe(target));
          for (const [column, heading] of headings.entries())
            assert.equal(line[column], safe(labels[heading] ?? ''));
          for (const cell of line.slice(0, headings.length + 1)) assert.doesNotMatch(cell, /^[=+\-@\t\r]/);
        }
      }),
      { numRuns: 300 },
    ));
});
