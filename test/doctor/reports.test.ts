/** The check of the reports of all nodes, on made views. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClusterView } from '../../src/cluster/view.ts';
import { checkReports } from '../../src/doctor/reports.ts';
import { at } from '../cluster-view/made/made.ts';
import { nodeViewOf, viewOf } from '../cluster-view/made/made-view.ts';
import { the } from './worlds.ts';

const linesOf = (view: ClusterView) =>
  checkReports('realmem', view, at).map(({ name, status, message }) => [name, status, message]);

describe('the check of the reports', () => {
  for (const [names, message] of [
    [[], 'fresh on 0 nodes'],
    [['a'], 'fresh on 1 node: a'],
    [['a', 'b', 'c', 'd', 'e'], 'fresh on 5 nodes: a, b, c and 2 more'],
  ] as const)
    it(`says "${message}"`, () =>
      assert.deepEqual(linesOf(viewOf(names.map((name) => nodeViewOf(name)))), [['reports', 'ok', message]]));

  it('warns of missing and stale ones apart, with the log of the first node of each', () => {
    const view = viewOf([nodeViewOf('a', { isStale: true }), nodeViewOf('b', { isStale: true })], {
      missing: ['c', 'd'],
    });
    const checks = checkReports('realmem', view, at);
    assert.deepEqual(
      checks.map(({ message }) => message),
      ['none from 2 nodes: c, d', 'stale on 2 nodes: a, b. Their agents ended, or may not write.'],
    );
    assert.deepEqual(
      checks.map(({ todo }) => /spec\.nodeName=(\w+)\)/.exec(todo ?? '')?.[1]),
      ['c', 'a'],
    );
  });

  it('names no command for a node whose name a shell would not take as it is', () => {
    const { todo } = the('reports', checkReports('realmem', viewOf([], { missing: ['a;rm'] }), at));
    assert.equal(todo, 'read the log of the agent there');
  });

  it('warns of each note of the reading, and then does not call the reports fresh', () =>
    assert.deepEqual(linesOf(viewOf([nodeViewOf('a')], { notes: ['one', 'two'] })), [
      ['reports', 'warn', 'one'],
      ['reports', 'warn', 'two'],
    ]));

  for (const [aheadMs, isAhead] of [
    [300_000, false],
    [300_001, true],
  ] as const)
    it(`${isAhead ? 'warns' : 'does not warn'} of a node that is ${aheadMs} ms ahead, and calls its report fresh`, () =>
      assert.deepEqual(linesOf(viewOf([nodeViewOf('a', { observedAt: at + aheadMs })])), [
        ['reports', 'ok', 'fresh on 1 node: a'],
        ...(isAhead ? [['node clocks', 'warn', 'ahead of the API server on 1 node: a']] : []),
      ]));

  it('names the versions of the agents that differ, and passes over nodes without one', () => {
    const of = (...agents: readonly (string | undefined)[]) =>
      linesOf(
        viewOf(agents.map((agent, index) => nodeViewOf(`n${index}`, agent === undefined ? {} : { agent }))),
      ).filter(([name]) => name === 'agent versions');
    assert.deepEqual(of('0.2.0', '0.1.0', '0.2.0', undefined), [
      ['agent versions', 'warn', 'they differ: 0.1.0 on 1 node, 0.2.0 on 2 nodes'],
    ]);
    assert.deepEqual(of('0.1.0', '0.1.0', undefined), []);
  });
});
