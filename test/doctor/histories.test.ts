/** The check of the histories in the cluster, on answers of the API. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkHistories } from '../../src/doctor/histories.ts';
import { at } from '../cluster-view/made/made.ts';
import { nodeViewOf, viewOf } from '../cluster-view/made/made-view.ts';
import { historyOf, paths } from './cluster-api.ts';
import { listsOf, type Made } from './made-lists.ts';

const hourMs = 3_600_000;

async function messagesOf(nodes: readonly string[], found: Made) {
  const view = viewOf(nodes.map((name) => nodeViewOf(name)));
  const checks = await checkHistories(listsOf({ [paths.histories]: found }), 'realmem', view, at);
  for (const { name } of checks) assert.equal(name, 'histories');
  return checks.map(({ status, message }) => [status, message]);
}

describe('the check of the histories', () => {
  for (const [ageMs, expected] of [
    [3 * hourMs, ['ok', '1 in realmem, none older than 3 h']],
    [3 * hourMs + 1_000, ['warn', 'old on 1 node: a (3.0 h)']],
    [-hourMs, ['ok', '1 in realmem, none older than 3 h']],
  ] as const)
    it(`is ${expected[0]} for a history of ${ageMs / 1000} s`, async () => {
      assert.deepEqual(await messagesOf(['a'], [historyOf('a', ageMs)]), [expected]);
    });

  it('has a warning of its own for each kind of fault, each with the nodes that have it', async () => {
    const long = 'n'.repeat(250);
    const found = [historyOf('a', 4 * hourMs), historyOf('b'), historyOf('c', 5 * hourMs)];
    assert.deepEqual(await messagesOf(['a', 'b', 'c', 'd', long], found), [
      ['warn', `the name of 1 node is too long for a ConfigMap: ${long}`],
      ['warn', 'none of 1 node: d'],
      ['warn', 'old on 2 nodes: a (4.0 h), c (5.0 h)'],
    ]);
  });

  for (const [length, expected] of [
    [245, 'none of 1 node'],
    [246, 'the name of 1 node is too long for a ConfigMap'],
  ] as const)
    it(`says "${expected}" for a name of ${length} characters, which \`history-\` precedes`, async () => {
      const [[, message = ''] = []] = await messagesOf(['n'.repeat(length)], [historyOf('a')]);
      assert.ok(message.startsWith(`${expected}:`), message);
    });

  it('asks for the ConfigMaps of histories in the namespace of the agents', async () => {
    const lists = listsOf({});
    const [check] = await checkHistories(lists, 'realmem', viewOf([]), at);
    assert.equal(check?.message, 'not checked: HTTP 404');
    assert.match(lists.asked.join(), /^\/api\/v1\/namespaces\/realmem\/configmaps\?labelSelector=.*realmem/);
  });
});
