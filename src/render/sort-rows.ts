/** The order of rows: `--sort-by`. */
import { type Bytes, bytes } from '../model/bytes.ts';
import { compareText } from '../model/text.ts';
import { limitInForce } from '../model/usage.ts';
import type { Row } from './row.ts';

/** Values of `--sort-by`. `memory` is what kubectl top calls it. */
export const sortKeys = [
  'real',
  'real%',
  'peak',
  'limit',
  'request',
  'usage',
  'working-set',
  'headroom',
  'ooms',
  'name',
  'memory',
] as const;
export type SortKey = (typeof sortKeys)[number];

/** The memory that is left until the limit. Undefined without a limit. */
function headroomOf({ usage }: Row): Bytes | undefined {
  const limit = limitInForce(usage);
  return limit === undefined || usage.realBytes === undefined
    ? undefined
    : bytes(limit.bytes - usage.realBytes);
}

function shareOf({ usage }: Row): number | undefined {
  const limit = limitInForce(usage);
  return limit === undefined || limit.bytes <= 0 || usage.realBytes === undefined
    ? undefined
    : usage.realBytes / limit.bytes;
}

const figures: Readonly<Record<Exclude<SortKey, 'name'>, (row: Row) => number | undefined>> = {
  real: ({ usage }) => usage.realBytes,
  memory: ({ usage }) => usage.realBytes,
  'real%': shareOf,
  peak: ({ usage }) => usage.peakRealBytes,
  limit: ({ usage }) => limitInForce(usage)?.bytes,
  request: ({ usage }) => usage.requestBytes,
  usage: ({ usage }) => usage.usageBytes,
  'working-set': ({ kubectlTop }) => kubectlTop,
  headroom: headroomOf,
  ooms: ({ usage }) => usage.oomKills,
};

const byName = (a: Row, b: Row): number => compareText(a.target, b.target);

/** Sorts rows, largest figure first, least headroom first. Rows without that figure come last. */
export function sortRows(rows: readonly Row[], key: SortKey): readonly Row[] {
  if (key === 'name') return rows.toSorted(byName);
  const of = figures[key];
  const sign = key === 'headroom' ? -1 : 1;
  const rank = (row: Row): number => {
    const figure = of(row);
    return figure === undefined ? Number.NEGATIVE_INFINITY : sign * figure;
  };
  const ranked = rows.map((row) => ({ row, rank: rank(row) }));
  // Two absent figures are equal. Their difference would not be a number.
  ranked.sort((a, b) => (a.rank === b.rank ? byName(a.row, b.row) : b.rank > a.rank ? 1 : -1));
  return ranked.map(({ row }) => row);
}
