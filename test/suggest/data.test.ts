import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Suggestion, Suggestions } from '../../src/model/recommendation.ts';
import { suggestionsCsv, suggestionsObject } from '../../src/suggest/data.ts';
import { at, bounded, decider, type Made, MiB, mib, probe, suggestion, suggestions } from './made.ts';

const objectOf = (items: readonly Suggestion[], more: Partial<Suggestions> = {}): Record<string, unknown> =>
  JSON.parse(JSON.stringify(suggestionsObject(suggestions(items, more), 'name'))) as Record<string, unknown>;
const itemOf = (made: Made = {}): Record<string, unknown> =>
  (objectOf([suggestion(made)])['items'] as readonly Record<string, unknown>[])[0] ?? {};
const learning = { peak: mib(90), limit: mib(300), because: ['Too early'] };

describe('suggestionsObject', () => {
  it('has all fields of an item in bytes, seconds and rounded shares', () =>
    assert.deepEqual(
      itemOf({
        setting: { request: 50 * MiB, limit: 190 * MiB },
        recommendation: { days: 3.5678, killsPerDay: 0.0123456, killsPerDayNow: 2 },
        more: { replicas: 2, killCount: 4 },
      }),
      {
        ...{ namespace: 'shop', workload: 'Deployment/web', container: 'web', type: 'container' },
        replicas: 2,
        current: { requestBytes: 50 * MiB, limitBytes: 190 * MiB },
        // The current limit is near its target, so it stays.
        suggested: { requestBytes: 100 * MiB, limitBytes: 190 * MiB },
        target: { requestBytes: 100 * MiB, limitBytes: 200 * MiB },
        bounds: {
          request: { lowerBytes: 80 * MiB, upperBytes: 120 * MiB },
          limit: { lowerBytes: 150 * MiB, upperBytes: 300 * MiB },
        },
        ...{ confidence: 'medium', days: 3.57, watchedSeconds: 308_258 },
        killsPerDay: { suggested: 0.0123, current: 2 },
        ...{ freesBytes: -100 * MiB, risk: 'too little', oomKills: 4 },
        because: ['One reason', 'Another reason.'],
        origin: { nodes: 1, largestShare: { node: 'node-1', share: 1 } },
      },
    ));

  it('leaves out the names of a machine without namespaces, and values that are not set', () => {
    const item = itemOf({ key: { namespace: '', container: '' } });
    assert.deepEqual(
      [
        'namespace',
        'container',
        'killsPerDay',
        'learning',
        'leakBytesPerDay',
        'oddReplica',
        'evidence',
      ].filter((name) => name in item),
      [],
    );
    assert.deepEqual(item['current'], {});
  });

  it('keeps sizes and counts of 0', () => {
    const item = itemOf({ setting: { request: 0, limit: 0 }, recommendation: { killsPerDay: 0 } });
    assert.deepEqual(item['current'], { requestBytes: 0, limitBytes: 0 });
    assert.deepEqual(item['killsPerDay'], { suggested: 0 });
    assert.equal(item['oomKills'], 0);
  });

  it('has no target, bounds and kill rates while learning, and the peak instead', () => {
    const item = itemOf({ recommendation: { learning, killsPerDay: 0.1, killsPerDayNow: 0.2 } });
    assert.deepEqual(item['learning'], { peakBytes: 90 * MiB });
    const needs = { limit: mib(400) };
    assert.deepEqual(itemOf({ recommendation: { learning: { ...learning, needs } } })['learning'], {
      ...{ peakBytes: 90 * MiB, needs: { limitBytes: 400 * MiB } },
    });
    assert.deepEqual(item['suggested'], { limitBytes: 300 * MiB });
    assert.deepEqual(item['because'], ['Too early']);
    for (const name of ['target', 'bounds', 'killsPerDay']) assert.equal(name in item, false, name);
  });

  it('has a leak in whole bytes a day, and the odd replica', () => {
    const leak = { pod: 'a', perDay: 1234.5, since: 0, from: 0, until: 1, to: 1 };
    const item = itemOf({ recommendation: { leak, oddReplica: 'web-7' } });
    assert.deepEqual([item['leakBytesPerDay'], item['oddReplica']], [1235, 'web-7']);
  });

  it('has the type "pod" for a whole pod', () => {
    assert.equal(itemOf({ more: { isWholePod: true } })['type'], 'pod');
    assert.equal(itemOf({ setting: { type: 'sidecar' } })['type'], 'sidecar');
  });

  it('has the deciding node with the values without it, and the doubt as text', () => {
    const origin = itemOf({ origin: { nodes: 2, share: 2 / 3, decider: decider() } })['origin'] as object;
    assert.deepEqual(origin, {
      nodes: 2,
      largestShare: { node: 'node-1', share: 0.667 },
      decidedBy: {
        ...{ node: 'node-2', share: 0.604, replicas: 1, replicasElsewhere: 3 },
        without: { requestBytes: 400 * MiB, limitBytes: 500 * MiB },
      },
      doubt:
        'node-2 decides these values alone, and reports 1 of 4 replicas. 60 % of the observed hours come from node-2: without it the request would be 400Mi and the limit 500Mi',
    });
    const { without: _, ...alone } = decider({ running: 9 });
    const other = itemOf({ origin: { nodes: 2, decider: alone } })['origin'] as Record<string, object>;
    assert.equal('doubt' in other, false);
    assert.equal('without' in (other['decidedBy'] ?? {}), false);
    const probed = itemOf({ origin: { nodes: 2, prober: decider({ running: 9 }) } })['origin'] as object;
    assert.deepEqual((probed as Record<string, unknown>)['probedBy'], {
      ...{ node: 'node-2', share: 0.604, replicas: 9, replicasElsewhere: 3 },
      without: { requestBytes: 400 * MiB, limitBytes: 500 * MiB },
    });
  });

  it('computes the evidence of an item only when it is read', () => {
    let computed = 0;
    const evidence = { usedBytes: 7, peaksBytes: [], farMore: 1, hours: [] };
    const one = Object.defineProperty(suggestion(), 'evidence', {
      enumerable: true,
      get: () => {
        computed++;
        return evidence;
      },
    });
    const { items } = suggestionsObject(suggestions([one]), 'name') as {
      readonly items: readonly [{ readonly evidence: unknown }];
    };
    assert.equal(computed, 0);
    assert.deepEqual(items[0].evidence, evidence);
  });

  it('says what was observed and when, with totals and what was left out', () => {
    const items = [suggestion({ setting: { request: 300 * MiB }, more: { replicas: 2 } })];
    const found = objectOf(items, {
      ...{ nodes: 2, oldestAt: at - 3600, stale: ['node-2'], capacityBytes: 1024, faults: ['a fault'] },
    });
    assert.deepEqual(found['observed'], {
      ...{ at: '2024-10-04T00:00:00Z', nodes: 2, oldestAt: '2024-10-03T23:00:00Z' },
      ...{ stale: ['node-2'], capacityBytes: 1024 },
    });
    assert.deepEqual(found['totals'], {
      ...{ requestBytes: 600 * MiB, suggestedRequestBytes: 200 * MiB, freesBytes: 400 * MiB },
    });
    assert.deepEqual(found['leftOut'], ['a fault']);
    const empty = objectOf([]);
    assert.deepEqual(empty['observed'], { at: '2024-10-04T00:00:00Z', nodes: 1, stale: [] });
    assert.deepEqual([empty['items'], empty['kind']], [[], 'MemorySuggestions']);
  });

  it('lists the items in the order asked for', () => {
    const items = ['Deployment/a', 'Deployment/b'].map((workload, index) =>
      suggestion({ key: { workload }, setting: { request: (index + 1) * 200 * MiB } }),
    );
    const names = (by: 'name' | 'frees') =>
      (suggestionsObject(suggestions(items), by) as { items: readonly { workload: string }[] }).items.map(
        ({ workload }) => workload,
      );
    assert.deepEqual(names('name'), ['Deployment/a', 'Deployment/b']);
    assert.deepEqual(names('frees'), ['Deployment/b', 'Deployment/a']);
  });
});

describe('the probe of an item', () => {
  it('has its figures and the values without it, and is absent without a probe', () => {
    const itemOf = (recommendation: Made['recommendation']) => {
      const { items } = suggestionsObject(
        suggestions([suggestion(recommendation === undefined ? {} : { recommendation })]),
        'name',
      ) as { items: { probe?: object }[] };
      return items[0]?.probe;
    };
    assert.equal(itemOf(undefined), undefined);
    assert.deepEqual(itemOf({ probe: { ...probe, old: 'age' } }), {
      ...{ at: '2024-10-04T00:00:00Z', pod: 'web-1', neededCacheBytes: 32 * MiB, coldCacheBytes: 64 * MiB },
      ...{ errorBytes: MiB, watchedSeconds: 60, old: 'age' },
      withoutProbe: { requestBytes: 60 * MiB, limitBytes: 300 * MiB },
    });
  });
});

describe('suggestionsCsv', () => {
  const linesOf = (items: readonly Suggestion[], headers = true): readonly string[] =>
    suggestionsCsv(suggestions(items), 'name', headers).split('\n');
  /** By the column's name. */
  const cellsOf = (made: Made): ReadonlyMap<string, string> => {
    const [head = '', line = ''] = linesOf([suggestion(made)]);
    const cells = line.split(',');
    return new Map(head.split(',').map((name, index) => [name, cells[index] ?? 'missing']));
  };

  it('has a line of headings, unless they are not wanted, and ends each line', () => {
    assert.deepEqual(linesOf([]), [
      'namespace,workload,container,type,replicas,requestBytes,suggestedRequestBytes,limitBytes,suggestedLimitBytes,freesBytes,risk,confidence,days,watchedSeconds,learning,oomKills,because,probedAt,neededCacheBytes,coldCacheBytes,requestBytesWithoutProbe,limitBytesWithoutProbe',
      '',
    ]);
    assert.deepEqual(linesOf([], false), ['']);
    assert.equal(linesOf([suggestion(), suggestion()]).length, 4);
  });

  it('has each value under its heading, and nothing for absent ones', () => {
    const cells = cellsOf({
      setting: { limit: 190 * MiB },
      recommendation: { days: 1.005, request: bounded(60), because: ['Why'] },
      more: { replicas: 3, killCount: 2 },
    });
    assert.deepEqual(Object.fromEntries(cells), {
      ...{
        namespace: 'shop',
        workload: 'Deployment/web',
        container: 'web',
        type: 'container',
        replicas: '3',
      },
      ...{ requestBytes: '', suggestedRequestBytes: `${60 * MiB}`, limitBytes: `${190 * MiB}` },
      ...{ suggestedLimitBytes: `${190 * MiB}`, freesBytes: `${-180 * MiB}`, risk: 'too little' },
      ...{ confidence: 'medium', days: '1', watchedSeconds: '86832', learning: '', oomKills: '2' },
      because: 'Why.',
      ...{ probedAt: '', neededCacheBytes: '', coldCacheBytes: '' },
      ...{ requestBytesWithoutProbe: '', limitBytesWithoutProbe: '' },
    });
  });

  it('has the probe, and the values without it', () => {
    const cells = cellsOf({ recommendation: { probe } });
    assert.deepEqual(
      [
        'probedAt',
        'neededCacheBytes',
        'coldCacheBytes',
        'requestBytesWithoutProbe',
        'limitBytesWithoutProbe',
      ].map((name) => cells.get(name)),
      ['2024-10-04T00:00:00Z', `${32 * MiB}`, `${64 * MiB}`, `${60 * MiB}`, `${300 * MiB}`],
    );
  });

  it('marks learning, and shows its values and reasons', () => {
    const cells = cellsOf({ recommendation: { learning } });
    assert.deepEqual(
      ['learning', 'suggestedRequestBytes', 'suggestedLimitBytes', 'because'].map((name) => cells.get(name)),
      ['true', '', `${300 * MiB}`, 'Too early.'],
    );
  });

  it('runs no formula and breaks no line for names that workloads chose', () => {
    const [line = '', end] = linesOf(
      [suggestion({ key: { workload: '=1+1', container: 'a,"b"\nc' } })],
      false,
    );
    assert.equal(end, '');
    assert.ok(line.startsWith(`shop,'=1+1,"a,""b""\\u000ac",container,`), line);
  });
});
