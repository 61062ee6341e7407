import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { it, type TestContext } from 'node:test';
import {
  crowdedPod,
  enviousPod,
  escapedPod,
  flaggedPod,
  labelledPod,
  plainPod,
  reportedPod,
} from './tenant-pods.ts';

type Make = () => string;

/** The same pod under `count` names. */
function times(count: number, name: string, make: (name: string) => object | string): readonly Make[] {
  const pod = make('NAME');
  const text = typeof pod === 'string' ? pod : JSON.stringify(pod);
  return Array.from({ length: count }, (_, at) => () => text.replaceAll('NAME', `${name}-${at}`));
}

/** 36 MB, more than the heap. The tenant's pods come first, to have every chance to displace the others. */
const fat: readonly Make[] = [
  ...times(12, 'labelled', labelledPod),
  ...times(3, 'flagged', flaggedPod),
  ...times(5, 'crowded', crowdedPod),
  ...times(1, 'reported', reportedPod),
  ...times(2, 'escaped', escapedPod),
  ...times(1, 'envious', enviousPod),
];
const plain = times(110, 'plain', plainPod);

/** Starts an API with these pods in its list and these events in its watch. */
async function serving(
  test: TestContext,
  listed: readonly Make[],
  events: readonly (readonly [string, Make])[],
) {
  const server = http.createServer(async ({ url = '' }, response) => {
    const write = async (text: string): Promise<void> => {
      if (!response.write(text)) await once(response, 'drain');
    };
    if (url.includes('watch=1')) {
      for (const [type, make] of events) await write(`{"type":"${type}","object":${make()}}\n`);
      return;
    }
    await write('{"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[');
    for (const [at, make] of listed.entries()) await write(`${at === 0 ? '' : ','}${make()}`);
    response.end(']}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

interface Seen {
  readonly names: readonly string[];
  readonly faults: number;
  readonly said: readonly string[];
  readonly heap: unknown;
  readonly labels: readonly string[];
  readonly heapUsed: number;
}

/** Follows the pods in a process with a heap of 24 MB: what the rest of the agent leaves of its 40 MB. */
async function followed(port: number): Promise<Seen> {
  const reader = new URL('tenant-reader.ts', import.meta.url).pathname;
  const memory = ['--max-semi-space-size=1', '--max-old-space-size=24', '--expose-gc'];
  const child = spawn(process.execPath, [...memory, reader, `http://127.0.0.1:${port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const [code, signal] = await once(child, 'close');
  assert.deepEqual([code, signal], [0, null]);
  return JSON.parse(said) as Seen;
}

const last: Make = () => JSON.stringify(plainPod('last'));

function judge({ names, faults, said, heap, labels, heapUsed }: Seen): void {
  for (let at = 0; at < 110; at++) assert.ok(names.includes(`plain-${at}`), `plain-${at}`);
  // Too many containers (5), too long (2), too many values (1).
  assert.equal(faults, 8);
  assert.match(
    said.join('\n'),
    /pod tenant\/crowded-\d+: expected at most 65536 bytes .* \(5000 containers\)/,
  );
  assert.equal(names.length, 111 + 12 + 3 + 1);
  assert.deepEqual(heap, { runtime: 'unknown' });
  assert.deepEqual(labels, []);
  // No kept string may reference the megabyte that it was sliced from.
  assert.ok(heapUsed < 12e6, `${heapUsed} bytes of heap`);
}

it('keeps all plain pods of a list with a tenant’s huge pods, and reports the dropped ones', async (test) =>
  judge(await followed(await serving(test, [...fat, ...plain], [['ADDED', last]]))));

it('keeps all plain pods when a watch sends a tenant’s huge pods twice', async (test) => {
  const events = [
    ...fat.map((make) => ['ADDED', make] as const),
    ...fat.map((make) => ['MODIFIED', make] as const),
    ['ADDED', last] as const,
  ];
  judge(await followed(await serving(test, plain, events)));
});

it('keeps at most 1,000 of 5,000 pods, and all that run', async (test) => {
  const idle = times(5_000, 'idle', (name) => ({
    metadata: { name, namespace: 'a', uid: `u-${name}` },
    spec: { nodeName: 'n', containers: [{ name: 'main' }] },
  }));
  const { names, faults } = await followed(await serving(test, [...idle, ...plain], [['ADDED', last]]));
  for (let at = 0; at < 110; at++) assert.ok(names.includes(`plain-${at}`), `plain-${at}`);
  assert.ok(names.length <= 1_000 && names.length > 900, `${names.length} kept`);
  assert.ok(faults > 4_000, `${faults} said`);
});
