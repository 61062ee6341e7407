/**
 * Time and memory to read the largest cluster that Kubernetes supports, 5,000 nodes with 150,000 pods, beside JSON.parse of
 * the same pages: `node_modules/.bin/node test/bench/cluster-view.ts`. The view also reads all nodes; JSON.parse does not.
 */
import { costOfReading, largestCluster } from '../cluster-view/many-reports.ts';

const MB = 1e6;

for (const how of ['view', 'parse'] as const) {
  const { pods, seconds, cpuSeconds, peakRss, kept } = await costOfReading(largestCluster, how);
  process.stdout.write(
    `${how.padEnd(6)} ${pods} pods: ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of CPU, ` +
      `peak RSS ${(peakRss / MB).toFixed(0)} MB, keeps ${(kept / MB).toFixed(0)} MB\n`,
  );
}
