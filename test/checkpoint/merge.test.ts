/** The influence of one lying node on the merged histories. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Checkpoint } from '../../src/checkpoint/checkpoint.ts';
import { MergedHistories } from '../../src/checkpoint/merge.ts';
import type { Suggestion } from '../../src/model/recommendation.ts';
import { suggestionsObject } from '../../src/suggest/data.ts';
import { doubtOf } from '../../src/suggest/doubt.ts';
import { renderPatches } from '../../src/suggest/patch.ts';
import { renderSuggestions } from '../../src/suggest/text.ts';
import type { UsageAggregate } from '../../src/usage/aggregate.ts';
import type { Probe } from '../../src/usage/aggregate-entries.ts';
import { UsageAggregates } from '../../src/usage/aggregates.ts';
import { closeWindows } from '../../src/usage/history.ts';
import { suggestFrom } from '../suggest/suggest-from.ts';
import { day, hour, keyOf, MiB, monday, play } from '../usage/made/played.ts';

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
  return { node, at, aggregates, lifetimes: [] };
}

/** The history of an honest node with more about the workload. */
function changedHonest(node: string, change: (aggregate: UsageAggregate) => void): Checkpoint {
  const aggregates = closeWindows(played);
  change(aggregates.of(key));
  return { node, at, aggregates, lifetimes: [] };
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

  it('about a probe is named when that more than doubles a figure, and not when it lowers the limit', () => {
    const probed = (neededCacheBytes: number) =>
      liar('node-7', (aggregate) =>
        aggregate.probed({
          ...{ pod: 'coredns-9', at, neededCacheBytes, coldCacheBytes: 0, errorBytes: 0, watchedSeconds: 60 },
        }),
      );
    const raised = only([...replicas, probed(2 ** 40)]);
    assert.match(
      doubtOf(raised) ?? '',
      /^node-7 decides these values alone, and reports 0 of 3 replicas\. The probe comes from node-7: without any probe the request would be /,
    );
    assert.match(raised.recommendation.because.join('\n'), /^Probe of coredns-9 on /m);
    assert.equal(doubtOf(only([...replicas, probed(0)])), undefined);
    assert.equal(doubtOf(only([...replicas, probed(20 * MiB)])), undefined);
  });

  describe('about the template or a probe', () => {
    const probeOf = (pod: string, neededCacheBytes: number, revision: number): Probe => ({
      ...{
        pod,
        at: at - day,
        neededCacheBytes,
        coldCacheBytes: 0,
        errorBytes: 0,
        watchedSeconds: 60,
        revision,
      },
    });
    /** An honest node whose probe counts, and shows that no page cache is needed. */
    const prober = changedHonest('node-1', (aggregate) => {
      aggregate.created(1, at - 5 * day);
      aggregate.probed(probeOf('coredns-1', 0, 1));
    });
    const others = ['node-2', 'node-3'].map((node) =>
      changedHonest(node, (aggregate) => aggregate.created(1, at - 4 * day)),
    );
    const merge = (...histories: readonly Checkpoint[]) => {
      const merged = new MergedHistories(at);
      for (const history of histories) merged.take(history);
      const [usage] = merged;
      return usage ?? assert.fail('no usage');
    };
    const template = liar('node-7', (aggregate) => aggregate.created(2, at));
    const templateAndProbe = liar('node-7', (aggregate) => {
      aggregate.created(2, at);
      aggregate.probed(probeOf('x', 0, 2));
    });
    const large = liar('node-7', (aggregate) => {
      aggregate.created(2, at);
      aggregate.peak(2 ** 40, at);
      aggregate.probed(probeOf('x', 0, 2));
    });

    for (const [what, lie] of [
      ['with few hours', template],
      ['with a probe of that template', templateAndProbe],
      ['with the largest size as well', large],
    ] as const)
      it(`is a suspect when it alone names a later template, ${what}: without it the honest probe counts`, () => {
        for (const order of [
          [prober, ...others, lie],
          [lie, prober, ...others],
        ]) {
          const usage = merge(...order);
          assert.equal(usage.all.revision?.revision, 2);
          const suspect = usage.suspects.find(({ node }) => node === 'node-7') ?? assert.fail('no suspect');
          const without = usage.without(suspect);
          assert.equal(without.revision?.revision, 1);
          assert.deepEqual(
            without.probes.map(({ pod }) => pod),
            ['coredns-1'],
          );
          assert.equal(suspect.aggregate.running, 0);
        }
      });

    it('is named in a doubt where that changes a figure', () => {
      const cached = play([{ ...coredns, activeFile: () => 200 }], { days, stepSeconds: 900 }).kept();
      const withProbe = (node: string): Checkpoint => {
        const aggregates = closeWindows(cached);
        aggregates.of(key).created(1, at - 5 * day);
        if (node === 'node-1') aggregates.of(key).probed(probeOf('coredns-1', 0, 1));
        return { node, at, aggregates, lifetimes: [] };
      };
      const honestNodes = ['node-1', 'node-2', 'node-3'].map(withProbe);
      assert.equal(doubtOf(only(honestNodes)), undefined);
      for (const lie of [template, templateAndProbe])
        if (limitOf(only([...honestNodes, lie])) !== limitOf(only(honestNodes)))
          assert.match(doubtOf(only([...honestNodes, lie])) ?? '', /^node-7 decides these values alone/);
      assert.ok(limitOf(only([...honestNodes, template])) > limitOf(only(honestNodes)));
    });

    it('is no suspect where others name the same template, or nobody probed', () => {
      const nodesOf = (...histories: readonly Checkpoint[]) =>
        merge(...histories).suspects.map(({ node }) => node);
      assert.ok(
        !nodesOf(
          prober,
          ...others,
          liar('node-7', (one) => one.created(1, at)),
        ).includes('node-7'),
      );
      assert.ok(!nodesOf(...others, template).includes('node-7'));
    });

    it('leaves a suspect its probe where no other node has one that counts', () => {
      const usage = merge(prober, ...others);
      const [suspect] = usage.suspects.filter(({ node }) => node === 'node-1');
      assert.ok(suspect !== undefined);
      assert.deepEqual(
        usage.without(suspect).probes.map(({ pod }) => pod),
        ['coredns-1'],
      );
    });
  });

  it('no longer counts with a probe of more than 60 days ago, even if it never forgets', () => {
    const probesOf = (probedAt: number) => {
      const merged = new MergedHistories(at);
      const probe = { pod: 'p', at: probedAt, neededCacheBytes: 0, coldCacheBytes: 0, errorBytes: 0 };
      merged.take(liar('node-7', (aggregate) => aggregate.probed({ ...probe, watchedSeconds: 60 })));
      return [...merged].flatMap(({ all }) => all.probes).length;
    };
    assert.deepEqual([probesOf(at - 60 * day), probesOf(at - 60 * day - 1)], [1, 0]);
  });

  it('about a probe is named beside another node that lowers the figures by its hours', () => {
    const lowering = liar('node-8', (aggregate) => {
      for (let ago = 0; ago < 200; ago++) {
        aggregate.hours.add(20 * MiB, at - ago * hour, 500);
        aggregate.usage.add(20 * MiB, at - ago * hour, 5000);
      }
    });
    const prober = liar('node-7', (aggregate) =>
      aggregate.probed({
        ...{ pod: 'coredns-9', at, neededCacheBytes: 60 * MiB, coldCacheBytes: 0, errorBytes: 0 },
        watchedSeconds: 60,
      }),
    );
    const found = only([...replicas, lowering, prober]);
    assert.match(
      doubtOf(found) ?? '',
      /^node-8 decides .* come from node-8: without it .*\. node-7 decides .*\. The probe comes from node-7: without any probe /,
    );
    assert.match(
      doubtOf(found, (node) => (node === 'node-7' ? 4 : 0)) ?? '',
      /^node-8 decides (?!.*node-7)/,
      'the API knows that node-7 runs most replicas',
    );
    const reasons = found.recommendation.because.join('\n');
    for (const node of ['come from node-8: without it', 'comes from node-7: without any probe'])
      assert.ok(reasons.includes(node), reasons);
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
    assert.match(
      doubtOf(found, () => 0) ?? '',
      /^node-7 decides these values alone, and runs 0 of 3 replicas/,
    );
    assert.equal(
      doubtOf(found, () => 4),
      undefined,
    );
  });

  it('about a workload of its own is doubted when the API knows no pod of it there', () => {
    const found = only([heavy]);
    assert.equal(doubtOf(found), undefined);
    assert.equal(
      doubtOf(found, () => 1),
      undefined,
    );
    assert.match(
      doubtOf(found, () => 0) ?? '',
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

describe('merged histories', () => {
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
