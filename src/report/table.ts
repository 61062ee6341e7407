/** The table that people read: real memory, and beside it what the usual tools say. */
import { type Bytes, formatBytes, formatShare } from '../model/bytes.ts';
import type { NodeReport } from '../model/report.ts';
import { printable } from '../model/text.ts';
import { type Column, renderColumns } from './columns.ts';
import { dockerShare, kubectlSize } from './rivals.ts';
import { type Grouping, type Row, type Rows, rowsOf } from './rows.ts';

export interface TableOptions {
  readonly by: Grouping;
  readonly wide: boolean;
  readonly headers: boolean;
  readonly all: boolean;
  readonly sortBy: SortKey;
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
    size('REAL', ({ usage }) => usage.realBytes),
    size('LIMIT', ({ usage }) => usage.limitBytes),
    {
      heading: 'REAL%',
      right: true,
      cell: ({ usage }) =>
        usage.realBytes === undefined ? undefined : formatShare(usage.realBytes, usage.limitBytes, 2),
    },
    { heading: 'KUBECTL-TOP', right: true, cell: ({ usage }) => kubectlSize(usage) },
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
  const rows = rowsOf(report, options.by, options.all);
  const columns = columnsOf(rows, report, options);
  const body =
    rows.rows.length === 0
      ? ''
      : renderColumns(columns, sortRows(rows.rows, options.sortBy), options.headers);
  return options.headers ? `${body}${footer(report, rows)}` : body;
}

/** What `--sort-by` can name. */
export const sortKeys = ['real', 'limit', 'usage', 'working-set', 'request', 'name'] as const;
export type SortKey = (typeof sortKeys)[number];

const amounts: Readonly<Record<Exclude<SortKey, 'name'>, (row: Row) => Bytes | undefined>> = {
  real: ({ usage }) => usage.realBytes,
  limit: ({ usage }) => usage.limitBytes,
  usage: ({ usage }) => usage.usageBytes,
  'working-set': ({ usage }) => usage.workingSetBytes,
  request: ({ usage }) => usage.requestBytes,
};

function sortRows(rows: readonly Row[], key: SortKey): readonly Row[] {
  if (key === 'name')
    return rows.toSorted((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0));
  const amount = amounts[key];
  return rows.toSorted((a, b) => (amount(b) ?? -1) - (amount(a) ?? -1));
}

/** Under the rows: the node, what is not shown, and what is wrong. */
function footer(report: NodeReport, { rows, hidden }: Rows): string {
  const lines = [nodeLine(report)];
  if (hidden > 0) lines.push(`${hidden} more: services, slices and sandboxes (--all shows them)`);
  const skipped = report.skipped.length;
  if (skipped > 0) lines.push(`${skipped} skipped or in part unread (-o yaml says why)`);
  for (const { status, type, message } of report.conditions)
    if (status !== 'True' && (type !== 'NamesFresh' || report.pods.length > 0))
      lines.push(printable(message));
  return `${rows.length > 0 ? '\n' : ''}${lines.join('\n')}\n`;
}

function nodeLine({ metadata, node, observed }: NodeReport): string {
  const where = [
    observed.cgroupVersion === undefined ? undefined : `cgroup v${observed.cgroupVersion}`,
    observed.kernel === undefined ? undefined : `Linux ${printable(observed.kernel)}`,
    observed.at,
  ].filter((part) => part !== undefined);
  const name = `NODE ${printable(metadata.name)}`;
  if (node === undefined) return [name, ...where].join('   ');
  const { realUsedBytes: real, totalBytes, usedBytes, availableBytes } = node;
  const figures = [
    `REAL ${real === undefined ? '-' : `${formatBytes(real)} (${formatShare(real, totalBytes, 0)})`}`,
    `of ${formatBytes(totalBytes)}`,
    `USED with cache ${formatBytes(usedBytes)} (${formatShare(usedBytes, totalBytes, 0)})`,
    ...(availableBytes === undefined ? [] : [`AVAILABLE ${formatBytes(availableBytes)}`]),
  ];
  return [name, ...figures, ...where].join('   ');
}
