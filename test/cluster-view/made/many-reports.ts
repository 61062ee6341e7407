/** The API server of a large cluster: writes pages of NodeMemoryReports, nodes and DaemonSets while they are read. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { reportsPath } from '../../../src/model/product.ts';
import { agentSet, type ClusterSize, nodeOf, reportOf } from './large-cluster.ts';
import type { ReadingCost } from './many-reports-reader.ts';

/** What the API server adds to the metadata of an object. */
const added = {
  uid: '6e1f0f9c-5f0e-4f43-9d64-0d7f2f1a7b11',
  resourceVersion: '1',
  managedFields: [{ manager: 'realmem', fieldsV1: { 'f:observed': {}, 'f:node': {}, 'f:pods': {} } }],
};

/** It keeps no page: each object is made when the client is ready for it. */
function serveCluster({ nodes, podsPerNode }: ClusterSize): http.Server {
  return http.createServer(async ({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://a');
    const make =
      pathname === reportsPath
        ? (index: number) => reportOf(index, podsPerNode)
        : pathname === '/api/v1/nodes'
          ? nodeOf
          : undefined;
    if (make === undefined) {
      response.end(JSON.stringify({ kind: 'DaemonSetList', metadata: {}, items: [agentSet] }));
      return;
    }
    const from = Number(searchParams.get('continue') ?? 0);
    const to = Math.min(nodes, from + Number(searchParams.get('limit')));
    const metadata = to < nodes ? { continue: String(to), remainingItemCount: nodes - to } : {};
    response.write(`{"kind":"List","metadata":${JSON.stringify(metadata)},"items":[`);
    for (let index = from; index < to; index++) {
      const { metadata: own, ...rest } = make(index);
      const text = JSON.stringify({ ...rest, metadata: { ...own, ...added } });
      if (!response.write(`${index === from ? '' : ','}${text}`)) await once(response, 'drain');
    }
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

const ownCost = new URL('../../../bench/own-cost.ts', import.meta.url).href;
const newline = 0x0a;
