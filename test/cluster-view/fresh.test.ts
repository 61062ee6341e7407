import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mostFreshNodes, readFresh } from '../../src/cluster/fresh.ts';
import { readCluster } from '../../src/cluster/read.ts';
import type { ClusterView, NodeView } from '../../src/cluster/view.ts';
import { InputError } from '../../src/model/located-error.ts';
import { reportsPath } from '../../src/model/product.ts';
import { agentOn, clusterWithAgents } from './made/agents-api.ts';
import { agentsOf, agentsPath, at, nodeOf, podNames, reportOf } from './made/made.ts';

const nodeNamed = ({ nodes }: ClusterView, name: string): NodeView | undefined =>
  nodes.find((node) => node.name === name);
const options = { now: at };

describe('fresh figures', () => {
  it('replace the nodes of the scope by what their agents know, to the byte, and leave the others', async (test) => {
    const port = await agentOn(test, 'kubernetes-v1', 'a');
    const { kube, forwarded } = await clusterWithAgents(
      test,
      { a: port, b: 'refused' },
      {
        [reportsPath]: [reportOf('a', [['data', 'postgres-0']]), reportOf('b', [['shop', 'x-1']])],
        [agentsPath]: [agentsOf()],
        '/api/v1/nodes': [nodeOf('a'), nodeOf('b')],
      },
    );
    const view = await readCluster(kube, { now: at });
    const scopes = [
      { nodes: ['a'] },
      { pod: { namespace: 'data', name: 'postgres-0' } },
      { namespace: 'data' },
    ];
    for (const scope of scopes) {
      const fresh = await readFresh(kube, view, scope, options);
      const [a, b] = [nodeNamed(fresh, 'a'), nodeNamed(fresh, 'b')];
      assert.equal(a?.from, 'agent');
      const postgres = a.pods.find(({ name }) => name === 'postgres-0');
      const [container] = postgres?.containers ?? [];
      assert.equal(container?.real, 231_440_384);
      assert.equal(container?.usage, 1_006_419_968);
      assert.equal(container?.limit, 1_073_741_824);
      assert.equal(a.allocatable, nodeNamed(view, 'a')?.allocatable);
      assert.deepEqual(b, nodeNamed(view, 'b'));
      assert.deepEqual(fresh.notes, view.notes);
    }
    assert.equal(forwarded.length, scopes.length, 'no other agent is asked');
  });

  it('keep the report of a node whose agent fails, and say why', async (test) => {
    const { kube } = await clusterWithAgents(
      test,
      { a: 'refused' },
      { [reportsPath]: [reportOf('a'), reportOf('b')], [agentsPath]: [], '/api/v1/nodes': [] },
    );
    const view = await readCluster(kube, { now: at });
    const fresh = await readFresh(kube, view, {}, options);
    assert.deepEqual(fresh.nodes, view.nodes);
    const [refused = '', none = ''] = fresh.notes.slice(view.notes.length);
    assert.match(refused, /^Node a is not fresh, it shows its last report: .*got connection refused/);
    assert.match(none, /^Node b is not fresh, .*expected a running agent, got none/);
  });

  it('include a node that has no report yet', async (test) => {
    const { kube } = await clusterWithAgents(test, { b: await agentOn(test, 'kubernetes-v1', 'b') });
    const view = { at, nodes: [], missing: ['b', 'c'], notes: [] };
    const fresh = await readFresh(kube, view, { nodes: ['b'] }, options);
    assert.deepEqual([fresh.nodes.map(({ name }) => name), fresh.missing], [['b'], ['c']]);
  });

  it('do not believe an agent that answers as another node', async (test) => {
    const { kube } = await clusterWithAgents(test, { a: await agentOn(test, 'kubernetes-v1', 'b') });
    const view = { at, nodes: [], missing: ['a'], notes: [] };
    const fresh = await readFresh(kube, view, {}, options);
    assert.deepEqual(fresh.nodes, []);
    assert.match(fresh.notes.join(), /its agent answered as node b$/);
  });

  it('are read from at most 50 nodes, and a note says so', async (test) => {
    const { kube, forwarded } = await clusterWithAgents(test, {});
    const missing = Array.from({ length: 60 }, (_, index) => `n-${10 + index}`);
    const fresh = await readFresh(kube, { at, nodes: [], missing, notes: [] }, {}, options);
    assert.equal(forwarded.length, 0);
    const [cut = '', ...failed] = fresh.notes;
    assert.match(cut, /^--fresh reads at most 50 nodes at once: 50 of 60 are fresh/);
    assert.equal(failed.length, 4);
    assert.equal(failed.at(-1), `${mostFreshNodes - 3} more nodes are not fresh`);
  });

  it('have only the pods of the namespace and with the labels that the view has', async (test) => {
    const { kube } = await clusterWithAgents(
      test,
      { a: await agentOn(test, 'kubernetes-v1', 'a') },
      { '/api/v1/namespaces/data/pods': [{ metadata: { namespace: 'data', name: 'postgres-0' } }] },
    );
    const view = { at, nodes: [], missing: ['a'], notes: [] };
    const all = await readFresh(kube, view, {}, options);
    assert.ok((podNames(all)['a']?.length ?? 0) > 1);
    const some = await readFresh(kube, view, {}, { ...options, namespace: 'data', selector: 'app=db' });
    assert.deepEqual(podNames(some), { a: ['data/postgres-0'] });
  });

  it('are refused for a node or pod that the view does not have', async (test) => {
    const { kube } = await clusterWithAgents(test, {});
    const view = { at, nodes: [], missing: ['node-1'], notes: [] };
    await assert.rejects(
      readFresh(kube, view, { nodes: ['node-l'] }, options),
      (error) => error instanceof InputError && /did you mean node-1\?/.test(error.message),
    );
    await assert.rejects(
      readFresh(kube, view, { pod: { namespace: 'shop', name: 'x' } }, options),
      (error) => error instanceof InputError && /^shop\/x: expected a pod, got none/.test(error.message),
    );
  });
});
