/** Writes the result of a run into docs/performance.md, and the plot beside it. */
import fs from 'node:fs';
import { versionOfProgram } from '../../cluster/bed/binaries.ts';
import type { Cost } from './cost.ts';
import { renderPlot } from './plot.ts';
import { formatRange, formatRatio, type Row } from './results.ts';

const docs = new URL('../../../docs/', import.meta.url);
const begin = (what: string): string => `<!-- npm run bench:agent${what} writes this part. -->`;
const end = '<!-- End of the part. -->';
const names = { CPU: 'CPU, ms/s', anonymous: 'anonymous memory, MB', RSS: 'RSS, MB' } as const;

export interface Result {
  readonly rounds: number;
  readonly pods: number;
  readonly rows: readonly Row[];
}

export function writePart({
  rounds,
  pods,
  rows,
  machine,
  metricsServer,
}: Result & { readonly machine: string; readonly metricsServer: Cost }): void {
  const { cpuMs, anonymousBytes, rssBytes } = metricsServer;
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
  write(
    '',
    `${pods} pods of two containers, ${rounds} rounds, on ${machine}. cAdvisor is ${versionOfProgram('cadvisor')}.

${tableOf(rows)}
![CPU time and memory of realmem and cAdvisor](performance.svg)

metrics-server ${versionOfProgram('metrics-server')} needs ${cpuMs.toFixed(1)} ms of CPU per second, ${megabytes(anonymousBytes)} MB of anonymous memory and ${megabytes(rssBytes)} MB of RSS
for one node with ${pods} pods, once in the cluster.
`,
  );
  fs.writeFileSync(new URL('performance.svg', docs), renderPlot(rows));
}

export const writeGuestPart = ({ rounds, pods, rows }: Result): void =>
  write(' -- --guest', `${pods} pods of two containers, ${rounds} rounds.\n\n${tableOf(rows)}`);

function write(command: string, part: string): void {
  const page = new URL('performance.md', docs);
  const text = fs.readFileSync(page, 'utf8');
  const from = text.indexOf(begin(command));
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`${page.pathname}: expected "${begin(command)}" and "${end}"`);
  fs.writeFileSync(page, `${text.slice(0, from)}${begin(command)}\n\n${part}\n${text.slice(to)}`);
}

function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ what, period, load, realmem, cadvisor, ratio, goal, isReached }) => {
    const verdict = goal === undefined ? '' : `${goal}: ${isReached ? 'reached' : 'missed'}`;
    const figures = [formatRange(realmem), formatRange(cadvisor), formatRatio(ratio), verdict];
    return `| ${[names[what], `every ${period} s, ${load}`, ...figures].join(' | ')} |\n`;
  });
  return `| | sampled | realmem | cAdvisor | ratio | goal |\n| --- | --- | --: | --: | --: | --- |\n${lines.join('')}`;
}
