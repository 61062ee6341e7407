import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';

const count = 40;
/** The maximum size of an object in etcd. */
const filler = 'x'.repeat(1_500_000);

const podOf = (at: number): string =>
  JSON.stringify({
    metadata: { uid: `u-${at}`, name: `p-${at}`, namespace: 'n', annotations: { filler } },
    spec: { containers: [{ name: 'main' }] },
  });

it('a process with a heap of 40 MB keeps all 40 pods of a list of 60 MB', async (test) => {
  const server = http.createServer(async (_, response) => {
    response.write('{"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[');
    for (let at = 0; at < count; at++)
      if (!response.write(`${at === 0 ? '' : ','}${podOf(at)}`)) await once(response, 'drain');
    response.end(']}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const reader = new URL('large-list-reader.ts', import.meta.url).pathname;
  // The image starts the agent with these options.
  const memory = ['--max-semi-space-size=1', '--max-old-space-size=40'];
  const child = spawn(process.execPath, [...memory, reader, `http://127.0.0.1:${port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const [code] = await once(child, 'close');
  assert.deepEqual([code, said], [0, `${count}\n`]);
});
