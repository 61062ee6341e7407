/** Renders docs/accuracy.md. */
import type { CgroupVersion } from '../../../src/model/cgroup.ts';
import { compare, errorsOf, lostTo } from './errors.ts';
import { errorOf, type Formula, formulas } from './formulas.ts';
import { boundOf, type Measurement } from './measure.ts';
import { method } from './method.ts';

const [real, unreclaimable] = formulas as [Formula, Formula];

export interface MachineResult {
  readonly version: CgroupVersion;
  readonly facts: Readonly<Record<string, string>>;
  readonly measurements: readonly Measurement[];
}

/** Uses the typographic minus, and no minus before a zero. */
function mebibytes(value: number | undefined): string {
  if (value === undefined) return '–';
  const text = (value / 1024 ** 2).toFixed(1);
  return text === '-0.0' ? '0.0' : text.replace('-', '−');
}

const hundredths = (value: number | undefined): string =>
  value === undefined ? '–' : (value / 1024 ** 2).toFixed(2);

function signed(measurement: Measurement, formula: Formula): string {
  const error = errorOf(formula, measurement);
  const text = mebibytes(error);
  const shown = error === undefined || error < 0 || text === '0.0' ? text : `+${text}`;
  return error !== undefined && Math.abs(error) > boundOf(measurement) ? `**${shown}**` : shown;
}

/** Aligns words to the left and numbers to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return (
    line(head) +
    line(head.map((_, at) => (rows.some((cells) => /[a-z]/.test(cells[at] ?? '')) ? '---' : '--:'))) +
    rows.map(line).join('')
  );
}

export function page(results: readonly MachineResult[], size: number): string {
  return `${opening(size)}${results.map(section).join('')}${method}`;
}

const opening = (size: number): string => `# Accuracy of each formula

Real is close to the truth for every kind of memory, except reclaimable kernel memory, which it contains. The tables show the error of every formula.

The truth is what remains in a cgroup's usage after the kernel has reclaimed everything that it can. Each workload below is a small
program that takes ${size} MiB of one kind of memory, or of a mixture, and then sleeps. It runs in its own cgroup without swap.
The product's own code (\`src/sample\`, \`src/account\`) computes the figures from the cgroup's files. Then we reclaim
everything. \`npm run accuracy\` measures all of it again and writes this page;
\`test/truth/accuracy.test.ts\` checks its claims on fresh measurements.

The figures are errors: formula − truth, in MiB. Bold: an error of more than 1 % of the truth and more than 1 MiB.

| formula | who shows it |
| --- | --- |
${formulas.map(({ name, who }) => `| ${name} | ${who} |`).join('\n')}
`;

function section({ version, facts, measurements }: MachineResult): string {
  const shown = formulas.filter((formula) => errorsOf(formula, measurements) !== undefined);
  const rows = measurements.map((measurement) => [
    measurement.workload.name,
    mebibytes(measurement.truth),
    ...shown.map((formula) => signed(measurement, formula)),
  ]);
  const errors = shown.map((formula) => {
    const found = errorsOf(formula, measurements);
    const { differing, nearer } = compare(real, formula, measurements);
    const there = [real, formula].map((one) => hundredths(errorsOf(one, differing)?.median));
    return [
      formula.name,
      hundredths(found?.mean),
      hundredths(found?.median),
      hundredths(found?.worst),
      ...(formula.own === true ? ['', '', '', ''] : [String(differing.length), String(nearer), ...there]),
    ];
  });
  return `
## cgroup v${version}

${Object.entries(facts)
  .map(([name, value]) => `${name}: ${value}`)
  .join('; ')}.

${table(['workload', 'truth', ...shown.map(({ name }) => name)], rows)}
Absolute errors, MiB. Rows where a formula equals real cannot tell the two apart. So the columns on the right use only the rows in
which they differ by more than the bound, and show how close each is there.

${table(
  ['formula', 'mean', 'median', 'worst', 'rows that differ', 'real closer', 'median there: real', 'its own'],
  errors,
)}${losses(version, measurements)}${pins(measurements)}${charged(measurements)}`;
}

/** Measurements on which real is above the truth. */
function losses(version: CgroupVersion, measurements: readonly Measurement[]): string {
  const lost = measurements.filter((one) => Number(errorOf(real, one)) > boundOf(one));
  const rows = lost.map((one) => [
    one.workload.name,
    signed(one, real),
    ...(version === 2
      ? [mebibytes(one.before.usage.slabReclaimableBytes), signed(one, unreclaimable)]
      : [mebibytes(Number(one.before.usage.kernelBytes) - Number(one.after.usage.kernelBytes))]),
    one.workload.reclaimable ?? 'unknown',
    formulas
      .filter((other) => other.own !== true && lostTo(real, other, one))
      .map(({ name }) => name)
      .join(', '),
  ]);
  const figures = version === 2 ? ['reclaimable slab', 'unreclaimable'] : ['reclaimed kernel memory'];
  return `
In these rows real is above the truth, because real contains reclaimable slab. Only in these rows is another formula closer.
${version === 1 ? 'v1 does not report how much that is' : '`unreclaimableBytes` excludes it'}.

${table(['workload', 'real', ...figures, 'what it is', 'closer'], rows)}`;
}

/** Measurements on which the kernel counts memory as reclaimable but cannot reclaim it. */
function pins(measurements: readonly Measurement[]): string {
  const rows = measurements
    .filter((one) => one.workload.pinned !== undefined && one.version === 2)
    .map((one) => [
      one.workload.name,
      signed(one, unreclaimable),
      mebibytes(one.before.usage.slabReclaimableBytes),
      mebibytes(one.after.usage.slabReclaimableBytes),
      one.workload.pinned ?? '',
    ]);
  if (rows.length === 0) return '';
  return `
In these rows \`unreclaimableBytes\` is below the truth. \`slab_reclaimable\` counts whole caches, those created with
\`SLAB_RECLAIM_ACCOUNT\` (dentries, inodes, buffer heads, index nodes), including objects in use. Here many objects are in
use. The error equals the memory that counted as reclaimable and stayed. Real contains it.

${table(['workload', 'unreclaimable', 'reclaimable slab', 'of which stayed', 'why'], rows)}`;
}

function charged(measurements: readonly Measurement[]): string {
  const most = Math.max(...measurements.map(({ ahead }) => ahead));
  return `
Precharged on each CPU: up to ${hundredths(most)} MiB. The first reading of usage contained these pages, and with it every formula that uses
usage. The kernel returned them before we read the figures above.
`;
}
