import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { it } from 'node:test';
import { tempDir } from '../temp.ts';
import { run } from './run.ts';

it('cleanup --old-histories measures age by the clock of the API server, not by the local clock', async (test) => {
  const day = 86_400_000;
  const served = Date.now() - 365 * day;
  const metadata = {
    name: 'history-node-1',
    uid: 'u',
    resourceVersion: '1',
    labels: { 'app.kubernetes.io/managed-by': 'realmem', 'realmem.dev/part': 'history' },
    annotations: { 'realmem.dev/written': new Date(served - 10 * day).toISOString() },
  };
  const server = http.createServer((request, response) => {
    response.setHeader('date', new Date(served).toUTCString());
    const isMaps = request.url?.includes('/configmaps') === true;
    response.end(JSON.stringify(isMaps ? { metadata: {}, items: [{ metadata }] } : {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => server.close());
  const kubeconfig = path.join(tempDir(test), 'kubeconfig');
  fs.writeFileSync(
    kubeconfig,
    JSON.stringify({
      clusters: [
        {
          name: 'c',
          cluster: {
            server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
            'insecure-skip-tls-verify': true,
          },
        },
      ],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'c',
    }),
  );
  const flags = ['cleanup', '--kubeconfig', kubeconfig, '-n', 'realmem', '--old-histories', '--dry-run'];
  const { code, stdout, stderr } = await run(flags);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^old histories: would be 0 deleted$/m);
});
