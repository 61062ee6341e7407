/** Renders a report in the format of `-o`. */

import { renderJson, renderYaml } from '../layout/structured.ts';
import type { NodeReport } from '../model/report.ts';
import { printable } from '../model/text.ts';
import { renderCsv, tsvLine } from './csv.ts';
import { type RowOptions, rowsOf } from './rows.ts';
import { renderTable, renderTableMarkdown, type TableOptions } from './table.ts';

export const outputs = ['table', 'wide', 'json', 'yaml', 'csv', 'tsv', 'name', 'markdown'] as const;
export type OutputFormat = (typeof outputs)[number];

/** JSON and YAML have the whole report, even rows that the table hides. */
export function render(
  report: NodeReport,
  format: OutputFormat,
  options: Omit<TableOptions, 'wide'>,
): string {
  switch (format) {
    case 'table':
      return renderTable(report, { ...options, wide: false });
    case 'wide':
      return renderTable(report, { ...options, wide: true });
    case 'json':
      return renderJson(report);
    case 'yaml':
      return renderYaml(report);
    case 'csv':
      return renderCsv(report, options, options.headers);
    case 'tsv':
      return renderCsv(report, options, options.headers, tsvLine);
    case 'name':
      return renderNames(report, options);
    case 'markdown':
      return renderTableMarkdown(report, { ...options, wide: false });
  }
}

export const renderNames = (report: NodeReport, options: RowOptions): string =>
  rowsOf(report, options)
    .rows.map(({ target }) => `${printable(target)}\n`)
    .join('');
