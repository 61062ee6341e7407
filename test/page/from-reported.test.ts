import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PagePod } from '../../src/page/data.ts';
import { reportedSuggestions } from '../../src/page/from-reported.ts';

describe('reportedSuggestions', () => {
  const replica = (name: string, container: Partial<PagePod['containers'][number]>, node = 'a'): PagePod => ({
    ...{ namespace: 'shop', name, node, workload: 'Deployment/cart', ooms: 0 },
    containers: [{ name: 'web', request: 100, limit: 200, ...container }],
  });

  it('suggests the most that any replica needs, and counts what all of them free', () => {
    const pods = [
      replica('1', { suggestRequest: 40, suggestLimit: 90 }),
      replica('2', { suggestRequest: 60, suggestLimit: 80, verdict: 'Oversized' }, 'b'),
    ];
    assert.deepEqual(reportedSuggestions(pods), [
      {
        ...{ namespace: 'shop', workload: 'Deployment/cart', container: 'web', replicas: 2 },
        ...{ requestNow: 100, limitNow: 200, request: 60, limit: 90, frees: 80, risk: 'too much' },
        because: ['Suggested by the agents of 2 nodes.'],
      },
    ]);
  });

  it('has none for a container without a suggested value, and one per pod without an owner', () => {
    assert.deepEqual(reportedSuggestions([replica('1', {})]), []);
    const { workload: _, ...bare } = replica('lonely', { suggestRequest: 50 });
    assert.equal(reportedSuggestions([bare])[0]?.workload, 'Pod/lonely');
  });

  it('names the worst risk of all replicas, and sums up their OOM kills', () => {
    const pods = [
      replica('1', { suggestLimit: 300, verdict: 'Oversized', ooms: 1 }),
      replica('2', { suggestLimit: 300, verdict: 'OOMKilled', ooms: 2 }),
    ];
    const [one] = reportedSuggestions(pods);
    assert.deepEqual([one?.risk, one?.kills, one?.frees], ['killed', 3, 0]);
  });

  it('lists what frees most first', () => {
    const other = { ...replica('x', { suggestRequest: 10 }), workload: 'Deployment/api' };
    const found = reportedSuggestions([replica('1', { suggestRequest: 90 }), other]);
    assert.deepEqual(
      found.map(({ workload, frees }) => [workload, frees]),
      [
        ['Deployment/api', 90],
        ['Deployment/cart', 10],
      ],
    );
  });

  it('has one for each container, of each namespace', () => {
    const pods = [
      replica('1', { suggestRequest: 40 }),
      { ...replica('1', { suggestRequest: 40 }), namespace: 'test' },
      replica('1', { name: 'proxy', suggestRequest: 40 }),
    ];
    assert.deepEqual(
      reportedSuggestions(pods).map(({ namespace, container, replicas }) => [namespace, container, replicas]),
      [
        ['shop', 'web', 1],
        ['test', 'web', 1],
        ['shop', 'proxy', 1],
      ],
    );
  });

  it('counts a replica without a request, and frees nothing where only a limit is suggested', () => {
    const { request: _, ...unset } = { name: 'web', request: 1, suggestRequest: 30 };
    const bare = { ...replica('2', {}), containers: [unset] };
    assert.equal(reportedSuggestions([replica('1', { suggestRequest: 40 }), bare])[0]?.frees, 20);
    const [limit] = reportedSuggestions([replica('1', { suggestLimit: 300 })]);
    assert.deepEqual([limit?.request, limit?.limit, limit?.frees], [undefined, 300, 0]);
  });

  for (const [verdict, risk] of [
    ['OOMKilled', 'killed'],
    ['NearLimit', 'too low'],
    ['Leaking', 'leak'],
    ['NoLimit', 'no limit'],
    ['Oversized', 'too much'],
    ['OK', ''],
    [undefined, ''],
  ] as const)
    it(`has the risk "${risk}" for the verdict ${verdict ?? 'none'}, and names its node`, () => {
      const [one] = reportedSuggestions([replica('1', { suggestLimit: 1, ...(verdict && { verdict }) })]);
      assert.deepEqual([one?.risk, one?.because], [risk, ['Suggested by the agent of a.']]);
    });
});
