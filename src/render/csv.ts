/** CSV for spreadsheets, with every figure in bytes: one line per row of the table with --all. */
import type { NodeReport } from '../model/report.ts';
import { printable } from '../model/text.ts';
import { usageFields } from '../model/usage.ts';
import { type RowOptions, rowsOf } from './rows.ts';

export function renderCsv(report: NodeReport, options: RowOptions, headers: boolean): string {
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
  return (headers ? [head, ...lines] : lines).map(csvLine).join('');
}

export const csvLine = (values: readonly (string | number | boolean | undefined)[]): string =>
  `${values.map(cell).join(',')}\n`;

/** RFC 4180. The apostrophe keeps a spreadsheet from running a text that begins with = + - or @ as a formula. */
function cell(value: string | number | boolean | undefined): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const text = printable(/^[=+\-@]/.test(value) ? `'${value}` : value);
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
