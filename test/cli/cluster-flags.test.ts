/** Flags that name a cluster: which source they choose, and what reaches the API server. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http, { type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { clusterFlags, connectCluster, readsCluster } from '../../src/cli/cluster-flags.ts';
import { type Flags, parseFlags } from '../../src/cli/flags.ts';
import { UsageError } from '../../src/model/located-error.ts';
import { tempDir } from '../temp.ts';
import { run } from './run.ts';

const flags: Flags = { ...clusterFlags, root: { takes: 'DIR', about: '' } };
const reads = (args: readonly string[], isPlugin: boolean): boolean =>
  readsCluster(parseFlags(flags, args), { isPlugin }, ['root']);

describe('the source', () => {
  it('is this machine for realmem, and the cluster for kubectl realmem', () => {
    assert.deepEqual([reads([], false), reads([], true)], [false, true]);
  });

  it('is the cluster when a flag names one', () => {
    for (const flag of ['--context=x', '--kubeconfig=x', '--as=x'])
      assert.equal(reads([flag], false), true, flag);
  });

  it('is this machine for kubectl realmem with --local or a directory', () => {
    assert.deepEqual([reads(['--local'], true), reads(['--root=/x'], true)], [false, false]);
  });

  it('is refused when flags name both', () => {
    assert.throws(
      () => reads(['--local', '--context=x'], true),
      /--context reads a cluster, --local reads this machine/,
    );
    assert.throws(() => reads(['--root=/x', '--as=x'], true), /--as reads a cluster, --root reads files/);
  });
});

/** An API server that answers with its version after `delayed` resolves, and the kubeconfig for it. */
async function server(test: TestContext, delayed: Promise<void> = Promise.resolve()) {
  const headers: IncomingHttpHeaders[] = [];
  const api = http.createServer(async (request, response) => {
    headers.push(request.headers);
    await delayed;
    response.end('{"minor":"34"}');
  });
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  test.after(() => {
    api.closeAllConnections();
    api.close();
  });
  const file = path.join(tempDir(test), 'config');
  const { port } = api.address() as AddressInfo;
  fs.writeFileSync(
    file,
    JSON.stringify({
      'current-context': 'x',
      clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
    }),
  );
  return { file, headers };
}

const open = (args: readonly string[]) => connectCluster(parseFlags(flags, args), { env: {} });

it('sends the user and the groups of --as and --as-group', async (test) => {
  const { file, headers } = await server(test);
  const { kube, namespace } = await open(['--kubeconfig', file, '--as', 'jane', '--as-group', 'ops,dev']);
  await kube.call({ path: '/version' });
  kube.close();
  assert.equal(namespace, 'shop');
  assert.equal(headers[0]?.authorization, 'Bearer t');
  assert.equal(headers[0]?.['impersonate-user'], 'jane');
  assert.equal(headers[0]?.['impersonate-group'], 'ops, dev');
});

it('gives up after --request-timeout, and says how to wait longer', async (test) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { file } = await server(test, promise);
  const { kube, printed } = await open(['--kubeconfig', file, '--request-timeout', '1ms']);
  const error = await kube.call({ path: '/version' }).catch(printed);
  resolve();
  kube.close();
  assert.match(String(error), /no answer within 1 ms; check the network, or pass a longer --request-timeout/);
});

it('accepts the times that kubectl accepts, and refuses others', async (test) => {
  const { file } = await server(test);
  for (const time of ['0', '30', '1.5s', '1m30s', '2h'])
    (await open(['--kubeconfig', file, '--request-timeout', time])).kube.close();
  for (const time of ['soon', '5d', '-1s', '', '0s'])
    await assert.rejects(
      open(['--kubeconfig', file, '--request-timeout', time]),
      (error) =>
        error instanceof UsageError && /expected a time with its unit such as 30s/.test(error.message),
      time,
    );
});

it('refuses --as-group without --as', async () => {
  await assert.rejects(open(['--as-group', 'ops']), /--as-group needs --as USER/);
});

it('prints a refused connection as kubectl does, with exit code 3', async (test) => {
  const file = path.join(tempDir(test), 'config');
  fs.writeFileSync(
    file,
    JSON.stringify({
      'current-context': 'x',
      clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:1' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: '' } }],
    }),
  );
  const { code, stderr } = await run(['suggest', '--kubeconfig', file]);
  assert.equal(code, 3);
  assert.equal(
    stderr,
    'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port? (ECONNREFUSED)\n',
  );
});
