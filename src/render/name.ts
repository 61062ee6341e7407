/** Only the names, one a line, as commands take them for TARGET. */
import type { NodeReport } from '../model/report.ts';
import { printable } from '../model/text.ts';
import { type RowOptions, rowsOf } from './rows.ts';

export const renderNames = (report: NodeReport, options: RowOptions): string =>
  rowsOf(report, options)
    .rows.map(({ target }) => `${printable(target)}\n`)
    .join('');
