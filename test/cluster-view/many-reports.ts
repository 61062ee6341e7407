/** The API server of a large cluster: writes pages of NodeMemoryReports, nodes and DaemonSets while they are read. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { randomFrom } from '../../src/backtest/compare.ts';
import { formatRounded } from '../../src/model/bytes.ts';
import { apiVersion, reportsPath } from '../../src/model/product.ts';
import type { ReadingCost } from './many-reports-reader.ts';

export interface ClusterSize {
  readonly nodes: number;
  readonly podsPerNode: number;
}

export const largestCluster: ClusterSize = { nodes: 5_000, podsPerNode: 30 };

const at = '2026-01-05T00:00:00Z';
const MiB = 1024 * 1024;
const services = ['checkout', 'recommendation', 'search-frontend', 'billing-worker', 'auth', 'image-resizer'];
const names = ['server', 'istio-proxy', 'log-shipper'];
const verdicts = ['OK', 'OK', 'OK', 'NearLimit', 'Oversized', 'Learning', 'NoLimit', 'OOMKilled'];

const condition = (type: string, reason: string, message: string): object => ({
  ...{ type, status: 'True', reason, message, lastTransitionTime: at },
});
const conditions = [
  condition('Complete', 'AllRead', 'Every cgroup was read.'),
  condition('NamesFresh', 'Named', 'Names come from the API server.'),
  condition('PolicyEnforced', 'Enforced', 'A policy holds this agent to its own node.'),
];

const nodeName = (index: number): string => `aks-pool-${String(index).padStart(5, '0')}.example.internal`;

/** The report of one node as the API server sends it, with the metadata that it adds. */
function reportText(index: number, podsPerNode: number): string {
  const random = randomFrom(index);
  const pick = <Value>(all: readonly Value[]): Value => all[Math.floor(random() * all.length)] as Value;
  const letters = (length: number): string =>
    Math.floor(random() * 36 ** length)
      .toString(36)
      .padStart(length, '0');
  const containerOf = (name: string): object => {
    const real = random() * 3_000 * MiB;
    return {
      name,
      real: formatRounded(real),
      peak: formatRounded(1.2 * real),
      usage: formatRounded(1.6 * real),
      workingSet: formatRounded(1.3 * real),
      request: formatRounded(1.5 * real),
      limit: formatRounded(2 * real),
      suggest: formatRounded(1.1 * real),
      suggestLimit: formatRounded(1.4 * real),
      verdict: pick(verdicts),
    };
  };
  const pods = Array.from({ length: podsPerNode }, () => {
    const service = `${pick(services)}-${Math.floor(random() * 100)}`;
    return {
      namespace: `team-${Math.floor(random() * 200)}`,
      name: `${service}-${letters(10)}-${letters(5)}`,
      workload: `Deployment/${service}`,
      real: formatRounded(random() * 6_000 * MiB),
      containers: names.slice(0, 1 + Math.floor(random() * 3)).map(containerOf),
    };
  });
  return JSON.stringify({
    ...{ apiVersion, kind: 'NodeMemoryReport' },
    metadata: {
      name: nodeName(index),
      uid: '6e1f0f9c-5f0e-4f43-9d64-0d7f2f1a7b11',
      resourceVersion: '1',
      managedFields: [{ manager: 'realmem', fieldsV1: { 'f:observed': {}, 'f:node': {}, 'f:pods': {} } }],
    },
    observed: { at, cgroupVersion: 2, kernel: '6.8.0-1021-azure', agent: '0.1.0', periodSeconds: 5 },
    node: {
      capacity: '256Gi',
      used: '190Gi',
      real: '128Gi',
      available: '120Gi',
      workingSet: '160Gi',
      pods: podsPerNode,
      ooms: 0,
    },
    pods,
    status: { conditions },
    conditions,
  });
}

const labels = {
  'kubernetes.io/os': 'linux',
  'kubernetes.io/arch': 'amd64',
  'node.kubernetes.io/instance-type': 'x',
};
/** A kubelet lists the 50 largest images. They make most of a node's object. */
const images = Array.from({ length: 50 }, (_, index) => ({
  names: [
    `registry.example.org/team/service-${index}@sha256:${'0'.repeat(64)}`,
    `registry.example.org/team/service-${index}:v1`,
  ],
  sizeBytes: 123_456_789 + index,
}));

const nodeText = (index: number): string =>
  JSON.stringify({
    metadata: { name: nodeName(index), labels },
    spec: { providerID: `azure:///${index}` },
    status: {
      allocatable: { cpu: '31580m', memory: '261843096Ki', pods: '110' },
      capacity: { cpu: '32', memory: '263843096Ki', pods: '110' },
      images,
      nodeInfo: { operatingSystem: 'linux' },
    },
  });

const agents = JSON.stringify({
  kind: 'DaemonSetList',
  metadata: {},
  items: [
    {
      metadata: { namespace: 'realmem', name: 'realmem' },
      spec: {
        template: {
          spec: { nodeSelector: { 'kubernetes.io/os': 'linux' }, tolerations: [{ operator: 'Exists' }] },
        },
      },
    },
  ],
});

/** It keeps no page: each object is made when the client is ready for it. */
function serveCluster({ nodes, podsPerNode }: ClusterSize): http.Server {
  return http.createServer(async ({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://a');
    const make =
      pathname === reportsPath
        ? (index: number) => reportText(index, podsPerNode)
        : pathname === '/api/v1/nodes'
          ? nodeText
          : undefined;
    if (make === undefined) {
      response.end(agents);
      return;
    }
    const from = Number(searchParams.get('continue') ?? 0);
    const to = Math.min(nodes, from + Number(searchParams.get('limit')));
    const metadata = to < nodes ? { continue: String(to), remainingItemCount: nodes - to } : {};
    response.write(`{"kind":"List","metadata":${JSON.stringify(metadata)},"items":[`);
    for (let index = from; index < to; index++)
      if (!response.write(`${index === from ? '' : ','}${make(index)}`)) await once(response, 'drain');
    response.end(']}');
  });
}

/** Serves the cluster while `use` runs. @param use gets the address of the API server */
async function whileServing<Result>(
  size: ClusterSize,
  use: (server: string) => Promise<Result>,
): Promise<Result> {
  const server = serveCluster(size).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** What it costs a process of its own to read a cluster. @param how `parse`: JSON.parse alone */
export const costOfReading = (size: ClusterSize, how: 'view' | 'parse'): Promise<ReadingCost> =>
  whileServing(size, async (server) => {
    const reader = new URL('many-reports-reader.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--expose-gc', reader, server, how], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`the reader ended with ${code}`);
    return JSON.parse(said) as ReadingCost;
  });

export interface CommandCost {
  /** The largest resident set in bytes. */
  readonly peakRss: number;
  readonly cpuSeconds: number;
  readonly lines: number;
}

/** What a command costs, in a process of its own with its output piped. @param cli path of the command */
export const costOfCommand = (
  cli: string,
  size: ClusterSize,
  args: readonly string[],
): Promise<CommandCost> =>
  whileServing(size, async (server) => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-bench-'));
    const kubeconfig = path.join(dir, 'config');
    fs.writeFileSync(
      kubeconfig,
      JSON.stringify({
        'current-context': 'large',
        clusters: [{ name: 'large', cluster: { server } }],
        users: [{ name: 'jane', user: { token: 't' } }],
        contexts: [{ name: 'large', context: { cluster: 'large', user: 'jane' } }],
      }),
    );
    try {
      return await costOf([cli, ...args, '--kubeconfig', kubeconfig]);
    } finally {
      fs.rmSync(dir, { recursive: true });
    }
  });

/** What a program costs. @param program of Node with its arguments */
export async function costOf(program: readonly string[]): Promise<CommandCost> {
  const child = spawn(process.execPath, ['--import', ownCost, ...program], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  let lines = 0;
  child.stdout?.on('data', (data: Buffer) => {
    for (const byte of data) if (byte === newline) lines++;
  });
  let said = '';
  child.stdio[3]?.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program.join(' ')} ended with ${code}`);
  return { ...(JSON.parse(said) as Omit<CommandCost, 'lines'>), lines };
}

const ownCost = new URL('../bench/own-cost.ts', import.meta.url).href;
const newline = 0x0a;
