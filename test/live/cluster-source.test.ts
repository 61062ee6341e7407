import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clusterSource, clusterState } from '../../src/live/cluster-source.ts';
import type { LiveState } from '../../src/live/source.ts';
import { reportsPath } from '../../src/model/product.ts';
import { type Answer, fakeCluster } from '../cluster-view/made/api.ts';
import { agentsOf, agentsPath, at, nodeOf, reportOf } from '../cluster-view/made/made.ts';
import { mebibytes } from './opened-view.ts';

/** The API server's answer to one reading. */
const withPods = (...pods: readonly string[]): Answer => [
  reportOf(
    'node-1',
    pods.map((pod) => ['shop', pod]),
  ),
];
const away: Answer = { status: 503, message: 'the database has gone' };

describe('a cluster in the live view', () => {
  it('is read again and again, and keeps its last state while it cannot be read', async (test) => {
    const answers = [withPods('a'), away, away, withPods('a', 'b')];
    let asked = 0;
    const { kube } = await fakeCluster(test, {
      [reportsPath]: () => answers[asked++] ?? away,
      [agentsPath]: [agentsOf()],
      '/api/v1/nodes': [nodeOf('node-1')],
    });
    const left = new AbortController();
    const states: LiveState[] = [];
    const waits: number[] = [];
    const source = clusterSource({
      kube,
      read: {},
      printed: (error) => new Error(`printed: ${(error as Error).message}`),
      now: () => at,
      sleep: async (ms) => {
        waits.push(ms);
        if (states.length === answers.length) left.abort();
      },
    });
    await source.follow((state) => states.push(state), left.signal);
    assert.deepEqual(
      states.map((state) => [
        state.rows('pod').map(({ target }) => target),
        state.notes.map((note) => /^Not updated: printed: .*the database has gone/.test(note)),
      ]),
      [
        [['shop/a'], []],
        [['shop/a'], [true]],
        [['shop/a'], [true]],
        [['shop/a', 'shop/b'], []],
      ],
    );
    assert.deepEqual(waits, [15_000, 15_000, 15_000, 15_000]);
    assert.equal(await source.detail(states[0]?.rows('pod')[0] ?? assert.fail('no row'), 80), undefined);
  });

  it('replaces nodes of each reading by what its refresh returns', async (test) => {
    const { kube } = await fakeCluster(test, {
      [reportsPath]: withPods('a'),
      [agentsPath]: [agentsOf()],
      '/api/v1/nodes': [nodeOf('node-1')],
    });
    const left = new AbortController();
    const notes: (readonly string[])[] = [];
    const source = clusterSource({
      kube,
      read: {},
      refresh: async (view) => ({ ...view, notes: [`fresh ${view.nodes.length}`] }),
      printed: (error) => error,
      now: () => at,
      sleep: async () => {
        if (notes.length === 2) left.abort();
      },
    });
    await source.follow((state) => notes.push(state.notes), left.signal);
    assert.deepEqual(notes, [['fresh 1'], ['fresh 1']]);
  });

  it('must be readable at the start', async (test) => {
    const { kube } = await fakeCluster(test, { [reportsPath]: away });
    const source = clusterSource({ kube, read: {}, printed: () => new Error('as printed') });
    await assert.rejects(
      source.follow(() => {}, new AbortController().signal),
      /as printed/,
    );
  });

  it('ends without an error when the reader quits during a reading', async (test) => {
    const left = new AbortController();
    const { kube } = await fakeCluster(test, {
      [reportsPath]: () => {
        left.abort();
        return away;
      },
    });
    await clusterSource({ kube, read: {}, printed: (error) => error }).follow(() => {}, left.signal);
  });

  it('has sums of its nodes above the table, and what is wrong below it', () => {
    const node = { from: 'report', isStale: false, pods: [], conditions: [] } as const;
    const capacity = mebibytes(1_024);
    const { title, notes } = clusterState({
      at,
      nodes: [
        { ...node, name: 'a', real: mebibytes(512), capacity },
        { ...node, name: 'b', real: mebibytes(512), capacity, isStale: true, observedAt: at - 600_000 },
      ],
      missing: ['c'],
      notes: ['a note'],
    });
    assert.deepEqual(title, ['CLUSTER 2 nodes   0 pods   CAPACITY 2Gi   REAL 1Gi (50%)']);
    assert.deepEqual(
      notes.map((note) => note.replace(/:.*/, '')),
      ['STALE b (10m)', 'MISSING c', 'a note'],
    );
  });
});
