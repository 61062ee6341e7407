/**
 * Reads a large cluster, as a command does, and prints its cost as JSON. With `parse` it only gives each page of the reports
 * to JSON.parse, and keeps them all.
 */
import { readCluster } from '../../../src/cluster/read.ts';
import { openKube } from '../../../src/kube/client.ts';
import { eachPage } from '../../../src/kube/pages.ts';
import { reportsPath } from '../../../src/model/product.ts';

/** Sizes in bytes. */
export interface ReadingCost {
  readonly pods: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The largest resident set of the process so far. */
  readonly peakRss: number;
  /** Growth of the heap after a garbage collection: what the reader keeps. */
  readonly kept: number;
}

interface Nodes {
  readonly pods: readonly unknown[];
}

const [, , server = '', how = 'view'] = process.argv;

async function view(): Promise<readonly Nodes[]> {
  const kube = openKube(async () => ({ server }));
  const { nodes } = await readCluster(kube, { now: Date.parse('2026-01-05T00:01:00Z') });
  kube.close();
  return nodes;
}

async function parsed(): Promise<readonly Nodes[]> {
  const nodes: Nodes[] = [];
  await eachPage(
    reportsPath,
    500,
    async (path) => {
      const page = JSON.parse(await (await fetch(server + path)).text()) as {
        readonly items: readonly Nodes[];
      };
      nodes.push(...page.items);
      return { ...page, items: [] };
    },
    () => {},
  );
  return nodes;
}

const heap = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

const before = heap();
const started = performance.now();
const nodes = how === 'parse' ? await parsed() : await view();
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage();
const peakRss = process.resourceUsage().maxRSS * 1024;
const kept = heap() - before;
const pods = nodes.reduce((sum, node) => sum + node.pods.length, 0);
const cost: ReadingCost = { pods, seconds, cpuSeconds: (user + system) / 1e6, peakRss, kept };
process.stdout.write(`${JSON.stringify(cost)}\n`);
