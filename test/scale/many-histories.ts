/** An API server with the history ConfigMaps of a large cluster. It creates each page on request. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { encodeCheckpoint } from '../../src/checkpoint/write.ts';
import { historyMapOf } from '../../src/publish/history-map.ts';
import { day, monday, type PlayedContainer, play } from '../usage/made/played.ts';

/** Pods per node. Each has a proxy next to its main container. */
const daemons = 10;
const others = 20;
/** Workloads of the pods that are not daemons. Each has about 17 replicas at 5,000 nodes. */
const deployments = 6_000;

/** One node's checkpoint after two weeks, with a placeholder for each name that differs between nodes. */
function template(days: number): string {
  const containers = Array.from({ length: daemons + others }, (_, index): readonly PlayedContainer[] => {
    const isDaemon = index < daemons;
    const own = {
      pod: isDaemon ? `daemon-${index}-@node@` : `app-${index}-@node@`,
      workload: isDaemon ? `DaemonSet/daemon-${index}` : `Deployment/app-@${index}@`,
      request: 256,
      limit: 512,
    };
    const phase = index / 7;
    const wave = (at: number): number =>
      150 + 60 * Math.sin((2 * Math.PI * at) / day + phase) + 20 * Math.sin(at / 1_700 + index);
    return [
      { ...own, real: wave, activeFile: () => 40 },
      { ...own, container: 'proxy', real: (at) => 20 + 5 * Math.sin(at / 5_000 + phase) },
    ];
  }).flat();
  const kept = play(containers, { days, stepSeconds: 900 }).kept();
  return encodeCheckpoint({ node: '@node@', at: monday + days * day, capacityBytes: 64 * 2 ** 30, ...kept });
}

const nameOf = (index: number): string => `node-${String(index).padStart(5, '0')}`;

export interface ManyHistories {
  readonly url: string;
  /** The number of requested pages, and the largest one. */
  readonly pages: { largest: number; count: number };
  close(): void;
}

/** @param at the time of each write, in seconds since 1970 */
export async function manyHistories(nodes: number, days: number, at: number): Promise<ManyHistories> {
  const shift = Math.round(at) - (monday + days * day);
  // Replace all times: they are absolute, and no other number is as large.
  const text = template(days).replaceAll(/\b17\d{8}\b/g, (time) => String(Number(time) + shift));
  const mapOf = (index: number): unknown => {
    const own = text
      .replaceAll('@node@', nameOf(index))
      .replaceAll(/@(\d+)@/g, (_, app: string) =>
        String((index * others + Number(app) * 7919) % deployments),
      );
    return historyMapOf(nameOf(index), gzipSync(own, { level: 1 }).toString('base64'), at * 1000);
  };
  const pages = { largest: 0, count: 0 };
  const server = http.createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    const from = Number(searchParams.get('continue') ?? 0);
    const limit = Number(searchParams.get('limit') ?? nodes);
    const to = Math.min(nodes, from + limit);
    pages.count++;
    pages.largest = Math.max(pages.largest, to - from);
    const metadata = to < nodes ? { continue: String(to), remainingItemCount: nodes - to } : {};
    const items = Array.from({ length: to - from }, (_, index) => JSON.stringify(mapOf(from + index)));
    response.end(
      `{"kind":"ConfigMapList","metadata":${JSON.stringify(metadata)},"items":[${items.join(',')}]}`,
    );
  });
  // Creating a page can take longer than the idle timeout of a connection.
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    pages,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
