/** The table for people: real memory, next to what kubectl top and docker stats show. */
import { type Bytes, bytes, formatBytes, formatShare } from '../model/bytes.ts';
import type { NodeMemory, NodeReport, PodReport } from '../model/report.ts';
import { printable } from '../model/text.ts';
import { isThrottledByOneReading, limitInForce, type MemoryUsage } from '../model/usage.ts';
import { counted } from '../report/conditions.ts';
import { type Column, renderColumns } from './columns.ts';
import { heldLines, realSize } from './node-lines.ts';
import { podTarget, type Row, type RowOptions, type Rows, rowsOf } from './rows.ts';
import { dockerShare, kubectlSize } from './tool-figures.ts';

export interface TableOptions extends RowOptions {
  readonly wide: boolean;
  readonly headers: boolean;
  /** Maximum number of lines, header and footer included. Default: no maximum. */
  readonly lines?: number;
  /** Maximum width of a line in characters. Default: no maximum. */
  readonly columns?: number;
}

const size = (heading: string, of: (row: Row) => Bytes | undefined): Column<Row> => ({
  heading,
  right: true,
  cell: (row) => {
    const value = of(row);
    return value === undefined ? undefined : formatBytes(value);
  },
});

const count = (heading: string, of: (row: Row) => number | undefined): Column<Row> => ({
  heading,
  right: true,
  cell: (row) => of(row)?.toString(),
});

/** Only the wide table marks `memory.high`. In the narrow one a line in the footer names throttled rows. */
function limitText(usage: MemoryUsage, wide: boolean): string | undefined {
  const limit = limitInForce(usage);
  if (limit === undefined) return undefined;
  return wide && limit.file === 'memory.high'
    ? `${formatBytes(limit.bytes)} (high)`
    : formatBytes(limit.bytes);
}

function columnsOf({ headings }: Rows, report: NodeReport, { wide }: TableOptions): readonly Column<Row>[] {
  const host = report.node?.totalBytes;
  const labels = headings.map(
    (heading): Column<Row> => ({
      heading,
      cell: ({ labels: { [heading]: label } }) => (label === undefined ? undefined : printable(label)),
    }),
  );
  return [
    ...labels,
    { heading: 'REAL', right: true, cell: ({ usage }) => realSize(usage) },
    { heading: 'LIMIT', right: true, cell: ({ usage }) => limitText(usage, wide) },
    {
      heading: 'REAL%',
      right: true,
      cell: ({ usage }) =>
        usage.realBytes === undefined
          ? undefined
          : formatShare(usage.realBytes, limitInForce(usage)?.bytes, 2),
    },
    { heading: 'KUBECTL-TOP', right: true, cell: ({ kubectlTop }) => kubectlSize(kubectlTop) },
    { heading: 'DOCKER-STATS', right: true, cell: ({ usage }) => dockerShare(usage, host) },
    ...(wide
      ? [
          size('USAGE', ({ usage }) => usage.usageBytes),
          size('CACHE', ({ usage }) => usage.cacheBytes),
          size('SHMEM', ({ usage }) => usage.shmemBytes),
          size('RSS', ({ usage }) => usage.rssBytes),
          size('KERNEL', ({ usage }) => usage.kernelBytes),
          size('SWAP', ({ usage }) => usage.swapBytes),
          size('REQUEST', ({ usage }) => usage.requestBytes),
          size('PEAK', ({ usage }) => usage.peakRealBytes),
          count('OOMS', ({ usage }) => usage.oomKills),
        ]
      : []),
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
      : renderColumns(columnsOf(found, report, options), shown, options.headers, options.columns);
  if (!options.headers) return body;
  const none = rows.length === 0 ? [whyNone(report, options)] : [];
  const more =
    shown.length < rows.length
      ? [
          `${counted(rows.length - shown.length, 'row')} hidden; make the window taller or use --no-headers | less`,
        ]
      : [];
  return `${body}${body === '' ? '' : '\n'}${[...none, ...more, ...foot].join('\n')}\n`;
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
  if (skipped > 0) lines.push(`${counted(skipped, 'cgroup')} skipped or partly unread (-o yaml says why)`);
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
