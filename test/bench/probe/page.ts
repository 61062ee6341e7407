/** Writes a table of the results into docs/probe.md. */
import fs from 'node:fs';
import type { Lru } from '../../../src/model/cgroup.ts';
import { type Kernel, lruOf, percent, type Results, rowOf } from './results.ts';

const page = new URL('../../../docs/probe.md', import.meta.url);
const commands: Readonly<Record<Kernel, string>> = {
  here: 'npm run bench:probe',
  guest: 'npm run bench:probe -- --guest',
  'guest-mglru': 'npm run bench:probe -- --guest --mglru',
};
const begin = (kernel: Kernel): string => `<!-- ${commands[kernel]} writes this part. -->`;
const end = '<!-- End of the part. -->';

/** @param known names of all workloads, in their order */
export function writePart(kernel: Kernel, known: readonly string[], results: Results): void {
  const text = fs.readFileSync(page, 'utf8');
  const from = text.indexOf(begin(kernel));
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`${page.pathname}: expected "${begin(kernel)}" and "${end}"`);
  const part = `${begin(kernel)}\n\n${partOf(known, results, lruOf(kernel))}\n`;
  fs.writeFileSync(page, `${text.slice(0, from)}${part}${text.slice(to)}`);
}

const size = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
const ratio = (bytes: number, smallest: number): string => `${(bytes / smallest).toFixed(2)} ×`;

/** @param known names of all workloads, in their order */
export function partOf(known: readonly string[], { plan, workloads, failed }: Results, lru: Lru): string {
  const rows = workloads.map((one) => rowOf(one, lru));
  const withoutFigures = known.flatMap((name) => {
    const why = failed.find((one) => one.name === name)?.why;
    if (why !== undefined) return [[name, `failed: ${why.replaceAll('|', '\\|')}`]];
    return rows.some((row) => row.name === name) ? [] : [[name, 'not measured yet']];
  });
  const answers = rows.map((row) => {
    const { name, smallestBytes, lowest, worst, offBytes, isWithin, seconds, commandSeconds, throughput } =
      row;
    const { isAtMost, needsBytes, errorBytes } = worst.answer;
    return [
      name,
      size(smallestBytes),
      `${isAtMost ? 'at most ' : ''}${size(needsBytes)} ± ${size(errorBytes)}`,
      `${offBytes > 0 ? '+' : ''}${size(offBytes)}${isWithin ? '' : ' **missed**'}`,
      lowest.holds ? 'holds' : 'does not hold',
      `${seconds.toFixed(0)} (${commandSeconds.toFixed(0)})`,
      `${percent(throughput.median)} (${percent(throughput.from)} to ${percent(throughput.to)})`,
    ];
  });
  const others = rows.map((row) => {
    const { name, smallestBytes, activeFileBytes, workingSetBytes, krrBytes, suggested } = row;
    const compared = (bytes: number): string => `${size(bytes)} (${ratio(bytes, smallestBytes)})`;
    const after = suggested.flatMap(({ afterBytes }) => afterBytes ?? []).toSorted((a, b) => a - b);
    const [least, most] = [after[0], after.at(-1)];
    return [
      name,
      size(activeFileBytes),
      compared(workingSetBytes),
      compared(krrBytes),
      compared(suggested[0]?.beforeBytes ?? Number.NaN),
      least === undefined || most === undefined
        ? 'none'
        : least === most
          ? compared(least)
          : `${compared(least)} to ${compared(most)}`,
    ];
  });
  return [
    originsOf(workloads),
    `${plan.rounds} probes of each workload, windows of ${plan.window} s. Sizes in MiB.\n`,
    tableOf(
      ['workload', 'smallest limit', 'probe', 'off by', 'lowest as limit', 'seconds', 'throughput'],
      answers,
    ),
    'The same beside other answers, each with its multiple of the smallest limit:\n',
    tableOf(['workload', 'active_file', 'working set', 'KRR', 'suggested before', 'suggested after'], others),
    ...(withoutFigures.length === 0 ? [] : [tableOf(['without figures', 'why'], withoutFigures)]),
  ].join('\n');
}

/** One sentence for each machine and commit. */
function originsOf(workloads: Results['workloads']): string {
  const origins = Map.groupBy(workloads, ({ machine, commit }) => `${machine}, commit ${commit}`);
  const sentences = [...origins].map(([origin, all]) => {
    const dates = [...new Set(all.map(({ at }) => at.slice(0, 10)))].sort();
    const names = origins.size === 1 ? '' : `${all.map(({ name }) => name).join(', ')}: `;
    return `${names}${origin}, ${dates.join(' and ')}.`;
  });
  return `${sentences.join(' ')}\n`;
}

const tableOf = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  [headings, headings.map((_, at) => (at === 0 ? '---' : '--:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
