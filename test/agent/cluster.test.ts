/** The agent's connection to its cluster: what it asks at the start, what it knows then, and when it may write to pods. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type ClusterOptions, openCluster } from '../../src/agent/cluster.ts';
import { largestCluster } from '../../src/kube/node-count.ts';
import { type Answers, apiServer } from './api-server.ts';

/** @returns the cluster, and a promise of the next thing that it says */
async function opened(test: TestContext, pods: ClusterOptions['pods'], answers: Answers = {}) {
  const { kubeconfig, calls } = await apiServer(test, answers);
  const said = Promise.withResolvers<string>();
  const cluster = await openCluster({
    ...{ kubeconfig, env: {}, node: 'node-1', pods },
    random: () => 0.5,
    say: (message) => /identity|policy/.test(message) && said.resolve(message),
  });
  test.after(() => cluster.close());
  return { cluster, calls, said: said.promise };
}

/** Waits until the agent has heard the answer. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('the cluster of an agent', () => {
  it('gives the identity of the token and the number of nodes', async (test) => {
    const { cluster } = await opened(test, 'read', { nodes: 17 });
    await until(() => cluster.identity !== undefined && cluster.nodes !== largestCluster);
    assert.deepEqual(cluster.identity, {
      ...{ namespace: 'realmem', pod: 'realmem-x', node: 'node-1', nodeUID: 'u-1' },
    });
    assert.equal(cluster.nodes, 17);
  });

  it('lets an agent that only reads write to no pod, and tests no policy', async (test) => {
    const { cluster, calls } = await opened(test, 'read');
    await until(() => cluster.identity !== undefined && cluster.nodes !== largestCluster);
    assert.deepEqual([cluster.mayWritePods, cluster.policy.status], [false, 'Unknown']);
    assert.ok(
      calls.every((call) => !call.startsWith('PATCH')),
      calls.join('\n'),
    );
  });

  it('lets the agent write to pods once the policy has refused a test write, which counts as no failure', async (test) => {
    const { cluster, calls, said } = await opened(test, 'write where a policy allows');
    assert.equal(await said, 'The policy refused a forbidden test write.');
    assert.deepEqual([cluster.mayWritePods, cluster.policy.status], [true, 'True']);
    assert.ok(calls.includes('PATCH /api/v1/namespaces/realmem/pods/realmem-x/status'));
    assert.deepEqual(cluster.metrics, { apiFailures: [], podsNotKept: 0 });
  });

  it('writes to no pod without a policy, unless it is allowed, and says which', async (test) => {
    for (const [pods, mayWrite, consequence] of [
      ['write where a policy allows', false, /set allowUnguardedWrites\. So the agent writes to no pod\.$/],
      ['write', true, /\. The agent writes to pods all the same \(allowUnguardedWrites\)\.$/],
    ] as const) {
      const { cluster, said } = await opened(test, pods, { policy: 'is missing' });
      assert.match(await said, consequence);
      assert.deepEqual([cluster.mayWritePods, cluster.policy.status], [mayWrite, 'False']);
      assert.match(cluster.policy.message, consequence);
    }
  });

  it('says why it does not know the identity, escaped, and counts the failed call as a read', async (test) => {
    const { cluster, said } = await opened(test, 'write where a policy allows', { identity: 403 });
    assert.match(await said, /^cannot find out the identity of this agent .*no\\u001b\[2J/);
    await until(() => cluster.policy.message.includes('403') || cluster.policy.message.includes('no\\u001b'));
    assert.deepEqual(
      [cluster.identity, cluster.mayWritePods, cluster.policy.status],
      [...[undefined, false, 'Unknown']],
    );
    assert.deepEqual(cluster.metrics.apiFailures, [{ call: 'read', reason: 'Forbidden', count: 1 }]);
  });

  it('counts a failed PATCH as a write, and passes its error on', async (test) => {
    const { cluster } = await opened(test, 'read');
    const path = '/api/v1/namespaces/shop/pods/cart/status';
    await assert.rejects(
      cluster.kube.call({ method: 'PATCH', path, body: {}, contentType: 'application/merge-patch+json' }),
      /denied/,
    );
    assert.deepEqual(cluster.metrics.apiFailures, [{ call: 'write', reason: 'Invalid', count: 1 }]);
  });

  it('ends all waiting when it closes', async (test) => {
    const { cluster } = await opened(test, 'read');
    assert.equal(cluster.ended.aborted, false);
    cluster.close();
    assert.equal(cluster.ended.aborted, true);
  });
});
