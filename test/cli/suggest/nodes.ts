/** The histories of the two nodes of a shop, as agents observe it for six days. */
import { encodeCheckpoint } from '../../../src/checkpoint/write.ts';
import { day, hour, monday, type PlayedContainer, play } from '../../usage/made/played.ts';

const wave = (least: number, most: number) => (at: number) =>
  least + (most - least) * (0.5 - 0.5 * Math.cos((2 * Math.PI * (at - 3 * hour)) / day));

const cart = { workload: 'Deployment/cart', real: wave(150, 210), request: 512, limit: 512 };
/** Two nodes of a shop. */
const nodes: Readonly<Record<string, readonly PlayedContainer[]>> = {
  'node-1': [
    { ...cart, pod: 'cart-1' },
    { ...cart, pod: 'cart-2' },
    { pod: 'cart-1', container: 'proxy', type: 'sidecar', real: () => 22, request: 64, limit: 128 },
    {
      pod: 'search-0',
      workload: 'StatefulSet/search',
      real: () => 300,
      activeFile: () => 700,
      refaulted: (at) => (at / hour) * 90,
      request: 512,
      limit: 1024,
    },
    {
      pod: 'report-1',
      workload: 'CronJob/report',
      container: 'run',
      real: (at) => (at % day >= 2 * hour && at % day < 2 * hour + 300 ? 400 : undefined),
      request: 128,
      limit: 384,
      kills: [5 * day + 2 * hour + 240],
    },
    {
      pod: 'session-1',
      workload: 'Deployment/session',
      real: (at) => 90 + (30 * at) / day,
      request: 128,
      limit: 512,
    },
  ],
  'node-2': [
    { ...cart, pod: 'cart-3', real: wave(300, 440) },
    {
      pod: 'api-1',
      workload: 'Deployment/api',
      real: () => 260,
      request: 256,
      heap: { runtime: 'JVM', by: '-Xmx512m', bytes: (512 * 2 ** 20) as never },
    },
    { pod: 'debug', workload: 'Pod/debug', container: 'sh', real: () => 3 },
    {
      pod: 'migrate',
      workload: 'Job/migrate',
      real: (at) => (at < hour ? 50 : undefined),
      request: 64,
      limit: 64,
    },
    { pod: 'blue', workload: 'Rollout/blue', real: () => 80, request: 80, limit: 160 },
  ],
};

const days = 6;

/** When the agents wrote them, in seconds since 1970. */
export const writtenAt = monday + days * day;

/** The histories by node. Computed once. */
export const texts = new Map<string, string>();
for (const [node, containers] of Object.entries(nodes)) {
  const kept = play(containers, { days, stepSeconds: 300 }).kept();
  texts.set(node, encodeCheckpoint({ node, at: writtenAt, capacityBytes: 8 * 2 ** 30, ...kept }));
}
