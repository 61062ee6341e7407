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

/** Sorts rows, largest figure first, least headroom first. Rows without that figure come last. */
export function sortRows(rows: readonly Row[], key: SortKey): readonly Row[] {
  const of = key === 'name' ? undefined : figures[key];
  const sign = key === 'headroom' ? -1 : 1;
  // A cluster can have 200,000 rows. Asking a row in each comparison would take most of the time.
  const ranks = Float64Array.from(rows, (row) => {
    const figure = of?.(row);
    return figure === undefined ? Number.NEGATIVE_INFINITY : sign * figure;
  });
  const names = new Array<string | undefined>(rows.length);
  const nameOf = (index: number): string => {
    const known = names[index];
    if (known !== undefined) return known;
    const name = rows[index]?.target ?? '';
    names[index] = name;
    return name;
  };
  const order = rows.map((_, index) => index);
  order.sort((a, b) => {
    const first = ranks[a] ?? 0;
    const second = ranks[b] ?? 0;
    // Two absent figures are equal. Their difference would not be a number.
    return first === second ? compareText(nameOf(a), nameOf(b)) : second > first ? 1 : -1;
  });
  return order.flatMap((index) => rows[index] ?? []);
}
