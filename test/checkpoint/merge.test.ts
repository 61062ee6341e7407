/** The influence of one lying node on the merged histories, and how histories are read from a cluster. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Checkpoint } from '../../src/checkpoint/checkpoint.ts';
import { mergeMaps, podsOn } from '../../src/checkpoint/cluster.ts';
import { MergedHistories } from '../../src/checkpoint/merge.ts';
import { encodeCheckpoint } from '../../src/checkpoint/write.ts';
import { pack } from '../../src/edges/pack.ts';
import type { Kube } from '../../src/kube/client.ts';
import type { Suggestion } from '../../src/model/recommendation.ts';
import { runningPods } from '../../src/pods/pod-specs.ts';
import { historyMapOf } from '../../src/publish/history-map.ts';
import { suggestionsObject } from '../../src/suggest/data.ts';
import { doubtOf } from '../../src/suggest/doubt.ts';
import { renderPatches } from '../../src/suggest/patch.ts';
import { renderSuggestions } from '../../src/suggest/text.ts';
import type { UsageAggregate } from '../../src/usage/aggregate.ts';
import { UsageAggregates } from '../../src/usage/aggregates.ts';
import { suggestFrom } from '../suggest/suggest-from.ts';
import { day, hour, keyOf, MiB, monday, play } from '../usage/played.ts';

const days = 6;
const at = monday + days * day;
const wave = (seconds: number): number =>
  110 + 40 * Math.sin((2 * Math.PI * seconds) / day) + 8 * Math.sin(seconds / 5_000);

const coredns = { pod: 'coredns-1', workload: 'Deployment/coredns', request: 512, limit: 640, real: wave };
const key = keyOf(coredns);
const played = play([coredns], { days, stepSeconds: 900 }).kept();
const honest = (node: string): Checkpoint => ({ node, at, ...played });

/** The history of a node that reports arbitrary usage of the workload. */
function liar(node: string, lie: (aggregate: UsageAggregate) => void): Checkpoint {
  const aggregates = new UsageAggregates();
  const aggregate = aggregates.of(key);
  aggregate.setting = { type: 'container', request: 512 * MiB, limit: 640 * MiB };
  aggregate.peak(MiB, at);
  lie(aggregate);
  return { node, at, aggregates, lives: [] };
}

const heavy = liar('node-7', (aggregate) => {
  for (let ago = 0; ago < 200; ago++) {
    aggregate.hours.add(20 * MiB, at - ago * hour, 500);
    aggregate.usage.add(20 * MiB, at - ago * hour, 5000);
  }
});

function only(histories: readonly Checkpoint[]): Suggestion {
  const { items } = suggestFrom(histories, at);
  const [item] = items;
  assert.ok(item !== undefined && items.length === 1);
  return item;
}

const limitOf = ({ recommendation }: Suggestion): number => recommendation.limit.target;
const replicas = ['node-1', 'node-2', 'node-3'].map(honest);

describe('a node that lies', () => {
  it('by the weight of its hours is named, and its patch is only a comment', () => {
    const found = only([...replicas, heavy]);
    const { decider } = found.origin;
    assert.equal(decider?.node, 'node-7');
    assert.ok((decider?.share ?? 0) > 0.98);
    assert.equal(decider?.without?.limit, limitOf(only(replicas)));
    assert.match(
      found.recommendation.because.at(-1) ?? '',
      /^\d+ % of the observed hours come from node-7: without it/,
    );
    const suggestions = suggestFrom([...replicas, heavy], at);
    const patches = renderPatches(suggestions, { doubts: doubtOf, least: 'low' });
    assert.ok(
      patches
        .trimEnd()
        .split('\n')
        .every((line) => line.startsWith('#')),
      patches,
    );
    assert.match(
      patches,
      /# Review before you run this: node-7 decides these values alone, and reports 0 of 3 replicas/,
    );
    assert.match(patches, /^# kubectl -n shop patch deployment coredns/m);
    assert.match(
      renderSuggestions(suggestions, { sortBy: 'name', headers: true, why: false }),
      / d \*\n[\s\S]*\* One node decides alone \(1 of 1 rows\)/,
    );
    const { items } = suggestionsObject(suggestions, 'name') as {
      items: { origin: { decidedBy: object; doubt: string } }[];
    };
    assert.match(items[0]?.origin.doubt ?? '', /^node-7 decides these values alone/);
  });

  it('is named in any order of the nodes', () => {
    for (const order of [
      [heavy, ...replicas],
      [honest('node-1'), heavy, honest('node-2'), honest('node-3')],
    ])
      assert.equal(only(order).origin.decider?.node, 'node-7');
  });

  it('by the weight of its 5-minute peaks alone is named, because they determine the request', () => {
    const lie = liar('node-7', (aggregate) => {
      for (let ago = 0; ago < 200; ago++) aggregate.usage.add(20 * MiB, at - ago * hour, 5000);
    });
    assert.match(
      doubtOf(only([...replicas, lie])) ?? '',
      /^node-7 decides these values alone, and reports 0 of 3/,
    );
  });

  it('by a huge peak, kill or leak is named when it raises the limit', () => {
    for (const lie of [
      (aggregate: UsageAggregate) => aggregate.peak(10 * 2 ** 40, at),
      (aggregate: UsageAggregate) => aggregate.killed({ pod: 'x', lifetime: 'l', at, limit: 10 * 2 ** 40 }),
      (aggregate: UsageAggregate) =>
        aggregate.leaking({
          ...{ pod: 'x', perDay: 2 ** 40, since: at - day, from: 0 },
          ...{ until: at, to: 2 ** 40 },
        }),
    ]) {
      const found = only([...replicas, liar('node-7', lie)]);
      if (limitOf(found) > 1.2 * limitOf(only(replicas)))
        assert.match(doubtOf(found) ?? '', /^node-7 decides these values alone, and reports 0 of 3 replicas/);
    }
  });

  it('about its number of replicas is checked against the pods that the API lists', () => {
    const boast = liar('node-7', (aggregate) => {
      for (let ago = 0; ago < 200; ago++) aggregate.hours.add(20 * MiB, at - ago * hour, 500);
      aggregate.usage.add(20 * MiB, at, 1e6);
      aggregate.running = 1_000_000;
    });
    const found = only([...replicas, boast]);
    assert.ok(found.replicas < 1000, `${found.replicas} replicas`);
    assert.equal(doubtOf(found), undefined);
    assert.match(doubtOf(found, 0) ?? '', /^node-7 decides these values alone, and runs 0 of 3 replicas/);
    assert.equal(doubtOf(found, 4), undefined);
  });

  it('about a workload of its own is doubted when the API knows no pod of it there', () => {
    const found = only([heavy]);
    assert.equal(doubtOf(found), undefined);
    assert.equal(doubtOf(found, 1), undefined);
    assert.match(
      doubtOf(found, 0) ?? '',
      /^only node-7 reports this workload, and the API knows no pod of it there$/,
    );
  });

  it('about the setting in force has one vote, and cannot hide a workload', () => {
    for (const type of ['ephemeral', 'container'] as const) {
      const lying = liar('node-7', (aggregate) => {
        aggregate.setting = { type, limit: 1 };
        aggregate.running = 100;
        aggregate.seen(at + 1000);
      });
      assert.deepEqual(only([...replicas, lying]).setting, only(replicas).setting);
    }
    const hiding = liar('node-7', (aggregate) => {
      aggregate.setting = { type: 'ephemeral' };
      aggregate.running = 1;
      aggregate.seen(at + 1000);
    });
    assert.equal(only([honest('node-1'), hiding]).setting.type, 'container');
  });

  it('about OOM kills is named in the reasons', () => {
    const killing = liar('node-7', (aggregate) => {
      aggregate.killCount = 900_000;
    });
    assert.ok(
      only([...replicas, killing]).recommendation.because.includes(
        'node-7 alone reports 900000 of the 900000 OOM kills',
      ),
    );
  });
});

it('a suggestion has no decider when honest nodes report the same', () => {
  const found = only(replicas);
  assert.deepEqual([found.origin.nodes, found.origin.decider, doubtOf(found)], [3, undefined, undefined]);
  assert.ok(Math.abs(found.origin.share - 1 / 3) < 0.01);
});

/** An API with these objects, two per page. */
function api(items: readonly unknown[], paths: string[] = []): Kube {
  return {
    call: () => Promise.reject(new Error('not asked')),
    async list({ path }, each) {
      paths.push(path);
      const from = Number(new URLSearchParams(path.split('?')[1]).get('continue') ?? 0);
      for (const item of items.slice(from, from + 2)) each(item);
      const more = from + 2 < items.length ? { continue: String(from + 2) } : {};
      return { metadata: { ...more, remainingItemCount: Math.max(0, items.length - from - 2) } };
    },
    async *lines() {},
    close() {},
  };
}

const mapOf = (name: string, history: Checkpoint): unknown =>
  historyMapOf(name, pack(encodeCheckpoint(history)), at * 1000);

describe('the histories of a cluster', () => {
  it('are merged page by page, with progress', async () => {
    const merged = new MergedHistories(at);
    const progress: string[] = [];
    const maps = replicas.map((history) => mapOf(history.node, history));
    await mergeMaps(api(maps), 'realmem', merged, (read, all) => progress.push(`${read}/${all}`));
    assert.deepEqual(progress, ['2/3', '3/3']);
    assert.deepEqual([merged.nodes, merged.faults], [3, []]);
  });

  it('leave out and name a ConfigMap that holds the history of another node', async () => {
    const merged = new MergedHistories(at);
    await mergeMaps(api([mapOf('node-7', honest('node-1'))]), 'realmem', merged, () => {});
    assert.equal(merged.nodes, 0);
    assert.deepEqual(merged.faults, [
      'ConfigMap history-node-7: expected the history of the node in its name, got the history of node-1',
    ]);
  });

  it('leave out a ConfigMap that inflates to more than 8 MiB', async () => {
    const merged = new MergedHistories(at);
    const bomb = historyMapOf('node-7', pack(' '.repeat(8 * 2 ** 20 + 1)), at * 1000);
    await mergeMaps(api([bomb, mapOf('node-1', honest('node-1'))]), 'realmem', merged, () => {});
    assert.equal(merged.nodes, 1);
    assert.match(merged.faults[0] ?? '', /^ConfigMap history-node-7: expected binaryData/);
  });

  it('keep only the names that are asked for', () => {
    const merged = new MergedHistories(at, () => false);
    for (const history of replicas) merged.take(history);
    assert.deepEqual([merged.nodes, [...merged]], [3, []]);
  });
});

it('a merged history has no suspects among many nodes that report the same', () => {
  const merged = new MergedHistories(at);
  for (let node = 0; node < 20; node++) merged.take(honest(`node-${node}`));
  const [one, ...more] = [...merged];
  assert.deepEqual([one?.nodes, one?.suspects, more], [20, [], []]);
});

describe('podsOn', () => {
  const pod = (name: string): unknown => ({
    metadata: { namespace: 'shop', name, ownerReferences: [{ kind: 'StatefulSet', name: 'db' }] },
  });

  it('counts pods by node and workload, and lists only the nodes in question', async () => {
    const paths: string[] = [];
    const there = await podsOn(api([pod('a'), pod('b'), pod('c')], paths), ['node-7'], () => {});
    assert.equal(there('node-7', { namespace: 'shop', workload: 'StatefulSet/db' }), 3);
    assert.equal(there('node-7', key), 0);
    assert.ok(paths.every((path) => path.startsWith('/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-7&')));
    assert.equal(paths.length, 2);
  });

  it('counts pods of all namespaces when none is given', async () => {
    const paths: string[] = [];
    assert.equal((await runningPods(api([pod('a')], paths), undefined)).length, 1);
    assert.match(paths[0] ?? '', /^\/api\/v1\/pods\?/);
  });
});
