/**
 * Time of `top` beside `kubectl get nodememoryreports -o json`, in turns, on a real API server with 5,000 reports of 150,000
 * pods: `npm run bench:top`. It needs the programs of the cluster (`npm run cluster up` builds them).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { bundle } from '../../image/bundle.ts';
import type { Kube } from '../../src/kube/client.ts';
import { reportsPath } from '../../src/model/product.ts';
import { binary } from '../cluster/bed/binaries.ts';
import { until } from '../cluster/machine/until.ts';
import { agentSet, largestCluster, nodeOf, reportOf } from '../cluster-view/made/large-cluster.ts';
import { startApi } from './large-cluster-api.ts';

/** `top` may take this many times as long as kubectl. */
const goal = 2;
const turns = 5;
const writers = 16;

const crd = new URL('../../charts/realmem/files/crds/nodememoryreports.yaml', import.meta.url);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const api = await startApi();
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-bench-'));
try {
  const { nodes, podsPerNode } = largestCluster;
  await fill(api.kube, nodes, podsPerNode);
  say(`${nodes} nodes and reports of ${nodes * podsPerNode} pods`);

  await bundle(dir);
  const top = [process.execPath, path.join(dir, 'realmem.mjs'), 'top', '--kubeconfig', api.kubeconfig];
  const get = [binary('kubectl'), '--kubeconfig', api.kubeconfig, 'get', 'nodememoryreports', '-o', 'json'];
  const ratios: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const [ours, theirs] = [await secondsOf(top), await secondsOf(get)];
    ratios.push(ours.seconds / theirs.seconds);
    say(
      `top ${ours.seconds.toFixed(1)} s (${ours.bytes} bytes), kubectl ${theirs.seconds.toFixed(1)} s (${theirs.bytes} bytes)`,
    );
  }
  const median = ratios.toSorted((a, b) => a - b)[Math.floor(turns / 2)] ?? Number.NaN;
  say(
    `top: ${median.toFixed(2)} x the time of kubectl get -o json (goal ${goal}: ${median <= goal ? 'PASS' : 'FAIL'})`,
  );
  if (median > goal) process.exitCode = 1;
} finally {
  await api.close();
  fs.rmSync(dir, { recursive: true });
}

async function fill(kube: Kube, nodes: number, podsPerNode: number): Promise<void> {
  const create = (at: string, body: object): Promise<unknown> =>
    kube.call({ method: 'POST', path: at, body });
  const definition: object = parse(fs.readFileSync(crd, 'utf8'));
  await create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
  await until(
    'the definition of reports',
    async () => (await kube.call({ path: reportsPath })) !== undefined,
  );
  await create('/api/v1/namespaces', { metadata: { name: 'realmem' } });
  await create('/apis/apps/v1/namespaces/realmem/daemonsets', agentSet);
  let next = 0;
  const write = async (): Promise<void> => {
    for (let index = next++; index < nodes; index = next++) {
      await create('/api/v1/nodes', nodeOf(index));
      await create(reportsPath, reportOf(index, podsPerNode));
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
}

/** Runs a command to its end and throws away what it prints. */
async function secondsOf([program = '', ...args]: readonly string[]): Promise<{
  seconds: number;
  bytes: number;
}> {
  const began = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let bytes = 0;
  child.stdout.on('data', (data: Buffer) => {
    bytes += data.length;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
  return { seconds: (performance.now() - began) / 1_000, bytes };
}
