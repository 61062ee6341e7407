/** From merged histories to suggestions: which names get one, who decided it, and files that cannot be read. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { MergedHistories } from '../../src/checkpoint/merge.ts';
import { encodeCheckpoint } from '../../src/checkpoint/write.ts';
import type { ContainerKey, Setting } from '../../src/model/container-key.ts';
import type { Suggestion, Suggestions } from '../../src/model/recommendation.ts';
import { mergeFiles, suggest } from '../../src/suggest/sources.ts';
import type { UsageAggregate } from '../../src/usage/aggregate.ts';
import { UsageAggregates } from '../../src/usage/aggregates.ts';
import { tempDir } from '../temp.ts';
import { day, hour, MiB, monday } from '../usage/made/played.ts';
import { suggestFrom } from './suggest-from.ts';

const at = monday + 10 * day;
const nameOf = (container: string, workload = 'Deployment/web'): ContainerKey => ({
  ...{ namespace: 'shop', workload, container },
});

interface Facts {
  /** Hourly peaks in MiB. */
  readonly peak?: number;
  readonly hours?: number;
  /** How long before `at` the last hour is. */
  readonly ago?: number;
  readonly running?: number;
  readonly setting?: Setting;
  readonly kills?: number;
  readonly killLimit?: number;
  /** A leak up to this size, in MiB. */
  readonly leakTo?: number;
}

function fill(
  aggregate: UsageAggregate,
  { peak = 100, hours = 72, ago = 0, running = 1, setting, kills = 0, killLimit, leakTo }: Facts,
): void {
  for (let index = hours; index >= 0; index--) {
    const then = at - ago - index * hour;
    aggregate.hour(peak * MiB, then);
    aggregate.usage.add(peak * MiB, then, 12);
    aggregate.observed(then);
  }
  aggregate.running = running;
  aggregate.setting = setting ?? { type: 'container' };
  if (leakTo !== undefined)
    aggregate.leaking({
      ...{ pod: 'web-1', perDay: MiB, since: at - 3 * day, from: MiB, until: at, to: leakTo * MiB },
    });
  for (let index = 0; index < kills; index++)
    aggregate.killed({
      ...{ pod: 'web-1', lifetime: `${peak}-${index}`, at: at - ago - hour },
      ...(killLimit !== undefined && { limit: killLimit * MiB }),
    });
}

const historyOf = (node: string, containers: Readonly<Record<string, Facts>>, more: object = {}) => {
  const aggregates = new UsageAggregates();
  for (const [name, facts] of Object.entries(containers)) fill(aggregates.of(nameOf(name)), facts);
  return { node, at, aggregates, lifetimes: [], ...more };
};
const only = ({ items }: Suggestions): Suggestion => {
  assert.equal(items.length, 1);
  return items[0] ?? assert.fail();
};
const of = (facts: Facts): Suggestions => suggestFrom([historyOf('node-1', { web: facts })], at);

describe('suggest', () => {
  it('says what was observed, and leaves out what no history has', () => {
    assert.deepEqual(suggestFrom([], at), { ...{ at, nodes: 0, stale: [], items: [], faults: [] } });
    const { items, ...others } = suggestFrom(
      [
        historyOf('node-1', {}, { capacityBytes: 8 }),
        historyOf('node-2', {}, { at: at - day, capacityBytes: 4 }),
      ],
      at,
    );
    assert.deepEqual(items, []);
    assert.deepEqual(others, {
      ...{ at, nodes: 2, oldestAt: at - day, stale: ['node-2'], capacityBytes: 8, faults: [] },
    });
  });

  it('suggests nothing for a name last observed more than 8 days ago, and suggests something at 8 days', () => {
    assert.equal(of({ ago: 8 * day }).items.length, 1);
    assert.equal(of({ ago: 8 * day + 1 }).items.length, 0);
  });

  it('suggests nothing for ephemeral and sandbox containers, nor for a name without usage', () => {
    for (const type of ['ephemeral', 'sandbox'] as const)
      assert.equal(of({ setting: { type } }).items.length, 0);
    const aggregates = new UsageAggregates();
    aggregates.of(nameOf('web')).seen(at);
    assert.equal(suggestFrom([{ node: 'node-1', at, aggregates, lifetimes: [] }], at).items.length, 0);
  });

  it('has the type unknown for a name without a setting', () => {
    const aggregates = new UsageAggregates();
    fill(aggregates.of(nameOf('web')), {});
    aggregates.of(nameOf('web')).setting = undefined;
    assert.deepEqual(only(suggestFrom([{ node: 'node-1', at, aggregates, lifetimes: [] }], at)).setting, {
      type: 'unknown',
    });
  });

  it('takes the settings of running pods instead of those of the history', () => {
    const merged = new MergedHistories(at);
    merged.take(historyOf('node-1', { web: { setting: { type: 'container', limit: 500 * MiB } } }));
    const asked: ContainerKey[] = [];
    const found = suggest(merged, {}, (key, setting) => {
      asked.push(key);
      return { ...setting, limit: 700 * MiB };
    });
    assert.equal(only(found).setting.limit, 700 * MiB);
    assert.deepEqual(asked, [nameOf('web')]);
  });

  it('has the evidence only when asked, as a getter, and forgets the merged histories', () => {
    for (const withEvidence of [true, false]) {
      const merged = new MergedHistories(at);
      merged.take(historyOf('node-1', { web: {} }));
      const one = only(suggest(merged, { evidence: withEvidence }));
      const property = Object.getOwnPropertyDescriptor(one, 'evidence');
      assert.equal(property?.get !== undefined, withEvidence);
      assert.equal((one.evidence?.peaksBytes.length ?? 0) > 0, withEvidence);
      assert.deepEqual([...merged], []);
    }
  });

  it('marks OOM kills at an own limit, not kills for the node', () => {
    assert.equal(only(of({ kills: 1, killLimit: 90 })).isKilledAtLimit, true);
    const forNode = only(of({ kills: 2 }));
    assert.equal('isKilledAtLimit' in forNode, false);
    assert.equal(forNode.killCount, 2);
  });
});

describe('the origin of a suggestion', () => {
  const from = (...nodes: readonly Facts[]): Suggestion =>
    only(
      suggestFrom(
        nodes.map((facts, index) => historyOf(`node-${index + 1}`, { web: facts })),
        at,
      ),
    );

  it('is the only node, with all hours and no decider', () => {
    const { origin, recommendation } = from({ peak: 100 });
    assert.deepEqual(origin, { nodes: 1, node: 'node-1', share: 1 });
    assert.doesNotMatch(recommendation.because.join(), /observed hours come from/);
  });

  it('has no decider where nodes are alike: without any of them the values are within 10 %', () => {
    const { origin } = from({}, {}, {});
    assert.equal('decider' in origin, false);
    assert.ok(Math.abs(origin.share - 1 / 3) < 0.01);
  });

  it('names the node without which the values would differ, with its replicas and both pairs of values', () => {
    const { origin, recommendation } = from({ running: 2 }, { peak: 900, running: 5 }, { running: 1 });
    assert.deepEqual(
      [origin.decider?.node, origin.decider?.running, origin.decider?.elsewhere],
      ['node-2', 5, 3],
    );
    assert.equal(origin.decider?.suggested.limit, recommendation.limit.target);
    assert.ok((origin.decider?.without?.limit ?? 0) < 200 * MiB);
    assert.match(
      recommendation.because.at(-1) ?? '',
      /^\d+ % of the observed hours come from node-2: without it/,
    );
  });

  it('names a node that lowers the values before one that raises them', () => {
    // node-1 has most hours and raises the request. The leak of node-2 keeps the limit at the current 120Mi.
    const setting = { type: 'container', limit: 120 * MiB } as const;
    const nodes = (leakTo?: number): Suggestion =>
      from(
        { peak: 300, hours: 150, setting },
        { peak: 100, hours: 30, setting, ...(leakTo !== undefined && { leakTo }) },
        { peak: 100, hours: 30, setting },
      );
    const { decider } = nodes(900).origin;
    assert.equal(decider?.node, 'node-2');
    assert.equal(decider?.suggested.limit, 120 * MiB);
    assert.ok((decider?.without?.limit ?? 0) > 300 * MiB);
    assert.equal(nodes().origin.decider?.node, 'node-1');
  });

  it('has no values without the decider when the other nodes have no usage', () => {
    const aggregates = new UsageAggregates();
    aggregates.of(nameOf('web')).seen(at);
    const histories = [historyOf('node-1', { web: {} }), { node: 'node-2', at, aggregates, lifetimes: [] }];
    const { decider } = only(suggestFrom(histories, at)).origin;
    assert.equal(decider?.node, 'node-1');
    assert.equal('without' in (decider ?? {}), false);
  });

  it('names the node with more than half of the OOM kills, in both lists of reasons', () => {
    const killer = /^node-2 alone reports 3 of the \d OOM kills$/;
    const last = (one: Suggestion): string => one.recommendation.because.at(-1) ?? '';
    assert.match(last(from({ peak: 100, kills: 2 }, { peak: 101, kills: 3 })), killer);
    assert.doesNotMatch(last(from({ peak: 100, kills: 3 }, { peak: 101, kills: 3 })), /alone reports/);
    assert.doesNotMatch(last(from({ kills: 3 })), /alone reports/, 'one node is always alone');
    const young = from({ peak: 100, hours: 3, kills: 1 }, { peak: 101, hours: 3, kills: 3 });
    assert.match(young.recommendation.learning?.because.at(-1) ?? '', killer);
  });
});

describe('the row of a whole pod', () => {
  const pod = { request: 400 * MiB };
  const inPod = (more: Facts = {}): Facts => ({ setting: { type: 'container', pod }, ...more });
  const wholeOf = (containers: Readonly<Record<string, Facts>>): Suggestion | undefined =>
    suggestFrom([historyOf('node-1', containers)], at).items.find(({ isWholePod }) => isWholePod);

  it('exists where containers run in a pod with its own values, and not for other containers', () => {
    assert.equal(wholeOf({ a: {}, b: {} }), undefined);
    const whole = wholeOf({ a: inPod({ peak: 100 }), b: inPod({ peak: 50 }) });
    assert.equal(whole?.setting.request, 400 * MiB);
    assert.ok((whole?.recommendation.request.target ?? 0) >= 150 * MiB);
    assert.equal(whole?.key.container, '');
  });

  it('leaves out a container that no longer runs while another does, and counts all when nothing runs', () => {
    const request = (running: number): number =>
      Math.round(
        (wholeOf({ a: inPod({ running }), old: inPod({ peak: 900, running: 0 }) })?.recommendation.request
          .target ?? 0) / MiB,
      );
    assert.ok(request(1) < 110, `${request(1)}`);
    assert.ok(request(0) >= 1000, `${request(0)}`);
  });

  it('does not exist when only containers of pods without own values run, whatever the older pods had', () => {
    assert.equal(wholeOf({ a: {}, old: inPod({ running: 0 }) }), undefined);
    const first = { setting: { type: 'init', pod }, running: 0 } as const;
    assert.equal(wholeOf({ a: {}, first }), undefined);
    assert.notEqual(wholeOf({ a: inPod(), first }), undefined);
  });
});

describe('mergeFiles', () => {
  const fixture = (name: string): string =>
    new URL(`../../fixtures/histories/${name}.history.json`, import.meta.url).pathname;
  const all = (): boolean => true;
  const far = monday + 10_000 * day;

  it('takes the time of the newest file as now, in any order of the files, and never a later one than the clock', () => {
    const files = ['0.1.0', 'deployment', 'rollouts'].map(fixture);
    const times = files.map((file) => mergeFiles([file], far, all).at);
    assert.ok(new Set(times).size > 1 && times.every(Number.isFinite), times.join(' '));
    const newest = Math.max(...times);
    assert.equal(mergeFiles(files, far, all).at, newest);
    assert.equal(mergeFiles(files.toReversed(), far, all).at, newest);
    const early = mergeFiles(files, newest - 10, all);
    assert.equal(early.at, newest - 10);
  });

  it('leaves out a history from more than an hour after the clock, with its node in the fault', (test) => {
    const file = path.join(tempDir(test), 'late.history.json');
    fs.writeFileSync(file, encodeCheckpoint(historyOf('late', { web: {} })));
    assert.equal(mergeFiles([file], at - hour, all).nodes, 1);
    const { nodes, faults } = mergeFiles([file], at - hour - 1, all);
    assert.equal(nodes, 0);
    assert.match(faults.join('\n'), /^the history of late: expected a time before /);
  });

  it('makes one fault of each file that it cannot read, before other faults, and uses the rest', (test) => {
    const directory = tempDir(test);
    const files: Readonly<Record<string, string>> = {
      torn: '{"kind":',
      empty: '',
      other: '{"kind":"Pod"}',
      list: '[]',
    };
    const bad = Object.entries(files).map(([name, text]) => {
      fs.writeFileSync(path.join(directory, name), text);
      return path.join(directory, name);
    });
    const missing = path.join(directory, 'none');
    const merged = mergeFiles([...bad, fixture('deployment'), missing, directory], far, all);
    assert.equal(merged.nodes, 1);
    assert.deepEqual(
      merged.faults.map((fault) => [...bad, missing, directory].find((file) => fault.startsWith(file))),
      [...bad, missing, directory],
    );
    assert.match(merged.faults[4] ?? '', /none: expected a history of realmem, got no such file/);
  });

  it('is empty without files: now is −∞, and there is nothing to suggest', () => {
    const merged = mergeFiles([], far, all);
    assert.deepEqual([merged.nodes, merged.faults], [0, []]);
    assert.deepEqual(suggest(merged, {}).items, []);
  });

  it('merges only the names that are wanted', () => {
    const names = (wanted: (key: ContainerKey) => boolean): readonly string[] =>
      [...mergeFiles([fixture('rollouts')], far, wanted)].map(({ key }) => key.workload);
    const every = names(all);
    assert.ok(every.length > 0);
    assert.deepEqual(
      names(({ workload }) => workload === every[0]),
      every.filter((workload) => workload === every[0]),
    );
    assert.deepEqual(
      names(() => false),
      [],
    );
  });
});
