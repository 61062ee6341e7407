/** CSV for spreadsheets, with every figure in bytes: one line per row of the table with --all. */
import type { NodeReport } from '../model/report.ts';
import { printable } from '../model/text.ts';
import { usageFields } from '../model/usage.ts';
import { type RowOptions, rowsOf } from './rows.ts';

type Cell = string | number | boolean | undefined;

/** @param line writes the cells of a line */
export function renderCsv(
  report: NodeReport,
  options: RowOptions,
  headers: boolean,
  line: typeof csvLine = csvLine,
): string {
  const { headings: labels, rows } = rowsOf(report, { ...options, all: true });
  const head = [...labels.map((label) => label.toLowerCase()), 'target', ...usageFields];
  const lines = rows.map(({ labels: names, target, usage }) => [
    ...labels.map((label) => names[label]),
    target,
    ...usageFields.map((field) => usage[field]),
  ]);
  const { omitted } = report;
  if (omitted !== undefined && options.by === 'container') {
    const name = `${omitted.count} cgroups omitted`;
    lines.push([
      ...labels.map((_, index) => (index === labels.length - 1 ? name : undefined)),
      undefined,
      ...usageFields.map((field) => (field === 'usageBytes' ? omitted.usageBytes : undefined)),
    ]);
  }
  return (headers ? [head, ...lines] : lines).map(line).join('');
}

/** A line of CSV: RFC 4180. */
export const csvLine = (values: readonly Cell[]): string =>
  `${values.map((value) => quotedCell(plainCell(value))).join(',')}\n`;

/** A line with tabs between its cells. No cell has a tab, because a tab is not printable. */
export const tsvLine = (values: readonly Cell[]): string => `${values.map(plainCell).join('\t')}\n`;

/** The apostrophe keeps a spreadsheet from running a text that begins with = + - or @ as a formula. */
function plainCell(value: Cell): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  return printable(/^[=+\-@]/.test(value) ? `'${value}` : value);
}

const quotedCell = (text: string): string => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
