/** Renders the tables of docs/scale.md. */
import type { Change } from './changes.ts';
import type { Figures, Rate } from './figures.ts';
import type { Size } from './sizes.ts';
import type { Waits } from './waits.ts';

export const one = (value: number): string => value.toFixed(value < 9.95 && value > 0 ? 1 : 0);
export const kilobytes = (value: number): string => Math.round(value / 1000).toLocaleString('en');
export const thousands = (value: number): string => value.toLocaleString('en');
const minutes = (seconds: number): string => one(seconds / 60);

/** Aligns words to the left and numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map((_, at) => (at === 0 ? '---' : '--:'))) + rows.map(line).join('');
}

const rate = ({ mean, p99, largest }: Rate, format = one): readonly string[] =>
  [mean, p99, largest].map(format);

export const rateTable = (rows: readonly (readonly [string, Figures])[]): string =>
  table(
    [
      '',
      'writes/s',
      'p99',
      'largest',
      'kB/s to etcd',
      'p99',
      'largest',
      'reports/s',
      'heartbeats/s',
      'annotations/s',
      'histories/s',
      'refused/s',
      'largest',
    ],
    rows.map(([name, { writes, stored, by, refused }]) => [
      name,
      ...rate(writes),
      ...rate(stored, kilobytes),
      one(by.report),
      one(by.heartbeat),
      one(by.annotation),
      one(by.history),
      one(by.refused),
      one(refused.largest),
    ]),
  );

export const waitRow = (
  name: string,
  { pods, median, p99, longest, bare, bareLongest }: Waits,
): readonly string[] => [
  name,
  thousands(pods),
  minutes(median),
  minutes(p99),
  minutes(longest),
  thousands(bare),
  minutes(bareLongest),
];

/** Stored bytes for a number of pods of the same shape. */
export const sizeAt = ({ body, stored, pods }: Size, more: number): number =>
  stored + (more / pods - 1) * body;

export function changeRow(kind: string, changes: readonly Change[]): readonly string[] {
  const longest = (of: (change: Change) => number | undefined): string =>
    one(Math.max(...changes.map((change) => of(change) ?? Number.POSITIVE_INFINITY)));
  return [
    kind,
    String(changes.length),
    longest(({ report }) => report),
    longest(({ annotation }) => annotation),
  ];
}
