/** The record of the OOM kills that were counted: what it keeps, and how two records merge. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type KnownKills,
  type KnownLifetime,
  KnownLifetimes,
  lifetimesKept,
  uniteKnownKills,
  uniteLifetimes,
} from '../../../src/usage/known-kills.ts';

const start = Date.parse('2026-11-23T09:00:00Z') / 1000;
const one = (id: string, at = start, more: Partial<KnownLifetime> = {}): KnownLifetime => ({
  ...{ id, kills: 1, isCounted: true, at },
  ...more,
});
const idsOf = (known: Iterable<KnownLifetime>): readonly string[] => [...known].map(({ id }) => id);
const longId = '0123456789ab'.padEnd(64, 'c');

describe('known lifetimes', () => {
  it('return undefined for an ID that was never set', () => {
    const known = new KnownLifetimes();
    assert.equal(known.get('a'), undefined);
    assert.equal(known.get('constructor'), undefined);
  });

  it('find a lifetime by its whole container ID and by the short one', () => {
    const known = new KnownLifetimes();
    known.set(one(longId));
    assert.deepEqual(known.get(longId), one('0123456789ab'));
    assert.deepEqual(known.get('0123456789ab'), one('0123456789ab'));
    known.set(one('0123456789ab', start, { kills: 3 }));
    assert.deepEqual([...known], [one('0123456789ab', start, { kills: 3 })]);
  });

  it('shorten only 64 hexadecimal digits in lower case', () => {
    const known = new KnownLifetimes();
    const ids = [longId.slice(1), `${longId}0`, longId.toUpperCase(), longId.replace('0', 'g'), 'k3x.17', ''];
    for (const id of ids) known.set(one(id));
    assert.deepEqual(idsOf(known), ids);
  });

  it('list the most recently set lifetime last, even one that was known', () => {
    const known = new KnownLifetimes();
    for (const id of ['a', 'b', 'a']) known.set(one(id));
    assert.deepEqual(idsOf(known), ['b', 'a']);
  });

  it('drop a lifetime that ended before the bound, and keep one at the bound', () => {
    const known = new KnownLifetimes();
    known.set(one('old', start - 1));
    known.set(one('bound', start));
    known.forget(start, []);
    assert.deepEqual(idsOf(known), ['bound']);
  });

  it('keep an old lifetime that is still reported, by either form of its ID, and move it to the end', () => {
    const known = new KnownLifetimes();
    known.set(one(longId, start - 1));
    known.set(one('new'));
    known.forget(start, [longId, 'never set']);
    assert.deepEqual(idsOf(known), ['new', '0123456789ab']);
  });

  it(`keep ${lifetimesKept} lifetimes and drop the least recently reported ones above that`, () => {
    const known = new KnownLifetimes();
    for (let n = 0; n < lifetimesKept; n++) known.set(one(`${n}`));
    known.forget(start, []);
    assert.equal(idsOf(known).length, lifetimesKept);
    known.set(one('more'));
    known.forget(start, ['0']);
    assert.equal(idsOf(known).length, lifetimesKept);
    assert.equal(known.get('1'), undefined);
    assert.deepEqual(idsOf(known).slice(-2), ['more', '0']);
  });
});

describe('two records of one lifetime', () => {
  it('merge to the second without a first', () =>
    assert.deepEqual(uniteLifetimes(undefined, one('a')), one('a')));

  it('merge to the larger count, the later time, and counted if either is', () => {
    const a = one('a', start + 5, { kills: 2, isCounted: false });
    const b = one('a', start, { kills: 7, isCounted: true });
    const both = one('a', start + 5, { kills: 7, isCounted: true });
    assert.deepEqual(uniteLifetimes(a, b), both);
    assert.deepEqual(uniteLifetimes(b, a), both);
    assert.equal(uniteLifetimes(a, a).isCounted, false);
  });
});

describe('two records of known kills', () => {
  it('merge to the one that exists, and to undefined without either', () => {
    const known: KnownKills = { at: start, lifetimes: [one('a')] };
    assert.equal(uniteKnownKills(undefined, undefined), undefined);
    assert.equal(uniteKnownKills(known, undefined), known);
    assert.equal(uniteKnownKills(undefined, known), known);
  });

  it('are kept for the newest 1,000 lifetimes, merged by their IDs', () => {
    const known = (from: number, at: number) => ({
      at,
      lifetimes: Array.from({ length: 900 }, (_, n) => ({
        id: `${from + n}`,
        kills: 1,
        isCounted: false,
        at: start + from + n,
      })),
    });
    const [a, b] = [known(0, start), known(400, start + 1)];
    const both = uniteKnownKills(a, {
      ...b,
      lifetimes: b.lifetimes.map((one) => ({ ...one, kills: 2, isCounted: true })),
    });
    assert.equal(both?.at, start + 1);
    assert.equal(both?.lifetimes.length, 1_000);
    assert.deepEqual(
      both?.lifetimes.find(({ id }) => id === '500'),
      { id: '500', kills: 2, isCounted: true, at: start + 500 },
    );
    assert.equal(both?.lifetimes[0]?.id, '300');
    assert.deepEqual(uniteKnownKills(undefined, a), a);
  });

  it('merge to the same lifetimes in either order, and to themselves with a copy', () => {
    const plainObjects = { noNullPrototype: true };
    const lifetime = fc.record(
      {
        id: fc.constantFrom('a', 'b', 'c', 'd'),
        kills: fc.nat(5),
        isCounted: fc.boolean(),
        at: fc.integer({ min: start, max: start + 9 }),
      },
      plainObjects,
    );
    const record = fc.record(
      {
        at: fc.integer({ min: start, max: start + 9 }),
        lifetimes: fc.uniqueArray(lifetime, { selector: ({ id }) => id }),
      },
      plainObjects,
    );
    const plain = (known: KnownKills | undefined) => ({
      at: known?.at,
      lifetimes: (known?.lifetimes ?? []).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    });
    fc.assert(
      fc.property(record, record, (a, b) => {
        assert.deepEqual(plain(uniteKnownKills(a, b)), plain(uniteKnownKills(b, a)));
        assert.deepEqual(plain(uniteKnownKills(a, a)), plain(a));
        const times = uniteKnownKills(a, b)?.lifetimes.map(({ at }) => at) ?? [];
        assert.deepEqual(
          times,
          times.toSorted((x, y) => x - y),
        );
      }),
    );
  });
});
