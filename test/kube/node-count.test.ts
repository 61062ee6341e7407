import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Call, Kube } from '../../src/kube/client.ts';
import { countNodes, largestCluster } from '../../src/kube/node-count.ts';

const answering = (answer: unknown, calls: Call[] = []): Kube => ({
  async call(call) {
    calls.push(call);
    return answer;
  },
  list: () => assert.fail('nodes are only counted'),
  async *lines() {},
  close() {},
});
const countOf = (answer: unknown): Promise<number> => countNodes(answering(answer));
const node = { metadata: { name: 'node-1' } };

it('requests the metadata of one node without a resourceVersion', async () => {
  const calls: Call[] = [];
  await countNodes(answering({ items: [node] }, calls));
  assert.deepEqual(calls, [
    {
      path: '/api/v1/nodes?limit=1',
      accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    },
  ]);
});

it('adds the returned node and remainingItemCount', async () => {
  assert.equal(await countOf({ items: [node], metadata: { continue: 'x', remainingItemCount: 2 } }), 3);
  assert.equal(await countOf({ items: [node], metadata: { resourceVersion: '1' } }), 1);
});

it('counts three nodes when the server returns three instead of one', async () =>
  assert.equal(await countOf({ items: [node, node, node], metadata: {} }), 3));

it('assumes the largest cluster when the server has more nodes but does not say how many', async () =>
  assert.equal(await countOf({ items: [node], metadata: { continue: 'x' } }), largestCluster));

it('counts at most 200,000 nodes', async () => {
  for (const remainingItemCount of [1e15, 9_007_199_254_740_000])
    assert.equal(await countOf({ items: [node], metadata: { remainingItemCount } }), 200_000);
});

for (const answer of [
  undefined,
  null,
  {},
  { items: [] },
  { items: 'x' },
  { items: [node], metadata: { remainingItemCount: 'many' } },
  { items: [node], metadata: { remainingItemCount: 1.5 } },
  { items: [node], metadata: { remainingItemCount: -7 } },
])
  it(`assumes the largest cluster for the answer ${JSON.stringify(answer)}`, async () =>
    assert.equal(await countOf(answer), largestCluster));
