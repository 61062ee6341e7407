/** Reads histories and pods from a cluster: with retries, page by page, and without trust in what a node wrote. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Checkpoint } from '../../src/checkpoint/checkpoint.ts';
import {
  defaultNamespace,
  historyMapPath,
  mergeMaps,
  podsOn,
  readHistoryMap,
  restoreFromCluster,
} from '../../src/checkpoint/cluster.ts';
import { KeptHistory } from '../../src/checkpoint/kept-history.ts';
import { MergedHistories } from '../../src/checkpoint/merge.ts';
import { encodeCheckpoint } from '../../src/checkpoint/write.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import type { Call, Kube } from '../../src/kube/client.ts';
import { runningPods } from '../../src/pods/pod-specs.ts';
import { historyMapOf } from '../../src/publish/history-map.ts';
import { faultOf } from '../publish/api.ts';
import { day, keyOf, monday, play } from '../usage/made/played.ts';
import { packed } from './packed.ts';

const at = monday + day;
const coredns = { pod: 'coredns-1', workload: 'Deployment/coredns', real: () => 110 };
const key = keyOf(coredns);
const played = play([coredns], { days: 1, stepSeconds: 900 }).kept();
const honest = (node: string): Checkpoint => ({ node, at, ...played });
const replicas = ['node-1', 'node-2', 'node-3'].map(honest);

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
  historyMapOf(name, packed(encodeCheckpoint(history)), at * 1000);

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
    const bomb = historyMapOf('node-7', packed(' '.repeat(8 * 2 ** 20 + 1)), at * 1000);
    await mergeMaps(api([bomb, mapOf('node-1', honest('node-1'))]), 'realmem', merged, () => {});
    assert.equal(merged.nodes, 1);
    assert.match(merged.faults[0] ?? '', /^ConfigMap history-node-7: expected binaryData/);
  });

  it('are none in a namespace without histories', async () => {
    const merged = new MergedHistories(at);
    const [paths, progress]: [string[], string[]] = [[], []];
    await mergeMaps(api([], paths), 'monitoring', merged, (read, all) => progress.push(`${read}/${all}`));
    assert.deepEqual([merged.nodes, merged.faults, progress], [0, [], ['0/0']]);
    const selector = 'app.kubernetes.io%2Fmanaged-by%3Drealmem%2Crealmem.dev%2Fpart%3Dhistory';
    assert.deepEqual(paths, [`/api/v1/namespaces/monitoring/configmaps?labelSelector=${selector}&limit=50`]);
  });

  it('count what was read where the API does not say how many remain', async () => {
    const progress: string[] = [];
    for (const list of [{}, undefined]) {
      const kube: Kube = {
        ...api([]),
        list: async (_, each) => {
          each(mapOf('node-1', honest('node-1')));
          return list;
        },
      };
      const merged = new MergedHistories(at);
      await mergeMaps(kube, 'realmem', merged, (read, all) => progress.push(`${read}/${all}`));
      assert.equal(merged.nodes, 1);
    }
    assert.deepEqual(progress, ['1/1', '1/1']);
  });

  it('name each ConfigMap that holds no history, and merge the others', async () => {
    const merged = new MergedHistories(at);
    const wrong = ['null', '7', '"text"', '[]', '{"kind":{"toString":1}}'].map((text, n) =>
      historyMapOf(`bad-${n}`, packed(text), at * 1000),
    );
    await mergeMaps(
      api([...wrong, { metadata: { name: 'history-empty' } }, {}, mapOf('node-1', honest('node-1'))]),
      ...(['realmem', merged, () => {}] as const),
    );
    assert.equal(merged.nodes, 1);
    assert.deepEqual(
      merged.faults.map((fault) => fault.slice(0, fault.indexOf(':'))),
      [0, 1, 2, 3, 4]
        .map((n) => `ConfigMap history-bad-${n}`)
        .concat('ConfigMap history-empty', 'ConfigMap '),
    );
  });

  it('reject with the error of the API', () =>
    assert.rejects(
      mergeMaps(
        { ...api([]), list: () => Promise.reject(faultOf(403)) },
        ...(['realmem', new MergedHistories(at), () => {}] as const),
      ),
      /refused with 403/,
    ));
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

  it('counts each node on its own, and a bare pod under its own name', async () => {
    const kube: Kube = {
      ...api([]),
      list: async ({ path }, each) => {
        for (const name of path.includes('node-1&') ? ['a', 'b'] : ['b'])
          each({ metadata: { namespace: 'shop', name } });
        return {};
      },
    };
    const progress: string[] = [];
    const count = await podsOn(kube, ['node-1', 'node-2'], (read, all) => progress.push(`${read}/${all}`));
    const bare = (name: string) => ({ namespace: 'shop', workload: `Pod/${name}` });
    assert.deepEqual([count('node-1', bare('a')), count('node-1', bare('b'))], [1, 1]);
    assert.deepEqual([count('node-2', bare('a')), count('node-2', bare('b'))], [0, 1]);
    assert.equal(count('node-3', bare('a')), 0);
    assert.equal(count('node-1', { ...bare('a'), namespace: 'other' }), 0);
    assert.deepEqual(progress, ['1/2', '2/2']);
  });

  it('asks for metadata alone, for at most four nodes at once, and for each node once', async () => {
    let [now, most] = [0, 0];
    const asked: Call[] = [];
    const kube: Kube = {
      ...api([]),
      list: async (call) => {
        asked.push(call);
        most = Math.max(most, ++now);
        await Promise.resolve();
        now--;
        return {};
      },
    };
    const nodes = Array.from({ length: 10 }, (_, n) => `node-${n}`);
    await podsOn(kube, nodes, () => {});
    assert.equal(most, 4);
    assert.equal(new Set(asked.map(({ path }) => path)).size, 10);
    assert.equal(asked.length, 10);
    assert.ok(asked.every(({ accept }) => accept?.includes('PartialObjectMetadataList')));
  });

  it('asks nothing without nodes, and rejects with the error of the API', async () => {
    const paths: string[] = [];
    const count = await podsOn(api([], paths), [], () => {});
    assert.deepEqual([paths, count('node-1', key)], [[], 0]);
    const down: Kube = { ...api([]), list: () => Promise.reject(faultOf(500)) };
    await assert.rejects(
      podsOn(down, ['node-1'], () => {}),
      /refused with 500/,
    );
  });

  it('counts pods of all namespaces when none is given', async () => {
    const paths: string[] = [];
    assert.equal((await runningPods(api([pod('a')], paths), undefined)).length, 1);
    assert.match(paths[0] ?? '', /^\/api\/v1\/pods\?/);
  });
});

describe('the ConfigMap of a history', () => {
  it('has the path of its namespace and node, with both escaped', () => {
    assert.equal(historyMapPath('realmem', 'node-1'), '/api/v1/namespaces/realmem/configmaps/history-node-1');
    assert.equal(historyMapPath('a/b', '../x'), '/api/v1/namespaces/a%2Fb/configmaps/history-..%2Fx');
  });

  it('is undefined where the API has none, and other errors stay errors', async () => {
    const answer = (error: unknown) => readHistoryMap({ call: () => Promise.reject(error) }, '/x');
    assert.equal(await answer(faultOf(404)), undefined);
    await assert.rejects(answer(faultOf(403)), /refused with 403/);
    await assert.rejects(answer(new TypeError('no answer')), /no answer/);
  });

  it('is read up to 2 MiB', async () => {
    const calls: Call[] = [];
    const call = async (one: Call): Promise<unknown> => {
      calls.push(one);
      return 7;
    };
    assert.equal(await readHistoryMap({ call }, '/x'), 7);
    assert.deepEqual(calls, [{ path: '/x', mostBytes: 2 * 2 ** 20 }]);
  });
});

describe('the history of this node', () => {
  /** Lets all that is due run. */
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  /** An agent that begins, and an API that gives these answers, one after another. */
  function agentOf(test: TestContext, ...answers: readonly (() => unknown)[]) {
    test.mock.timers.enable({ apis: ['setTimeout'] });
    const kept = new KeptHistory({ node: 'node-1', now: () => at * 1000 });
    const [paths, said]: [string[], string[]] = [[], []];
    const ending = new AbortController();
    const call = async ({ path }: Call): Promise<unknown> => {
      const answer = answers[Math.min(paths.length, answers.length - 1)];
      paths.push(path);
      return answer?.();
    };
    const cluster: {
      kube: Kube;
      identity: { namespace?: string } | undefined;
      ended: AbortSignal;
      random: () => number;
    } = {
      ...{ kube: { ...api([]), call }, identity: {}, ended: ending.signal, random: () => 0.5 },
    };
    let isDone = false;
    const start = (): void => {
      void restoreFromCluster(cluster, 'node-1', kept, (message) => said.push(message)).then(() => {
        isDone = true;
      });
    };
    const wait = async (ms: number): Promise<void> => {
      test.mock.timers.tick(ms);
      await settle();
    };
    return { kept, paths, said, ending, cluster, start, wait, isDone: () => isDone };
  }

  const answer = (): unknown => mapOf('node-1', honest('node-1'));
  const refuse = (status: number) => () => {
    throw faultOf(status);
  };

  it('is read once from the namespace of the agent, without a message', async (test) => {
    const { kept, paths, said, cluster, start, isDone } = agentOf(test, answer);
    cluster.identity = { namespace: 'monitoring' };
    start();
    await settle();
    assert.ok(isDone());
    assert.deepEqual([paths, said], [[historyMapPath('monitoring', 'node-1')], []]);
    assert.equal(kept.condition.reason, 'Continued');
  });

  it('is read from the default namespace where the token names none, and begins where there is none', async (test) => {
    const { kept, paths, said, start, isDone } = agentOf(test, refuse(404));
    start();
    await settle();
    assert.ok(isDone());
    assert.deepEqual([paths, said], [[historyMapPath(defaultNamespace, 'node-1')], []]);
    assert.deepEqual([kept.condition.reason, kept.isRestored], ['Begun', true]);
  });

  it('is read again no sooner than Retry-After says', async (test) => {
    const later = (): never => {
      throw new ApiError(429, 'TooManyRequests', 'later', 60_000);
    };
    const { paths, start, wait, isDone } = agentOf(test, later, answer);
    start();
    await settle();
    await wait(60_000);
    assert.equal(paths.length, 1);
    await wait(15_000);
    assert.ok(isDone());
  });

  it('is read again with back-off while the API gives no answer, which is said once, and then the outcome', async (test) => {
    const { kept, paths, said, start, wait, isDone } = agentOf(test, refuse(503), refuse(503), answer);
    start();
    await settle();
    await wait(499);
    assert.deepEqual([paths.length, kept.isRestored], [1, false]);
    await wait(501);
    assert.equal(paths.length, 2);
    await wait(999);
    assert.equal(paths.length, 2);
    await wait(1001);
    assert.ok(isDone());
    assert.deepEqual(said, [
      'The agent cannot read the history in the cluster, and does not write it before that: refused with 503',
      kept.condition.message,
    ]);
    assert.equal(kept.condition.status, 'True');
  });

  it('that is invalid is named in the first try', async (test) => {
    for (const text of ['null', '7', 'no JSON']) {
      const { kept, said, start, isDone } = agentOf(test, () =>
        historyMapOf('node-1', packed(text), at * 1000),
      );
      start();
      await settle();
      assert.ok(isDone(), text);
      assert.equal(kept.condition.reason, 'SetAside');
      assert.deepEqual(said, [kept.condition.message]);
      test.mock.timers.reset();
    }
  });

  it('waits for the identity of the agent without a message', async (test) => {
    const { paths, said, cluster, start, wait, isDone } = agentOf(test, answer);
    cluster.identity = undefined;
    start();
    await settle();
    await wait(250);
    assert.deepEqual(paths, []);
    cluster.identity = {};
    await wait(250);
    assert.ok(isDone());
    assert.deepEqual(said, []);
  });

  it('that cannot be read after the wait for the identity is said too', async (test) => {
    const { said, cluster, start, wait } = agentOf(test, refuse(503));
    cluster.identity = undefined;
    start();
    await settle();
    cluster.identity = {};
    await wait(250);
    await wait(1000);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /^The agent cannot read the history in the cluster/);
  });

  it('escapes the error of the API in its message', async (test) => {
    const { said, start } = agentOf(test, () => {
      throw new Error('\u001b[2J');
    });
    start();
    await settle();
    assert.match(said[0] ?? '', /before that: \\u001b\[2J$/);
  });

  it('is not asked for by an agent that ends', async (test) => {
    const ended = agentOf(test, answer);
    ended.ending.abort();
    ended.start();
    await settle();
    assert.ok(ended.isDone());
    assert.deepEqual(ended.paths, []);
    test.mock.timers.reset();
    const waiting = agentOf(test, refuse(503));
    waiting.start();
    await settle();
    waiting.ending.abort();
    await settle();
    assert.ok(waiting.isDone());
    assert.equal(waiting.paths.length, 1);
  });
});
