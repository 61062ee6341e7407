import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { renderJson, renderYaml } from '../../src/layout/structured.ts';
import { renderMetrics } from '../../src/metrics/metrics.ts';
import { printable } from '../../src/model/text.ts';
import { renderCsv } from '../../src/render/csv.ts';
import { outputs, render, renderNames } from '../../src/render/render.ts';
import { groupings } from '../../src/render/row.ts';
import { sortKeys } from '../../src/render/sort-rows.ts';
import { renderTable } from '../../src/render/table.ts';
import { agent, hostileReport, recorded } from '../report/reports.ts';

const options = { by: 'pod', headers: true, all: false, sortBy: 'name' } as const;

describe('a rendered report', () => {
  const report = recorded('kubernetes-v1');

  it('has the format that -o names', () => {
    assert.equal(render(report, 'table', options), renderTable(report, { ...options, wide: false }));
    assert.equal(render(report, 'wide', options), renderTable(report, { ...options, wide: true }));
    assert.equal(render(report, 'json', options), renderJson(report));
    assert.equal(render(report, 'yaml', options), renderYaml(report));
    assert.equal(render(report, 'csv', options), renderCsv(report, options, true));
    assert.equal(render(report, 'name', options), renderNames(report, options));
  });

  for (const format of outputs)
    it(`as ${format} ends with a line break, and is the same each time`, () => {
      const text = render(report, format, options);
      assert.match(text, /\n$/);
      assert.equal(render(structuredClone(report), format, options), text);
    });
});

describe('hostile text in a report', () => {
  /** Control characters other than the format's own line breaks, and characters that reorder or hide text. */
  const acts = (text: string): boolean => text.split('\n').some((line) => printable(line) !== line);
  const choice = fc.record({
    by: fc.constantFrom(...groupings),
    headers: fc.boolean(),
    all: fc.boolean(),
    sortBy: fc.constantFrom(...sortKeys),
  });

  it('puts no control character into any format, nor into metrics', () =>
    fc.assert(
      // One report for all formats: most of the time goes into making it.
      fc.property(hostileReport, choice, (report, how) => {
        for (const format of outputs) {
          const text = render(report, format, how);
          // Tabs part the cells of TSV.
          const shown = format === 'tsv' ? text.replaceAll('\t', ' ') : text;
          assert.equal(acts(shown), false, `${format}: ${JSON.stringify(text)}`);
        }
        assert.equal(acts(renderMetrics({ report, agent })), false, 'metrics');
      }),
      { numRuns: 300 },
    ));

  it('adds no line to a table, CSV, TSV, names or Markdown', () =>
    fc.assert(
      fc.property(hostileReport, choice, (report, how) => {
        // Escapes begin with a backslash: beside one, a harmless path can come to lie below another.
        fc.pre(!JSON.stringify(report).includes('\\\\'));
        const count = (text: string): number => text.split('\n').length;
        const harmless = JSON.parse(
          // Escaped, one cgroup could become the parent of another, and the table would hide other rows.
          JSON.stringify(report, (key, value: unknown) =>
            typeof value === 'string' && key !== 'cgroup' ? printable(value) : value,
          ),
        ) as typeof report;
        for (const format of ['table', 'wide', 'csv', 'tsv', 'name', 'markdown'] as const)
          assert.equal(count(render(report, format, how)), count(render(harmless, format, how)), format);
      }),
      { numRuns: 300 },
    ));
});
