/**
 * Time and memory to read the largest cluster that Kubernetes supports, 5,000 nodes with 150,000 pods, beside JSON.parse of
 * the same pages, and of the bundled command `top`: `node_modules/.bin/node test/bench/cluster-view.ts`. The view also reads all
 * nodes; JSON.parse does not.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bundle } from '../../image/bundle.ts';
import { largestCluster } from '../cluster-view/made/large-cluster.ts';
import { costOf, costOfCommand, costOfReading } from '../cluster-view/made/many-reports.ts';

const MB = 1e6;
/** Goals: resident memory in MB, and CPU time as a multiple of a Node that does nothing. */
const goals = { rss: 300, help: 3 };
const judged = (isReached: boolean): string => (isReached ? 'PASS' : 'FAIL');

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-bench-'));
try {
  await bundle(dir);
  const cli = path.join(dir, 'realmem.mjs');
  for (const output of ['table', 'csv', 'json']) {
    const { peakRss, cpuSeconds, lines } = await costOfCommand(cli, largestCluster, ['top', '-o', output]);
    const rss = peakRss / MB;
    process.stdout.write(
      `top -o ${output.padEnd(5)} ${lines} lines: ${cpuSeconds.toFixed(1)} s of CPU, peak RSS ${rss.toFixed(0)} MB ` +
        `(goal ${goals.rss}: ${judged(rss <= goals.rss)})\n`,
    );
  }
  const ratios: number[] = [];
  for (let turn = 0; turn < 9; turn++) {
    const help = await costOf([cli, 'top', '--help']);
    const nothing = await costOf(['-e', '0']);
    ratios.push(help.cpuSeconds / nothing.cpuSeconds);
  }
  const median = ratios.toSorted((a, b) => a - b)[4] ?? Number.NaN;
  process.stdout.write(
    `top --help: ${median.toFixed(1)} x the CPU time of node -e 0 (goal ${goals.help}: ${judged(median <= goals.help)})\n`,
  );
} finally {
  fs.rmSync(dir, { recursive: true });
}

for (const how of ['view', 'parse'] as const) {
  const { pods, seconds, cpuSeconds, peakRss, kept } = await costOfReading(largestCluster, how);
  process.stdout.write(
    `${how.padEnd(6)} ${pods} pods: ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of CPU, ` +
      `peak RSS ${(peakRss / MB).toFixed(0)} MB, keeps ${(kept / MB).toFixed(0)} MB\n`,
  );
}
