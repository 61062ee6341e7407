/** Writes a table of the results into docs/probe.md. */
import fs from 'node:fs';
import { type Kernel, percent, type Results, type Row, rowOf } from './results.ts';

const page = new URL('../../../docs/probe.md', import.meta.url);
const commands: Readonly<Record<Kernel, string>> = {
  here: 'npm run bench:probe',
  guest: 'npm run bench:probe -- --guest',
  'guest-mglru': 'npm run bench:probe -- --guest --mglru',
};
const begin = (kernel: Kernel): string => `<!-- ${commands[kernel]} writes this part. -->`;
const end = '<!-- End of the part. -->';

export function writePart(kernel: Kernel, results: Results): void {
  const text = fs.readFileSync(page, 'utf8');
  const from = text.indexOf(begin(kernel));
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`${page.pathname}: expected "${begin(kernel)}" and "${end}"`);
  const part = `${begin(kernel)}\n\n${partOf(results)}\n`;
  fs.writeFileSync(page, `${text.slice(0, from)}${part}${text.slice(to)}`);
}

const size = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

function partOf({ machine, plan, workloads }: Results): string {
  const rows = workloads.map(rowOf);
  const text = `${machine}. ${plan.rounds} probes of each workload, windows of ${plan.window} s. Sizes in MiB.

${tableOf(
  [
    'workload',
    'smallest limit',
    'probe',
    'off by',
    'seconds',
    'throughput',
    'active + real',
    'working set',
    'KRR',
  ],
  rows.map(({ name, smallestBytes, worst, offBytes, isWithin, seconds, throughput, krrBytes }) => [
    name,
    size(smallestBytes),
    `${worst.answer.isAtMost ? 'at most ' : ''}${size(worst.answer.needsBytes)} ± ${size(worst.answer.errorBytes)}`,
    `${offBytes > 0 ? '+' : ''}${size(offBytes)}${isWithin ? '' : ' **missed**'}`,
    seconds.toFixed(0),
    `${percent(throughput.median)} (${percent(throughput.from)} to ${percent(throughput.to)})`,
    size(worst.activeFileBytes + worst.answer.before.realBytes),
    size(worst.workingSetBytes),
    size(krrBytes),
  ]),
)}`;
  return text + suggestedPart(rows);
}

function suggestedPart(rows: readonly Row[]): string {
  const cells = rows.flatMap(({ name, smallestBytes, suggested }) => {
    if (suggested === undefined) return [];
    const limit = (bytes: number): string => `${size(bytes)} (${(bytes / smallestBytes).toFixed(2)} ×)`;
    return [[name, size(smallestBytes), limit(suggested.beforeBytes), limit(suggested.afterBytes)]];
  });
  if (cells.length === 0) return '';
  return `\n${tableOf(['workload', 'smallest limit', 'suggested before the probe', 'after it'], cells)}`;
}

const tableOf = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  [headings, headings.map((_, at) => (at === 0 ? '---' : '--:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
