/** Renders the measurements for people. */

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface Goal {
  readonly of: string;
  readonly to: string;
  /** Absent if there is no goal. */
  readonly below?: number;
}

export interface Measured {
  readonly pods: number;
  readonly cgroups: number;
  /** CPU time per cgroup. */
  readonly microseconds: Readonly<Record<string, Spread>>;
  readonly ratios: readonly (Goal & Spread & { readonly reached?: boolean })[];
  /** Descriptors that our passes keep open, and the growth of the kernel's slab while we opened them. */
  readonly kept: { readonly count: number; readonly slabBytes: number };
}

export function printed(machine: Readonly<Record<string, string>>, measured: readonly Measured[]): string {
  const names = Object.keys(measured[0]?.microseconds ?? {});
  const times = [
    ['pods', ...measured.map(({ pods }) => `${pods}`)],
    ['cgroups', ...measured.map(({ cgroups }) => `${cgroups}`)],
    ...names.map((name) => [
      name,
      ...measured.map(({ microseconds }) => microseconds[name]?.median.toFixed(1) ?? ''),
    ]),
    ['descriptors kept', ...measured.map(({ kept }) => `${kept.count}`)],
    ['KiB of slab each', ...measured.map(({ kept }) => (kept.slabBytes / 1024 / kept.count).toFixed(1))],
  ];
  const ratios = measured.flatMap(({ pods, ratios }) =>
    ratios.map(({ of, to, min, median, max, below, reached }) => [
      `${of} / ${to}`,
      `${pods}`,
      ...[min, median, max].map((ratio) => ratio.toFixed(2)),
      below === undefined ? '' : `< ${below}`,
      below === undefined ? '' : reached === undefined ? 'not judged' : reached ? 'PASS' : 'FAIL',
    ]),
  );
  return `A sampling pass over a node's cgroups. A pod has a cgroup of its own, a sandbox and one container, every second
pod two. Tick: one of a running agent without a report, which reads only what can have changed. All: one that reads usage and memory.stat of
every cgroup. Detailed: what is read when a report is due.

${table(Object.entries(machine), [])}
Median µs of CPU per cgroup
${table(times, [1, 2, 3])}
Ratios of neighbouring turns
${table([['', 'pods', 'min', 'median', 'max', 'goal', ''], ...ratios], [1, 2, 3, 4])}`;
}

/** @param right the columns to align to the right */
function table(rows: readonly (readonly string[])[], right: readonly number[]): string {
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const cell = (text: string, column: number): string =>
    right.includes(column) ? text.padStart(width(column)) : text.padEnd(width(column));
  return rows.map((row) => `  ${row.map(cell).join('  ').trimEnd()}\n`).join('');
}
