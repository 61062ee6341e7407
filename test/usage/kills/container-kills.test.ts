/** The OOM kills of a container over its restarts: counts by lifetime, the last time, and what is forgotten. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ContainerKills } from '../../../src/usage/container-kills.ts';

const at = Date.parse('2026-11-23T09:00:00Z');

describe('the kills of a container', () => {
  it('are undefined before the first count, for any name', () => {
    const kills = new ContainerKills();
    assert.equal(kills.of('u', 'cart'), undefined);
    assert.equal(kills.of('', 'constructor'), undefined);
  });

  it('have no lastAt key while every time is unknown', () => {
    const kills = new ContainerKills();
    kills.count('u', 'cart', 'a', 2, undefined);
    assert.deepEqual(kills.of('u', 'cart'), { count: 2 });
  });

  it('keep the latest time, whichever comes first, and a later count without a time', () => {
    const kills = new ContainerKills();
    kills.count('u', 'cart', 'a', 1, at + 5);
    kills.count('u', 'cart', 'b', 1, at);
    kills.count('u', 'cart', 'c', 1, undefined);
    assert.deepEqual(kills.of('u', 'cart'), { count: 3, lastAt: at + 5 });
    kills.count('u', 'cart', 'a', 1, at + 9);
    assert.equal(kills.of('u', 'cart')?.lastAt, at + 9);
  });

  it('keep the time 0', () => {
    const kills = new ContainerKills();
    kills.count('u', 'cart', 'a', 1, 0);
    assert.deepEqual(kills.of('u', 'cart'), { count: 1, lastAt: 0 });
  });

  it('of one lifetime are the largest count, not the sum', () => {
    const kills = new ContainerKills();
    for (const count of [1, 3, 2, 0]) kills.count('u', 'cart', 'a', count, at);
    assert.equal(kills.of('u', 'cart')?.count, 3);
  });

  it('are separate for each pod and each name', () => {
    const kills = new ContainerKills();
    kills.count('u', 'cart', 'a', 1, at);
    kills.count('v', 'cart', 'b', 2, at);
    kills.count('u', 'proxy', 'c', 4, at);
    assert.deepEqual(
      [kills.of('u', 'cart')?.count, kills.of('v', 'cart')?.count, kills.of('u', 'proxy')?.count],
      [1, 2, 4],
    );
  });

  it('stay for a container in the list, and are forgotten for all others', () => {
    const kills = new ContainerKills();
    kills.count('u', 'cart', 'a', 2, at);
    kills.count('u', 'proxy', 'b', 1, at);
    kills.keep([
      { podUID: 'u', name: 'cart' },
      { podUID: 'v', name: 'never counted' },
    ]);
    assert.deepEqual(kills.of('u', 'cart'), { count: 2, lastAt: at });
    assert.equal(kills.of('u', 'proxy'), undefined);
    assert.equal(kills.of('v', 'never counted'), undefined);
    kills.keep([]);
    assert.equal(kills.of('u', 'cart'), undefined);
  });

  it('count a lifetime once while it is reported, after 20 others', () => {
    const kills = new ContainerKills();
    for (let n = 0; n < 20; n++) {
      kills.count('u', 'cart', 'reported all along', 3, at);
      kills.count('u', 'cart', `${n}`, 1, at);
    }
    assert.equal(kills.of('u', 'cart')?.count, 23);
  });

  it('count lifetimes beyond the eighth in the sum, after which only their sum is known', () => {
    const kills = new ContainerKills();
    for (let n = 0; n < 8; n++) kills.count('u', 'cart', `${n}`, 2, at);
    kills.count('u', 'cart', '0', 2, at);
    assert.equal(kills.of('u', 'cart')?.count, 16);
    kills.count('u', 'cart', '8', 2, at);
    // Lifetime 1 moved to the sum: a repeated report counts as another lifetime.
    kills.count('u', 'cart', '0', 2, at);
    assert.equal(kills.of('u', 'cart')?.count, 18);
    kills.count('u', 'cart', '1', 2, at);
    assert.equal(kills.of('u', 'cart')?.count, 20);
  });

  it('equal the sum of the largest counts, for any order of up to eight lifetimes, and never fall', () => {
    const report = fc.tuple(fc.integer({ min: 0, max: 7 }), fc.nat(9));
    fc.assert(
      fc.property(fc.array(report, { minLength: 1 }), (reports) => {
        const kills = new ContainerKills();
        const most = new Map<number, number>();
        let last = 0;
        for (const [id, count] of reports) {
          kills.count('u', 'cart', `${id}`, count, undefined);
          most.set(id, Math.max(count, most.get(id) ?? 0));
          const found = kills.of('u', 'cart')?.count ?? -1;
          assert.equal(
            found,
            [...most.values()].reduce((sum, one) => sum + one, 0),
          );
          assert.ok(found >= last);
          last = found;
        }
      }),
    );
  });
});
