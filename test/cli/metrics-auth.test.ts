/** Runs the agent with --metrics-auth against an API server that accepts one token. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tempDir } from '../temp.ts';
import { run, start } from './run.ts';

const host = fileURLToPath(new URL('../../fixtures/hosts/kubernetes-v1/root', import.meta.url));

/** Answers reviews. While `away` is set it accepts connections and never answers. */
async function startApi(test: TestContext) {
  const api = { away: false, kubeconfig: path.join(tempDir(test), 'kubeconfig') };
  const server = http.createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const review = /(token|subjectaccess)reviews$/.exec(request.url ?? '')?.[1];
    if (review === undefined || api.away) return;
    const spec = (JSON.parse(text) as { spec: { token?: string } }).spec;
    const status =
      review === 'token'
        ? { authenticated: spec.token === 'good', user: { username: 'prometheus' } }
        : { allowed: true };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ status }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: 'agent' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  fs.writeFileSync(api.kubeconfig, JSON.stringify(config));
  return api;
}

const statusOf = (address: string, path: string, token?: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    https
      .get(`https://${address}${path}`, { rejectUnauthorized: false, headers, agent: false }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode));
      })
      .once('error', reject);
  });

const flags = ['--root', host, '--output', 'off', '--report-dir', 'off', '--report-address', 'off'];

describe('realmem agent --metrics-auth', () => {
  it('serves metrics over TLS to an authorized token only, and probes even without the API', async (test) => {
    const api = await startApi(test);
    const agent = start([
      ...['agent', ...flags, '--history-dir', 'off', '--metrics-auth', 'true'],
      ...['--kubeconfig', api.kubeconfig, '--probe-address', '127.0.0.1:0'],
    ]);
    test.after(() => agent.kill('SIGKILL'));
    const [, address = ''] = await agent.says(/"address":"([^"]+)","msg":"probes and metrics served"/);
    assert.equal(await statusOf(address, '/healthz'), 200);
    assert.equal(await statusOf(address, '/metrics'), 401);
    assert.equal(await statusOf(address, '/metrics', 'good'), 200);
    api.away = true;
    const asking = statusOf(address, '/metrics', 'unknown');
    assert.equal(await statusOf(address, '/healthz'), 200);
    assert.equal(await statusOf(address, '/metrics', 'good'), 200, 'the cached review still counts');
    assert.ok([503, 429].includes((await asking) ?? 0), 'no access for a new token');
    agent.kill('SIGTERM');
    assert.equal((await agent.ended).code, 0);
  });

  it('refuses to start without a cluster', async () => {
    const { code, stderr } = await run([
      ...['agent', ...flags, '--metrics-auth', 'true', '--probe-address', '127.0.0.1:0'],
    ]);
    assert.notEqual(code, 0);
    assert.match(stderr, /metricsAuth: expected a cluster to ask who may read the metrics, got none; pass/);
  });
});
