/** The table for people: real memory, next to what kubectl top and docker stats show. */

import { type Column, renderColumns } from '../layout/columns.ts';
import { markOf } from '../layout/look.ts';
import { renderMarkdown } from '../layout/markdown.ts';
import { type Bytes, bytes, formatBytes, formatShare } from '../model/bytes.ts';
import type { NodeMemory, NodeReport, PodReport } from '../model/report.ts';
import { printable } from '../model/text.ts';
import { isThrottledByOneReading } from '../model/usage.ts';
import { countedText } from '../report/conditions.ts';
import { heldLines } from './node-lines.ts';
import type { Row } from './row.ts';
import {
  dockerColumn,
  kubectlTopColumn,
  labelColumns,
  markColumn,
  oomsColumn,
  partColumns,
  peakColumn,
  realColumns,
  requestColumn,
  rowTone,
  totalRow,
  verdictColumn,
} from './row-columns.ts';
import { podTarget, type RowOptions, type Rows, rowsOf } from './rows.ts';

export interface TableOptions extends RowOptions {
  readonly wide: boolean;
  readonly headers: boolean;
  /** Maximum number of lines, header and footer included. Default: no maximum. */
  readonly lines?: number;
  /** Maximum width of a line in characters. Default: no maximum. */
  readonly columns?: number;
  /** Puts a mark before rows that need attention. Default: no marks. */
  readonly marks?: boolean;
  /** The locale has no UTF-8. */
  readonly ascii?: boolean;
  readonly colour?: boolean;
}

/** Columns that every table has, then those that some row fills. */
function columnsOf(
  { headings, rows }: Rows,
  report: NodeReport,
  { wide, marks = false, ascii = false }: TableOptions,
): readonly Column<Row>[] {
  const hasVerdicts = rows.some(({ verdict }) => verdict !== undefined);
  const hasKills = rows.some(({ usage }) => (usage.oomKills ?? 0) > 0);
  return [
    ...(marks && rows.some((row) => markOf(rowTone(row), ascii) !== '') ? [markColumn(ascii)] : []),
    ...labelColumns(headings),
    ...realColumns({ marksHigh: wide, digits: 2 }),
    kubectlTopColumn,
    dockerColumn(report.node?.totalBytes),
    ...(wide ? [...partColumns, requestColumn, peakColumn] : []),
    ...(wide || hasKills ? [oomsColumn] : []),
    ...(hasVerdicts ? [verdictColumn] : []),
  ];
}

export function renderTable(report: NodeReport, options: TableOptions): string {
  const found = rowsOf(report, options);
  const { rows } = found;
  const foot = footer(report, found, options.wide);
  const room = options.lines === undefined ? rows.length : Math.max(1, options.lines - foot.length - 3);
  const shown = rows.slice(0, room);
  const body =
    rows.length === 0
      ? ''
      : renderColumns(
          columnsOf(found, report, options),
          options.headers ? [...shown, ...totals(found, options)] : shown,
          options.headers,
          options.columns,
          options.colour,
        );
  if (!options.headers) return body;
  const none = rows.length === 0 ? [whyNone(report, options)] : [];
  const more =
    shown.length < rows.length
      ? [
          `${countedText(rows.length - shown.length, 'row')} hidden; make the window taller or use --no-headers | less`,
        ]
      : [];
  return `${body}${body === '' ? '' : '\n'}${[...none, ...more, ...foot].join('\n')}\n`;
}

/** The rows alone, without the footer. */
export function renderTableMarkdown(report: NodeReport, options: TableOptions): string {
  const found = rowsOf(report, options);
  return renderMarkdown(columnsOf(found, report, options), [...found.rows, ...totals(found, options)]);
}

/** Rows of containers can contain each other, so only pods and their groups add up. */
function totals({ headings, rows }: Rows, { by }: TableOptions): readonly Row[] {
  return rows.length > 1 && by !== 'container' && by !== 'node' ? [totalRow(rows, headings)] : [];
}

/** The reason for an empty table. */
function whyNone({ pods, others, conditions }: NodeReport, { by }: TableOptions): string {
  if (conditions.some(({ reason }) => reason === 'NoCgroups')) return 'No cgroups to show.';
  if (pods.length === 0 && others.length > 0 && by !== 'container')
    return 'No pods on this host; omit --by to list containers.';
  if (conditions.some(({ type, status }) => type === 'NamesFresh' && status !== 'True'))
    return 'No known pod has this namespace or these labels; pass --pods FILE for the names of pods.';
  return 'No matching rows.';
}

/** Lines below the rows: the node, what is hidden, and conditions that are not true. */
function footer(report: NodeReport, { hidden, rows }: Rows, wide: boolean): readonly string[] {
  const lines = [...nodeLines(report, wide), ...throttledLine(rows, report)];
  if (hidden > 0) lines.push(`${hidden} hidden: services, slices and sandboxes (--all shows them)`);
  const skipped = new Set(report.skipped.map(({ cgroup }) => cgroup)).size;
  if (skipped > 0)
    lines.push(`${countedText(skipped, 'cgroup')} skipped or partly unread (-o yaml says why)`);
  for (const { status, type, message } of report.conditions)
    if (status !== 'True' && (type !== 'NamesFresh' || report.pods.length > 0))
      lines.push(printable(message));
  return lines;
}

/** How many throttled rows the line names. */
const mostNamed = 3;

/**
 * Names throttled rows, because nobody notices: above `memory.high` the kernel does not kill. A pod can be throttled at its own
 * `memory.high` although none of its containers is. So a table of containers names such a pod too, unless it names one of the
 * pod's containers.
 */
function throttledLine(rows: readonly Row[], { pods }: NodeReport): readonly string[] {
  const inRows = rows.filter(({ usage, verdict }) =>
    verdict === undefined ? isThrottledByOneReading(usage) : verdict === 'Throttled',
  );
  const isNamed = ({ cgroup }: PodReport): boolean =>
    inRows.some(({ cgroup: row }) => row === cgroup || row?.startsWith(`${cgroup}/`));
  const inPods = pods.filter((pod) => isThrottledByOneReading(pod) && !isNamed(pod));
  const throttled = [...inRows.map(({ target }) => target), ...inPods.map(podTarget)];
  if (throttled.length === 0) return [];
  const names = throttled.slice(0, mostNamed).map((target) => printable(target));
  const more = throttled.length > mostNamed ? ` and ${throttled.length - mostNamed} more` : '';
  return [`THROTTLED at memory.high: ${names.join(', ')}${more} (see realmem explain TARGET)`];
}

function nodeLines({ metadata, node, observed }: NodeReport, wide: boolean): readonly string[] {
  const where = [
    observed.cgroupVersion === undefined ? undefined : `cgroup v${observed.cgroupVersion}`,
    observed.kernel === undefined ? undefined : `Linux ${printable(observed.kernel)}`,
    observed.at === undefined ? undefined : printable(observed.at),
  ].filter((part) => part !== undefined);
  const lines = [`NODE ${[printable(metadata.name), ...where].join('   ')}`];
  if (node === undefined) return lines;
  const { realUsedBytes: real, totalBytes: total, usedBytes: used, availableBytes: available } = node;
  const figures = [
    `REAL ${real === undefined ? '-' : `${formatBytes(real)} of ${formatBytes(total)} (${formatShare(real, total, 0)})`}`,
    `USED with cache ${used === undefined ? '-' : `${formatBytes(used)} (${formatShare(used, total, 0)})`}`,
    ...(available === undefined ? [] : [`AVAILABLE ${formatBytes(available)}`]),
  ];
  const held = heldLines(node);
  return [
    ...lines,
    figures.join('   '),
    ...(held.length === 0 ? [] : [`REAL includes ${held.join(', and ')}`]),
    ...(wide ? partsLine(node) : []),
  ];
}

/** The parts of real memory. A part can be negative, because the kernel's files are read one after another. */
function partsLine({ parts, realUsedBytes: real }: NodeMemory): readonly string[] {
  if (parts === undefined) return [];
  const { podsBytes, podsRestBytes, systemBytes, restBytes } = parts;
  const named: readonly (readonly [name: string, amount: Bytes | undefined])[] = [
    ['pods', podsBytes],
    ["rest of the pods' cgroup", podsRestBytes],
    ['outside pods', systemBytes],
    ['kernel and root', restBytes],
  ];
  const terms = named.flatMap(([name, amount = bytes(0)]) =>
    amount === 0 ? [] : [`${amount < 0 ? '− ' : '+ '}${name} ${formatBytes(bytes(Math.abs(amount)))}`],
  );
  const whole = real === undefined ? '' : `${formatBytes(real)} = `;
  return [`REAL by cgroup ${whole}${terms.join(' ').replace(/^\+ /, '')}`];
}
