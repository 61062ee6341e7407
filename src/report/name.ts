/** Only the names, one a line, as commands take them for TARGET. */
import type { NodeReport } from '../model/report.ts';
import { printable } from '../model/text.ts';
import { type Grouping, rowsOf } from './rows.ts';

export const renderNames = (report: NodeReport, by: Grouping, all: boolean): string =>
  rowsOf(report, by, all)
    .rows.map(({ target }) => `${printable(target)}\n`)
    .join('');
