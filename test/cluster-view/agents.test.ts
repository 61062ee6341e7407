import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { askAgent, findAgent } from '../../src/cluster/agents.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import { LocatedError, UsageError } from '../../src/model/located-error.ts';
import { forwardPorts } from '../kube/forwarder.ts';
import { agentOn, agentPodOn, clusterWithAgents } from './made/agents-api.ts';
import { fakeCluster, forbidden } from './made/api.ts';

const agent = { namespace: 'realmem', name: 'realmem-a', node: 'a', port: 9644 };

async function program(test: TestContext, answer: http.RequestListener): Promise<number> {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('the agent of a node', () => {
  it('is a running pod of a DaemonSet with the label of the chart on that node', async (test) => {
    const { kube, asked } = await clusterWithAgents(test, { a: 'refused' });
    assert.deepEqual(await findAgent(kube, 'a'), agent);
    assert.deepEqual(asked, [
      '/api/v1/pods?labelSelector=app.kubernetes.io/name=realmem&fieldSelector=spec.nodeName=a',
    ]);
  });

  it("is the pod of the usual namespace, not another one's DaemonSet with the label, nor a job", async (test) => {
    const items = [
      agentPodOn('a', { namespace: 'tenant', creationTimestamp: '2020-01-01T00:00:00Z' }),
      agentPodOn('a', { owner: 'Job' }),
      agentPodOn('a'),
    ];
    const { kube } = await fakeCluster(test, { '/api/v1/pods': JSON.stringify({ items }) });
    assert.deepEqual(await findAgent(kube, 'a'), agent);
  });

  it('is searched in the namespace realmem by a user who may not list all pods', async (test) => {
    const { kube } = await fakeCluster(test, {
      '/api/v1/pods': forbidden('pods'),
      '/api/v1/namespaces/realmem/pods': JSON.stringify({ items: [agentPodOn('a')] }),
    });
    assert.deepEqual(await findAgent(kube, 'a'), agent);
  });

  it('serves its report at the port that the chart names report, else at the default port', async (test) => {
    const metrics = { name: 'metrics', containerPort: 9643 };
    for (const [ports, port] of [
      [[metrics, { name: 'report', containerPort: 9700 }], 9700],
      [[metrics], 9644],
      [[{ name: 'report', containerPort: '9700' }], 9644],
      [[{ name: 'report', containerPort: 70_000 }], 9644],
    ] as const) {
      const { kube } = await fakeCluster(test, {
        '/api/v1/pods': JSON.stringify({ items: [agentPodOn('a', { ports })] }),
      });
      assert.equal((await findAgent(kube, 'a')).port, port);
    }
  });

  it('is an error that says what there is instead', async (test) => {
    for (const [items, says] of [
      [[], /^node a: expected a running agent, got none; see kubectl -n realmem get pods -o wide$/],
      [
        [agentPodOn('a', { namespace: 'mem', phase: 'Pending' })],
        /got a pod that is Pending; see kubectl -n mem/,
      ],
      [[agentPodOn('a', { deletionTimestamp: '2026-01-02T00:00:00Z' })], /got a pod that is Terminating/],
    ] as const) {
      const { kube } = await fakeCluster(test, { '/api/v1/pods': JSON.stringify({ items }) });
      await assert.rejects(
        findAgent(kube, 'a'),
        (error) => error instanceof LocatedError && says.test(error.message),
      );
    }
  });
});

describe('a question to an agent', () => {
  it('has the report as answer', async (test) => {
    const { kube } = await clusterWithAgents(test, { a: await agentOn(test, 'kubernetes-v1', 'a') });
    const report = await askAgent(kube, agent, '/report.json');
    assert.equal((report as { metadata: { name: string } }).metadata.name, 'a');
  });

  it('goes to the port of the agent, and an error names that port', async (test) => {
    const { kube, server } = await fakeCluster(test, {});
    const asked: number[] = [];
    forwardPorts(server, ({ port }) => {
      asked.push(port);
      return 'refused';
    });
    await assert.rejects(
      askAgent(kube, { ...agent, port: 9700 }, '/report.json'),
      /expected an agent that serves its report on port 9700, got connection refused/,
    );
    assert.deepEqual(asked, [9700]);
  });

  it('is asked again when the agent is busy', async (test) => {
    let asked = 0;
    const port = await program(test, (_, response) => {
      if (asked++ === 0) response.writeHead(503, { 'retry-after': '0' }).end('busy');
      else response.end('{"x":1}');
    });
    const { kube } = await clusterWithAgents(test, { a: port });
    assert.deepEqual(await askAgent(kube, agent, '/explain/a/b.json'), { x: 1 });
    assert.equal(asked, 2);
  });

  it("fails with the agent's words for an unknown target", async (test) => {
    const { kube } = await clusterWithAgents(test, { a: await agentOn(test, 'kubernetes-v1', 'a') });
    await assert.rejects(
      askAgent(kube, agent, '/explain/data/postgres-9.json'),
      (error) => error instanceof UsageError && /did you mean .*data\/postgres-0/.test(error.message),
    );
  });

  it('fails with the setting to change when nothing listens on the report port', async (test) => {
    const { kube } = await clusterWithAgents(test, { a: 'refused' });
    await assert.rejects(
      askAgent(kube, agent, '/report.json'),
      /^LocatedError: pod realmem\/realmem-a: expected an agent that serves its report on port 9644, got connection refused; .*config\.reportAddress=127\.0\.0\.1:9644/,
    );
  });

  it('fails with the rights that the user needs', async (test) => {
    const message = 'pods "realmem-a" is forbidden: User "jane" cannot get resource "pods/portforward"';
    const { kube } = await clusterWithAgents(test, { a: { status: 403, message } });
    await assert.rejects(
      askAgent(kube, agent, '/report.json'),
      (error) =>
        error instanceof ApiError &&
        error.status === 403 &&
        error.message ===
          `${message}; to read an agent, a user needs the verbs get and create on pods/portforward`,
    );
  });

  for (const [what, status, text, says] of [
    [
      'an older agent',
      404,
      'not found\n',
      /expected an agent that can inspect containers, got an older one; upgrade/,
    ],
    ['a failure, escaped', 500, 'no\u001b[2J', /got HTTP 500: no\\u001b\[2J$/],
    ['what is not JSON', 200, '<html>', /expected JSON of an agent/],
  ] as const)
    it(`fails for ${what}`, async (test) => {
      const port = await program(test, (_, response) => {
        response.writeHead(status).end(text);
      });
      const { kube } = await clusterWithAgents(test, { a: port });
      await assert.rejects(askAgent(kube, agent, '/explain/a/b.json'), says);
    });
});
