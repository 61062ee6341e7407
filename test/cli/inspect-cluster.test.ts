/** `kubectl realmem explain` and `ps`: the API server, the port-forward and the agent are real HTTP. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { reportsPath } from '../../src/model/product.ts';
import { agentOn, clusterWithAgents } from '../cluster-view/made/agents-api.ts';
import { agentsOf, agentsPath, nodeOf, reportOf } from '../cluster-view/made/made.ts';
import type { Destination } from '../kube/forwarder.ts';
import { tempDir } from '../temp.ts';
import { run } from './run.ts';

const root = new URL('../../fixtures/hosts/kubernetes-v1/root', import.meta.url).pathname;

/** @returns the flags that name the cluster, and the headers of each port-forward */
async function cluster(test: TestContext, agent?: Destination) {
  const { server, forwarded } = await clusterWithAgents(
    test,
    { 'node-1': agent ?? (await agentOn(test, 'kubernetes-v1', 'node-1')) },
    {
      '/api/v1/namespaces/data/pods/postgres-0': JSON.stringify({ spec: { nodeName: 'node-1' } }),
      [reportsPath]: [reportOf('node-1', [['data', 'postgres-0']])],
      [agentsPath]: [agentsOf()],
      '/api/v1/nodes': [nodeOf('node-1')],
    },
  );
  const file = path.join(tempDir(test), 'config');
  const { port } = server.address() as AddressInfo;
  fs.writeFileSync(
    file,
    JSON.stringify({
      'current-context': 'x',
      clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: '' } }],
    }),
  );
  return { flags: ['--kubeconfig', file], forwarded };
}

describe('explain in the cluster', () => {
  it('prints what it prints on the node, in each format', async (test) => {
    const { flags } = await cluster(test);
    for (const form of [[], ['--all'], ['-o', 'json'], ['-o', 'wide']]) {
      const there = await run(['explain', 'data/postgres-0', ...form, ...flags]);
      const here = await run(['explain', 'data/postgres-0', ...form, '--root', root]);
      assert.deepEqual(there, here, form.join(' '));
      assert.equal(there.code, 0);
    }
  });

  it('accepts -n POD, and a name that only the reports know', async (test) => {
    const { flags } = await cluster(test);
    for (const target of [['-n', 'data', 'postgres-0'], ['postgres-0'], ['postgres']]) {
      const { code, stderr } = await run(['explain', ...target, ...flags]);
      // The made report has a container `main`, which the agent does not have.
      if (target.length === 3) assert.equal(code, 0, stderr);
      else
        assert.match(stderr, /^error: data\/postgres-0\/main: .*did you mean data\/postgres-0\/postgres\?/);
    }
  });

  it('uses the rights of --as', async (test) => {
    const { flags, forwarded } = await cluster(test);
    await run(['explain', 'data/postgres-0', '--as', 'jane', ...flags]);
    assert.equal(forwarded[0]?.['impersonate-user'], 'jane');
  });

  it('exits with 2 and names like the wanted one', async (test) => {
    const { flags } = await cluster(test);
    const { code, stderr } = await run(['explain', 'data/postgres-1', ...flags]);
    assert.equal(code, 2);
    assert.equal(
      stderr,
      'error: data/postgres-1: expected a pod in the cluster, got none; did you mean data/postgres-0?\n',
    );
  });

  it("exits with 3 and kubectl's words when the API refuses the port-forward", async (test) => {
    const message =
      'pods "realmem-node-1" is forbidden: User "jane" cannot create resource "pods/portforward"';
    const { flags } = await cluster(test, { status: 403, message });
    const { code, stderr } = await run(['explain', 'data/postgres-0', ...flags]);
    assert.equal(code, 3);
    assert.ok(stderr.startsWith(`Error from server (Forbidden): ${message}; to read an agent`), stderr);
  });

  it('exits with 3 and the setting when the report port is off', async (test) => {
    const { flags } = await cluster(test, 'refused');
    const { code, stderr } = await run(['ps', 'data/postgres-0', ...flags]);
    assert.equal(code, 3);
    assert.match(stderr, /got connection refused; its report is off or at another port/);
  });
});

describe('ps in the cluster', () => {
  it('exits with 3 and the reason of the agent when it sees no processes', async (test) => {
    const { flags } = await cluster(test);
    const { code, stderr } = await run(['ps', 'data/postgres-0', ...flags]);
    assert.equal(code, 3);
    assert.match(stderr, /^error: [^,;]*: expected [^,;]*, got a recording without processes\n$/);
  });
});
