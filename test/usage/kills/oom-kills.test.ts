import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Identified } from '../../../src/model/observation.ts';
import type { OomKilled, Pod, PodContainer } from '../../../src/model/pod.ts';
import { parseManifest } from '../../../src/pods/manifest.ts';
import { podsOf } from '../../../src/pods/pods.ts';
import { OomKills } from '../../../src/usage/oom-kills.ts';
import { podsText } from '../../identify/fixture.ts';

const second = 1_000;
const t = (seconds: number): number => Date.parse('2026-11-23T09:00:00Z') + seconds * second;
const rfc = (seconds: number): string => new Date(t(seconds)).toISOString().replace('.000', '');

const containerOf = (name: string, oomKilled?: readonly OomKilled[]): PodContainer => ({
  ...{ name, type: 'container', ids: [], running: true },
  ...(oomKilled !== undefined && { oomKilled }),
});
const podOf = (uid: string, ...containers: readonly PodContainer[]): Pod => ({
  ...{ uid, namespace: 'shop', name: uid, labels: {} },
  containers,
});
const ended = (id: string, seconds?: number): OomKilled => ({
  id,
  ...(seconds !== undefined && { at: rfc(seconds) }),
});

/** A container's cgroup with the kernel's counter; undefined: unreadable. @param name undefined: the API has not named it yet */
const running = (
  id: string,
  kills: number | undefined,
  name: string | undefined = 'cart',
  uid = 'u',
): Identified => {
  const pod = podOf(uid);
  return {
    role: { kind: 'container', podUID: uid, id },
    sample: {
      ...{ id: { path: `/${id}`, inode: 1 }, version: 2, faults: [] },
      ...(kills !== undefined && { details: { oomKills: kills } }),
    },
    ...(name !== '' && { pod, container: { pod, type: 'container', container: containerOf(name) } }),
  } as Identified;
};
const nameless = (id: string, kills: number): Identified => running(id, kills, '');

describe('the OOM kills of a container', () => {
  it('are undefined when neither kernel nor API reports one', () => {
    const kills = new OomKills();
    kills.observePods([podOf('u', containerOf('cart'))]);
    kills.observeCounters([running('a', 0)], t(0));
    assert.equal(kills.of('u', 'cart'), undefined);
    assert.equal(kills.of('u', 'constructor'), undefined);
  });

  it('include those that the API reports, as kubectl prints them', () => {
    const { pods } = podsOf('pods.yaml', parseManifest('pods.yaml', podsText));
    const kills = new OomKills();
    kills.observePods(pods);
    const cart = pods.find(({ name }) => name.startsWith('cart'));
    assert.deepEqual(kills.of(cart?.uid ?? '', 'cart'), {
      count: 1,
      lastAt: Date.parse('2026-11-23T09:08:12Z'),
    });
    assert.equal(kills.of(cart?.uid ?? '', 'proxy'), undefined);
  });

  it('include those that the kernel counted in a running lifetime', () => {
    const kills = new OomKills();
    kills.observeCounters([running('a', 0)], t(0));
    kills.observeCounters([running('a', 2)], t(5));
    kills.observeCounters([running('a', 2)], t(10));
    assert.deepEqual(kills.of('u', 'cart'), { count: 2, lastAt: t(5) });
  });

  it('have no date when the kernel counted them before the first sample', () => {
    const kills = new OomKills();
    for (const at of [0, 5, 10]) kills.observeCounters([running('a', 3)], t(at));
    assert.deepEqual(kills.of('u', 'cart'), { count: 3 });
    kills.observeCounters([running('a', 4)], t(15));
    assert.deepEqual(kills.of('u', 'cart'), { count: 4, lastAt: t(15) });
  });

  it('have no date when only the name comes after the first sample', () => {
    const kills = new OomKills();
    kills.observeCounters([nameless('a', 3)], t(0));
    kills.observeCounters([running('a', 3)], t(5));
    assert.deepEqual(kills.of('u', 'cart'), { count: 3 });
  });

  it('have the time of the first sample that shows them in a container that started later', () => {
    const kills = new OomKills();
    kills.observeCounters([], t(0));
    kills.observeCounters([nameless('a', 1)], t(5));
    kills.observeCounters([running('a', 1)], t(10));
    assert.deepEqual(kills.of('u', 'cart'), { count: 1, lastAt: t(5) });
  });

  it('keep their date after a sample that could not read the counter', () => {
    const kills = new OomKills();
    for (const [at, count] of [
      [0, 3],
      [5, undefined],
      [10, 3],
    ] as const)
      kills.observeCounters([running('a', count)], t(at));
    assert.deepEqual(kills.of('u', 'cart'), { count: 3 });
  });

  it('count once when the kernel and then the API report the same kill', () => {
    const kills = new OomKills();
    kills.observeCounters([running('a', 0)], t(0));
    kills.observeCounters([running('a', 1)], t(5));
    kills.observePods([podOf('u', containerOf('cart', [ended('a', 4)]))]);
    kills.observeCounters([running('b', 0)], t(10));
    assert.deepEqual(kills.of('u', 'cart'), { count: 1, lastAt: t(5) });
  });

  it('count once when the API reports first', () => {
    const kills = new OomKills();
    kills.observeCounters([running('a', 0)], t(0));
    kills.observePods([podOf('u', containerOf('cart', [ended('a', 4)]))]);
    kills.observeCounters([running('a', 1)], t(5));
    assert.equal(kills.of('u', 'cart')?.count, 1);
  });

  it('have the time of the lifetime’s end when the API reports it later than the kernel’s count', () => {
    const kills = new OomKills();
    kills.observeCounters([running('a', 1)], t(0));
    kills.observePods([podOf('u', containerOf('cart', [ended('a', 500)]))]);
    assert.deepEqual(kills.of('u', 'cart'), { count: 1, lastAt: t(500) });
  });

  it('add up over the running of the container', () => {
    const kills = new OomKills();
    kills.observePods([podOf('u', containerOf('cart', [ended('a', 1), ended('b', 2)]))]);
    kills.observePods([podOf('u', containerOf('cart', [ended('b', 2), ended('c', 3)]))]);
    kills.observeCounters([running('d', 2)], t(10));
    assert.deepEqual(kills.of('u', 'cart'), { count: 5, lastAt: t(3) });
  });

  it('add up over more running than are kept one by one', () => {
    const kills = new OomKills();
    const all = Array.from({ length: 30 }, (_, n) => ended(`lifetime-${n}`, n));
    for (const [n, lifetime] of all.entries())
      kills.observePods([podOf('u', containerOf('cart', [...all.slice(Math.max(0, n - 1), n), lifetime]))]);
    assert.deepEqual(kills.of('u', 'cart'), { count: 30, lastAt: t(29) });
  });

  it('have no date when that of the API is unreadable', () => {
    const kills = new OomKills();
    kills.observePods([podOf('u', containerOf('cart', [{ id: 'a', at: 'yesterday' }, { id: 'b' }]))]);
    assert.deepEqual(kills.of('u', 'cart'), { count: 2 });
  });

  it('are separate for each pod and container name', () => {
    const kills = new OomKills();
    kills.observePods([
      podOf('u', containerOf('a', [ended('1')]), containerOf('b')),
      podOf('v', containerOf('a')),
    ]);
    assert.deepEqual(
      [kills.of('u', 'a')?.count, kills.of('u', 'b'), kills.of('v', 'a')],
      [1, undefined, undefined],
    );
  });

  it('are forgotten when a new list lacks the pod, and stay with the same list', () => {
    const kills = new OomKills();
    const pods = [podOf('u', containerOf('cart'))];
    kills.observePods(pods);
    kills.observeCounters([running('a', 1)], t(0));
    kills.observePods(pods);
    kills.observePods([...pods, podOf('v', containerOf('x'))]);
    assert.equal(kills.of('u', 'cart')?.count, 1);
    kills.observePods([podOf('v', containerOf('x'))]);
    assert.equal(kills.of('u', 'cart'), undefined);
  });

  it('never fall, and never exceed what kernel and API report, in any order', () => {
    // Each lifetime: the kills that the kernel counts, and whether the last one ends it.
    const lifetime = fc.record({
      counts: fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }),
      killed: fc.boolean(),
      seen: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(lifetime, { minLength: 1, maxLength: 20 }), (all) => {
        const kills = new OomKills();
        let reported: OomKilled[] = [];
        let most = 0;
        let before = 0;
        for (const [n, { counts, killed, seen }] of all.entries()) {
          let counted = 0;
          for (const more of seen ? counts : []) {
            counted += more;
            kills.observeCounters([running(`${n}`, counted)], t(n));
            assert.ok((kills.of('u', 'cart')?.count ?? 0) <= most + counted);
          }
          // The API reports the last two.
          reported = [...reported, ...(killed ? [ended(`${n}`, n)] : [])].slice(-2);
          kills.observePods([podOf('u', containerOf('cart', reported))]);
          most += Math.max(counted, killed ? 1 : 0);
          const now = kills.of('u', 'cart')?.count ?? 0;
          assert.ok(now >= before);
          assert.equal(now, most);
          before = now;
        }
      }),
    );
  });
});
