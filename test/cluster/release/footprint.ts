/**
 * `npm run footprint`: measures what the agent costs its node, as a pod with the chart's own settings. It waits ten
 * minutes, or the given number of minutes, and prints the agent's figures and the kernel's. The cluster must run.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { renderColumns } from '../../../src/layout/columns.ts';
import { type Bytes, formatBytes } from '../../../src/model/bytes.ts';
import { openBed } from '../bed/bed.ts';
import { atAgent } from './agent-process.ts';
import { asShipped, namespace, releaseOn } from './release.ts';

const minutes = Number(process.argv[2] ?? 10);
const bed = await openBed();
const release = releaseOn(bed, asShipped);

const script = 'cat /proc/$pid/smaps_rollup /proc/$pid/stat; ls /proc/$pid/fd | wc -l';

/** Reads a figure of /proc/PID/smaps_rollup. The file gives kB. */
const rollup = (text: string, key: string): Bytes =>
  (Number(new RegExp(`^${key}: +(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN) * 1024) as Bytes;

async function measure(node: string) {
  const text = await atAgent(bed, node, script);
  const { containers, pods } = await release.report(node);
  const own = containers.find((one) => one.namespace === namespace && one.name === 'agent');
  const fields = text.slice(text.lastIndexOf(') ') + 2).split(/\s/);
  const seconds = (Number(fields[11]) + Number(fields[12])) / 100;
  return { node, text, own, pods: pods.length, seconds };
}

try {
  await release.install();
  process.stdout.write(`${minutes} minutes …\n`);
  await sleep(minutes * 60_000);
  const rows = await Promise.all(bed.nodes.map(measure));
  type Row = (typeof rows)[number];
  const size = (heading: string, of: (row: Row) => Bytes | undefined) => ({
    heading,
    right: true,
    cell: (row: Row) => {
      const amount = of(row);
      return amount === undefined ? undefined : formatBytes(amount);
    },
  });
  const table = renderColumns(
    [
      { heading: 'NODE', cell: ({ node }) => node },
      { heading: 'PODS', right: true, cell: ({ pods }) => String(pods) },
      size('REAL', ({ own }) => own?.realBytes),
      size('PEAK', ({ own }) => own?.peakRealBytes),
      size('KERNEL', ({ own }) => own?.kernelBytes),
      size('RSS', ({ text }) => rollup(text, 'Rss')),
      size('ANONYMOUS', ({ text }) => rollup(text, 'Anonymous')),
      size('PSS', ({ text }) => rollup(text, 'Pss')),
      { heading: 'CPU s/min', right: true, cell: ({ seconds }) => (seconds / minutes).toFixed(2) },
    ],
    rows,
    true,
  );
  process.stdout.write(table);
} finally {
  await release.uninstall();
}
