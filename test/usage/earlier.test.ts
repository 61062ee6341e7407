import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { decodeCheckpoint } from '../../src/checkpoint/read.ts';
import { encodeCheckpoint } from '../../src/checkpoint/write.ts';
import { advise } from '../../src/recommend/advise.ts';
import { todaysWorkload } from '../../src/usage/earlier.ts';
import { closeWindows, History } from '../../src/usage/history.ts';
import { day, MiB, monday, type PlayedContainer, play } from './made/played.ts';

const fixture = (name: string) => {
  const file = new URL(`../../fixtures/histories/${name}`, import.meta.url);
  return decodeCheckpoint(name, fs.readFileSync(file, 'utf8'));
};
const keptBy = (history: History, days: number) => ({
  node: 'n',
  at: monday + days * day,
  ...history.kept(),
});
const app: PlayedContainer = { pod: 'app-1', workload: 'Deployment/app', real: () => 100, limit: 512 };

describe('a history of an earlier agent', () => {
  it('that names each roll-out becomes one workload, with the advice of a Deployment', () => {
    const [[rollout, ...more], [deployment]] = [
      fixture('rollouts.history.json'),
      fixture('deployment.history.json'),
    ].map((history) =>
      [...closeWindows(history)].map(({ key, aggregate }) => ({
        workload: key.workload,
        days: (aggregate.lastAt - aggregate.since) / day,
        running: aggregate.running,
        limit: (advise(aggregate, history.at)?.limit.target ?? 0) / MiB,
      })),
    ) as [
      { workload: string; days: number; running: number; limit: number }[],
      { days: number; running: number; limit: number }[],
    ];
    assert.deepEqual(more, []);
    assert.equal(rollout?.workload, 'Rollout/web');
    assert.deepEqual([rollout?.days, rollout?.running], [deployment?.days, deployment?.running]);
    // Weights are stored in steps of 2 %, and the sum of eight has eight rounding errors.
    assert.ok(Math.abs((rollout?.limit ?? 0) / (deployment?.limit ?? 1) - 1) < 0.01, `${rollout?.limit}Mi`);
  });

  it('continues under the workload of today when an agent restores it', () => {
    const history = new History();
    history.restore(fixture('rollouts.history.json'));
    const { aggregates, lifetimes } = history.kept();
    assert.deepEqual(
      [...aggregates].map(({ key }) => key.workload),
      ['Rollout/web'],
    );
    assert.deepEqual(
      lifetimes.map(({ key }) => key?.workload),
      ['Rollout/web'],
    );
  });

  it('has a roll-out name only with a hash or a number at the end', () => {
    const renamed: readonly (readonly [string, string])[] = [
      ['ReplicaSet/web-6d4f8b7c9', 'Rollout/web'],
      ['ReplicaSet/web-api-7dfb9c4f85', 'Rollout/web-api'],
      ['ReplicaSet/web-987654889', 'Rollout/web'],
      ['ReplicationController/legacy-7', 'DeploymentConfig/legacy'],
      ['ReplicationController/legacy-v2-12', 'DeploymentConfig/legacy-v2'],
    ];
    for (const [before, today] of renamed) assert.equal(todaysWorkload(before, 1), today);
    for (const same of [
      'ReplicaSet/web',
      'ReplicaSet/web-frontend',
      'ReplicaSet/web-backend',
      'ReplicaSet/web-20241010',
      'ReplicaSet/web-v2',
      'ReplicaSet/6d4f8b7c9',
      'ReplicationController/legacy',
      'ReplicationController/legacy-v2',
      'Deployment/web-6d4f8b7c9',
      'StatefulSet/db-7',
    ])
      assert.equal(todaysWorkload(same, 1), same);
  });

  it('is translated, but not that of today’s agent: a person may name a ReplicaSet web-7d9f8c6b5', () => {
    for (const same of ['ReplicationController/redis-1', 'ReplicaSet/web-7d9f8c6b5'])
      assert.equal(todaysWorkload(same, 2), same);
  });

  it('has unknown heap caps of JVMs and Node.js, because it read flags in another order', () => {
    const heaps = [
      { runtime: 'JVM', by: '-Xmx256m', bytes: 256 * MiB },
      { runtime: 'JVM', share: 0.25 },
      { runtime: 'Node.js', by: '--max-old-space-size=256', bytes: 256 * MiB },
      { runtime: 'Go', by: 'GOMEMLIMIT=256MiB', bytes: 256 * MiB },
    ] as const;
    for (const heap of heaps) {
      const text = encodeCheckpoint(keptBy(play([{ ...app, heap: heap as never }], { days: 1 }), 1));
      const heapIn = (written: string) =>
        [...decodeCheckpoint('it', written).aggregates].map(({ aggregate }) => aggregate.setting?.heap);
      assert.deepEqual(heapIn(text), [heap]);
      const earlier = text.replace('"rules":2,', '');
      assert.notEqual(earlier, text);
      assert.deepEqual(heapIn(earlier), [heap.runtime === 'Go' ? heap : { runtime: 'unknown' }]);
    }
  });

  it('has known heap caps again once an agent sees the pod', () => {
    const heap = { runtime: 'JVM', by: '-Xmx256m', bytes: 256 * MiB } as never;
    const earlier = encodeCheckpoint(keptBy(play([{ ...app, heap }], { days: 1 }), 1)).replace(
      '"rules":2,',
      '',
    );
    const history = new History();
    history.restore(decodeCheckpoint('it', earlier));
    play([{ ...app, heap }], { days: 0.1, from: day }, history);
    const [one] = [...decodeCheckpoint('it', encodeCheckpoint(keptBy(history, 1.1))).aggregates];
    assert.deepEqual(one?.aggregate.setting?.heap, heap);
  });
});
