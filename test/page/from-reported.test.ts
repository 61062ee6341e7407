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
});
