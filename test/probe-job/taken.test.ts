/** Whether the history of a node has the answer of a probe: real histories behind an API that answers from memory. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { encodeCheckpoint } from '../../src/checkpoint/write.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import type { ProbedCache } from '../../src/model/pod.ts';
import { takenInWords, waitUntilTaken } from '../../src/probe-job/taken.ts';
import { historyMapOf } from '../../src/publish/history-map.ts';
import { UsageAggregates } from '../../src/usage/aggregates.ts';
import { monday } from '../usage/made/played.ts';
import { target } from './made.ts';

const MiB = 2 ** 20;
const probe: ProbedCache = {
  ...{ at: monday, neededCacheBytes: 32 * MiB, coldCacheBytes: 64 * MiB, errorBytes: MiB },
  watchedSeconds: 60,
};
type Answers = Readonly<Record<string, Partial<ProbedCache>>>;

/** @param answers by pod @param seconds when it is written, after the probe */
function history(answers: Answers, seconds: number, container = 'cart'): unknown {
  const at = monday + seconds;
  const aggregates = new UsageAggregates();
  const aggregate = aggregates.of({ namespace: 'shop', workload: 'Deployment/cart', container });
  aggregate.setting = { type: 'container' };
  aggregate.peak(MiB, at);
  for (const [pod, more] of Object.entries(answers)) aggregate.probed({ pod, ...probe, ...more });
  const packed = gzipSync(encodeCheckpoint({ node: 'node-1', at, aggregates, lifetimes: [] }));
  return historyMapOf('node-1', packed.toString('base64'), 1000 * at);
}

/** @param maps the ConfigMap, one after another: each is there until it was read whole */
async function taken(maps: readonly unknown[], reportMs = 0) {
  const ended = new AbortController();
  let read = 0;
  const call = async ({ accept }: { readonly accept?: string }): Promise<unknown> => {
    const map = maps[Math.min(read, maps.length - 1)];
    if (map instanceof Error) throw map;
    if (accept !== undefined) {
      if (read >= maps.length) ended.abort();
      return map;
    }
    read++;
    return map;
  };
  const asked = { kube: { call }, namespace: 'realmem', target, probe, signal: ended.signal };
  return waitUntilTaken(asked, { withinMs: 60_000, reportMs, pollMs: 1 });
}

describe('the answer of a probe in the history of its node', () => {
  it('is there when the history has this answer, and not when it was only written again', async () => {
    const before = history({}, 0);
    const earlier = history({ 'cart-1': { at: monday - 60 } }, 5);
    assert.equal(await taken([before, history({}, 5), history({ 'cart-1': {} }, 15)]), 'holds');
    assert.equal(await taken([before, earlier, history({ 'cart-1': {} }, 15)]), 'holds');
    assert.equal(await taken([before, earlier]), 'lacks', 'an earlier probe of the same pod');
    assert.equal(await taken([before, history({ 'cart-2': {} }, 5)]), 'lacks', 'another pod');
    assert.equal(await taken([before, history({ 'cart-1': {} }, 5, 'proxy')]), 'lacks', 'another container');
  });

  it('is unknown when nothing was written, or only before a report could have it', async () => {
    assert.equal(await taken([history({}, 0)]), 'unknown');
    assert.equal(await taken([history({}, 0), history({}, 5)], 3_600_000), 'unknown');
  });

  it('is unknown when the history is not there, may not be read, or is unreadable', async () => {
    const forbidden = new ApiError(403, 'Forbidden', 'forbidden');
    assert.equal(await taken([forbidden]), 'unknown');
    assert.equal(await taken([{ metadata: {} }]), 'unknown');
    assert.equal(await taken([historyMapOf('node-1', 'AAAA', 0)]), 'unknown');
  });

  it('is awaited where three other replicas need more: they may have another template', async () => {
    const more = { neededCacheBytes: 900 * MiB };
    const others = { 'cart-2': more, 'cart-3': more, 'cart-4': more };
    const [before, after] = [history(others, 0), history({ 'cart-1': {} }, 15)];
    assert.equal(await taken([before, after]), 'holds');
  });

  it('is not there when three other replicas need more', async () => {
    const more = { neededCacheBytes: 900 * MiB };
    const others = { 'cart-2': more, 'cart-3': more, 'cart-4': more };
    assert.equal(await taken([history({}, 0), history({ ...others, 'cart-1': {} }, 15)]), 'needier');
  });
});

describe('takenInWords', () => {
  const words = (found: Parameters<typeof takenInWords>[0]): string =>
    takenInWords(found, target, { namespace: 'realmem', name: 'realmem-abc' });

  it('says "has it" only if the history has it', () => {
    assert.equal(
      words('holds'),
      'Kept. The agent of node-1 has it; then: kubectl realmem suggest -n shop --why',
    );
    for (const other of ['needier', 'lacks', 'unknown'] as const) assert.doesNotMatch(words(other), /has it/);
  });

  it('names the log of the agent where the answer may have been refused', () => {
    for (const other of ['lacks', 'unknown'] as const)
      assert.match(words(other), /: kubectl -n realmem logs realmem-abc$/);
  });
});
