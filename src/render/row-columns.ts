/** The columns of tables of memory: for one host and for a cluster. */

import type { Column } from '../layout/columns.ts';
import { markOf, type Tone } from '../layout/look.ts';
import { type Bytes, bytes, formatBytes, formatShare, inWholeMi, minus } from '../model/bytes.ts';
import { defined } from '../model/json.ts';
import { printable } from '../model/text.ts';
import { isThrottledByOneReading, limitInForce, type MemoryUsage, nearLimit } from '../model/usage.ts';
import { realSize } from './node-lines.ts';
import type { Grouping, Row } from './row.ts';
import { dockerShare } from './tool-figures.ts';

/** Names of rows. */
export const labelColumns = (headings: readonly string[]): readonly Column<Row>[] =>
  headings.map(
    (heading): Column<Row> => ({
      heading,
      cell: ({ labels: { [heading]: label } }) => (label === undefined ? undefined : printable(label)),
      tone: rowTone,
    }),
  );

const number = (
  heading: string,
  rank: number,
  cell: (row: Row) => string | undefined,
  tone?: (row: Row) => Tone | undefined,
): Column<Row> => ({
  heading,
  right: true,
  rank,
  cell: (row) => cell(row) ?? (row.isTotal === true ? '' : undefined),
  ...(tone !== undefined && { tone }),
});

const sized = (heading: string, rank: number, of: (row: Row) => Bytes | undefined): Column<Row> =>
  number(heading, rank, (row) => {
    const value = of(row);
    return value === undefined ? undefined : formatBytes(value);
  });

/** @param marksHigh marks a limit that is `memory.high` @param digits of the share @param by the limit of a node is its capacity */
export const realColumns = ({
  marksHigh,
  digits,
  by,
}: {
  readonly marksHigh: boolean;
  readonly digits: number;
  readonly by?: Grouping;
}): readonly Column<Row>[] => [
  number('REAL', 0, ({ usage }) => realSize(usage), rowTone),
  number(by === 'node' ? 'CAPACITY' : 'LIMIT', 2, ({ usage }) => limitText(usage, marksHigh)),
  number(
    'REAL%',
    1,
    ({ usage }) =>
      usage.realBytes === undefined
        ? undefined
        : formatShare(usage.realBytes, limitInForce(usage)?.bytes, digits),
    rowTone,
  ),
];

export const kubectlTopColumn: Column<Row> = number(
  'KUBECTL-TOP',
  3,
  ({ kubectlTop }) => inWholeMi(kubectlTop),
  () => 'dim',
);

/** @param host memory of the host */
export const dockerColumn = (host: Bytes | undefined): Column<Row> =>
  number(
    'DOCKER-STATS',
    7,
    ({ usage }) => dockerShare(usage, host),
    () => 'dim',
  );

export const requestColumn = sized('REQUEST', 6, ({ usage }) => usage.requestBytes);

/**
 * Real as a share of the request: above 100 % the scheduler counts on less than the pod uses. Of a node: real of its pods,
 * because its services and its kernel request nothing.
 */
export const requestShareColumn = number('%REQ', 8, ({ labels, usage, podsReal }) => {
  const real = 'NODE' in labels ? podsReal : usage.realBytes;
  return real === undefined ? undefined : formatShare(real, usage.requestBytes, 0);
});

export const peakColumn = sized('PEAK', 7, ({ usage }) => usage.peakRealBytes);

export const oomsColumn = number(
  'OOMS',
  5,
  ({ usage }) => usage.oomKills?.toString(),
  ({ usage }) => ((usage.oomKills ?? 0) > 0 ? 'bad' : undefined),
);

export const verdictColumn: Column<Row> = {
  heading: 'VERDICT',
  rank: 4,
  cell: ({ verdict, isTotal }) => verdict ?? (isTotal === true ? '' : undefined),
  tone: rowTone,
};

export const suggestColumns: readonly Column<Row>[] = [
  sized('SUGGEST-REQ', 10, ({ suggest }) => suggest?.requestBytes),
  sized('SUGGEST-LIM', 10, ({ suggest }) => suggest?.limitBytes),
];

export const usageColumn = sized('USAGE', 9, ({ usage }) => usage.usageBytes);

export const nodeColumn: Column<Row> = {
  heading: 'NODE',
  rank: 9,
  cell: ({ node, isTotal }) => (node === undefined ? (isTotal === true ? '' : undefined) : printable(node)),
};

export const podsColumn = number('PODS', 7, ({ pods }) => pods?.toString());

/** Age of a node's figures. */
export const seenColumn = number(
  'SEEN',
  4,
  ({ seenSeconds }) => (seenSeconds === undefined ? undefined : shortAge(seenSeconds)),
  rowTone,
);

/** What could still be scheduled on a node: by requests, as the scheduler counts, and by what its pods really use. */
export const availableColumns: readonly Column<Row>[] = [
  sized('ALLOCATABLE', 2, ({ allocatable }) => allocatable),
  sized('REQUESTED', 3, ({ usage }) => usage.requestBytes ?? bytes(0)),
  sized('FREE BY REQUEST', 1, ({ allocatable, usage }) => minus(allocatable, usage.requestBytes ?? bytes(0))),
  sized('REAL OF PODS', 3, ({ podsReal }) => podsReal),
  sized('FREE BY REAL', 0, ({ allocatable, podsReal }) => minus(allocatable, podsReal)),
];

/** As kubectl prints an age: `45s`, `12m`, `3h`, `5d`. */
export function shortAge(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole}s`;
  if (whole < 7200) return `${Math.floor(whole / 60)}m`;
  return whole < 172_800 ? `${Math.floor(whole / 3600)}h` : `${Math.floor(whole / 86_400)}d`;
}

/** More figures of one host. */
export const partColumns: readonly Column<Row>[] = [
  usageColumn,
  sized('CACHE', 9, ({ usage }) => usage.cacheBytes),
  sized('SHMEM', 10, ({ usage }) => usage.shmemBytes),
  sized('RSS', 10, ({ usage }) => usage.rssBytes),
  sized('KERNEL', 11, ({ usage }) => usage.kernelBytes),
  sized('SWAP', 11, ({ usage }) => usage.swapBytes),
];

/** A mark before the row: readers without colours, and those who do not see them, need one. */
export const markColumn = (ascii: boolean): Column<Row> => ({
  heading: '',
  cell: (row) => markOf(rowTone(row), ascii),
  tone: rowTone,
});

/** Only the wide table marks `memory.high`. In the narrow one a line in the footer names throttled rows. */
function limitText(usage: MemoryUsage, marksHigh: boolean): string | undefined {
  const limit = limitInForce(usage);
  if (limit === undefined) return undefined;
  return marksHigh && limit.file === 'memory.high'
    ? `${formatBytes(limit.bytes)} (high)`
    : formatBytes(limit.bytes);
}

/** How urgent a row is. Without an agent's verdict its figures decide. */
export function rowTone({ usage, verdict, staleSeconds, isTotal }: Row): Tone | undefined {
  if (isTotal === true) return 'bold';
  if (verdict === 'OOMKilled' || verdict === 'NearLimit') return 'bad';
  if (verdict === 'Throttled' || verdict === 'Leaking') return 'warn';
  if (verdict === undefined && isThrottledByOneReading(usage)) return 'warn';
  const limit = limitInForce(usage);
  if (limit !== undefined && usage.realBytes !== undefined && usage.realBytes >= nearLimit * limit.bytes)
    return 'bad';
  if (staleSeconds !== undefined) return 'dim';
  return verdict === 'Oversized' ? 'good' : undefined;
}

/** The row below a table: sums over its rows. Absent requests count as 0; a limit is unknown if one row has none. */
export function totalRow(rows: readonly Row[], [heading = '', ...others]: readonly string[]): Row {
  const add = (of: (row: Row) => number | undefined): { sum: Bytes; known: number } => {
    let sum = 0;
    let known = 0;
    for (const row of rows) {
      const amount = of(row);
      if (amount === undefined) continue;
      sum += amount;
      known++;
    }
    return { sum: bytes(sum), known };
  };
  const all = ({ sum, known }: ReturnType<typeof add>): Bytes | undefined =>
    known === rows.length ? sum : undefined;
  const some = ({ sum, known }: ReturnType<typeof add>): Bytes | undefined => (known > 0 ? sum : undefined);
  const real = add(({ usage }) => usage.realBytes);
  return {
    labels: { [heading]: 'TOTAL', ...Object.fromEntries(others.map((other) => [other, ''])) },
    target: '',
    isTotal: true,
    usage: defined<MemoryUsage>({
      realBytes: some(real),
      // Rows without a figure make the sum a lower bound.
      clamped: real.known < rows.length || rows.some(({ usage }) => usage.clamped) ? true : undefined,
      usageBytes: all(add(({ usage }) => usage.usageBytes)),
      // The limit of an ancestor applies to all rows together.
      limitBytes: all(add(({ usage }) => (usage.limitFrom === undefined ? usage.limitBytes : undefined))),
      requestBytes: some(add(({ usage }) => usage.requestBytes)),
      oomKills: some(add(({ usage }) => usage.oomKills)),
    }),
    kubectlTop: all(add(({ kubectlTop }) => kubectlTop)),
    ...defined<Pick<Row, 'pods' | 'allocatable' | 'podsReal'>>({
      pods: some(add(({ pods }) => pods)),
      allocatable: all(add(({ allocatable }) => allocatable)),
      podsReal: all(add(({ podsReal }) => podsReal)),
    }),
  };
}
