import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Call, Kube } from '../../src/kube/client.ts';
import { countNodes, largestFleet } from '../../src/kube/node-count.ts';

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

it('asks for one node, as little of it as there is, and for no resourceVersion', async () => {
  const calls: Call[] = [];
  await countNodes(answering({ items: [node] }, calls));
  assert.deepEqual(calls, [
    {
      path: '/api/v1/nodes?limit=1',
      accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    },
  ]);
});

it('counts the one and those that remain', async () => {
  assert.equal(await countOf({ items: [node], metadata: { continue: 'x', remainingItemCount: 2 } }), 3);
  assert.equal(await countOf({ items: [node], metadata: { resourceVersion: '1' } }), 1);
});

it('counts all of them where the server gives more than was asked for', async () =>
  assert.equal(await countOf({ items: [node, node, node], metadata: {} }), 3));

it('takes the cluster for the largest where it is told that there are more, and not how many', async () =>
  assert.equal(await countOf({ items: [node], metadata: { continue: 'x' } }), largestFleet));

it('counts no more than the largest cluster could have, whatever it is told', async () => {
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
  it(`takes the cluster for the largest where the answer is none: ${JSON.stringify(answer)}`, async () =>
    assert.equal(await countOf(answer), largestFleet));
