/** Known OOM kills in a checkpoint: what is written comes back, and what cannot be read costs itself alone. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeKnownKills, encodeKnownKills } from '../../src/checkpoint/known-kills.ts';
import { earliestTime, latestTime } from '../../src/model/time.ts';
import { type KnownLifetime, lifetimesKept } from '../../src/usage/known-kills.ts';

const start = Date.parse('2026-11-23T09:00:00Z') / 1000;
const one = (id: string, more: Partial<KnownLifetime> = {}): KnownLifetime => ({
  ...{ id, kills: 1, isCounted: true, at: start },
  ...more,
});
const throughText = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const lifeOf = (...fields: readonly unknown[]): readonly KnownLifetime[] | undefined =>
  decodeKnownKills([start, fields])?.lifetimes;

describe('known kills', () => {
  it('are written as a time and one list per lifetime', () =>
    assert.deepEqual(
      encodeKnownKills({ at: start, lifetimes: [one('a'), one('b', { kills: 0, isCounted: false })] }),
      [start, ['a', 1, 1, start], ['b', 0, 0, start]],
    ));

  it('are written in whole seconds: the read as earlier, the kill as later', () => {
    const found = encodeKnownKills({ at: start + 0.9, lifetimes: [one('a', { at: start + 0.1 })] });
    assert.deepEqual(found, [start, ['a', 1, 1, start + 1]]);
  });

  it('come back as they were written, in their order', () => {
    const time = fc.integer({ min: earliestTime, max: latestTime });
    const lifetime = fc.record(
      { id: fc.string({ maxLength: 64 }), kills: fc.nat(1_000_000_000), isCounted: fc.boolean(), at: time },
      { noNullPrototype: true },
    );
    const known = fc.record({ at: time, lifetimes: fc.array(lifetime) }, { noNullPrototype: true });
    fc.assert(
      fc.property(known, (kills) =>
        assert.deepEqual(decodeKnownKills(throughText(encodeKnownKills(kills))), kills),
      ),
    );
  });

  it('are undefined where the checkpoint has none, or no time that can be read', () => {
    for (const value of [
      undefined,
      null,
      7,
      'x',
      {},
      { 0: start },
      [],
      ['x'],
      [0],
      [null],
      [latestTime + 1],
      [[start]],
    ])
      assert.equal(decodeKnownKills(value), undefined, JSON.stringify(value));
    assert.deepEqual(decodeKnownKills([start]), { at: start, lifetimes: [] });
  });

  it('lose only the lifetimes that cannot be read', () =>
    assert.deepEqual(
      decodeKnownKills([start, null, ['a', 1, 1, start], 7, ['b'], [1, 1, 1, start], ['c', 1, 0, start]]),
      { at: start, lifetimes: [one('a'), one('c', { isCounted: false })] },
    ));

  it('have an ID of up to 64 characters, a count of up to a billion, and a time', () => {
    const id = 'x'.repeat(64);
    assert.deepEqual(lifeOf(id, 1_000_000_000, 1, start), [one(id, { kills: 1_000_000_000 })]);
    for (const fields of [
      [`${id}x`, 1, 1, start],
      ['a', 1_000_000_001, 1, start],
      ['a', -1, 1, start],
      ['a', null, 1, start],
      ['a', 1, 1, 0],
      ['a', 1, 1],
    ])
      assert.deepEqual(lifeOf(...fields), [], JSON.stringify(fields));
  });

  it('were counted only where the text has a 1', () => {
    for (const mark of [0, 2, true, '1', null])
      assert.deepEqual(lifeOf('a', 1, mark, start), [one('a', { isCounted: false })]);
  });

  it(`are the last ${lifetimesKept} lifetimes of a longer list`, () => {
    const lifetimes = Array.from({ length: lifetimesKept + 1 }, (_, n) => [`${n}`, 1, 1, start]);
    const found = decodeKnownKills([start, ...lifetimes])?.lifetimes ?? [];
    assert.deepEqual(
      [found.length, found[0]?.id, found.at(-1)?.id],
      [lifetimesKept, '1', `${lifetimesKept}`],
    );
    assert.equal(decodeKnownKills([start, ...lifetimes.slice(1)])?.lifetimes.length, lifetimesKept);
  });

  it('are read or undefined for any value of JSON', () =>
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (values) => {
        for (const value of [values, [start, ...values]])
          for (const { id, kills, at } of decodeKnownKills(value)?.lifetimes ?? [])
            assert.ok(id.length <= 64 && kills >= 0 && at >= earliestTime);
      }),
    ));
});
