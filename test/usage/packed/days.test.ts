/** Days in rows of numbers behave like a map of objects. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { type Day, Days } from '../../../src/usage/packed/days.ts';

const size = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 2 ** 53, noNaN: true }));
const maybe = fc.option(size, { nil: undefined });
const anyDay = fc
  .record({
    peak: size,
    ...{ cache: maybe, refaulted: maybe, atLimit: maybe, workingSet: maybe, anon: maybe, shmem: maybe },
    ...{ stalled: maybe, throttled: maybe, unsorted: maybe },
    squeezed: fc.constantFrom(true as const, undefined),
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)))
  .map((fields) => fields as unknown as Day);
const number = fc.integer({ min: 20_000, max: 20_005 });
const step = fc.oneof(
  fc.record({
    what: fc.constantFrom('note' as const, 'set' as const, 'merge' as const),
    number,
    day: anyDay,
  }),
  fc.record({ what: fc.constant('peak' as const), number, peak: size }),
  fc.record({ what: fc.constant('delete' as const), number }),
);

function most(one: Day | undefined, other: Day): Day {
  const merged: Record<string, unknown> = { ...one };
  for (const [field, value] of Object.entries(other))
    merged[field] = value === true ? true : Math.max(value as number, (merged[field] as number) ?? 0);
  return merged as unknown as Day;
}

it('Days keeps the noted fields of each day, absent without a value, in order of insertion', () =>
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const days = new Days();
      const expected = new Map<number, Day>();
      for (const one of steps) {
        if (one.what === 'delete') {
          days.delete(one.number);
          expected.delete(one.number);
          continue;
        }
        if (one.what === 'peak') {
          days.notePeak(one.number, one.peak);
          expected.set(one.number, most(expected.get(one.number), { peak: one.peak }));
          continue;
        }
        const { number, day } = one;
        expected.set(number, one.what === 'set' ? day : most(expected.get(number), day));
        if (one.what === 'merge') {
          const other = new Days();
          other.note(number, day);
          days.merge(other);
        } else days[one.what](number, day);
      }
      assert.deepEqual([...days], [...expected]);
      assert.deepEqual([days.keys(), days.values()], [[...expected.keys()], [...expected.values()]]);
      assert.equal(days.size, expected.size);
      for (const { number } of steps) assert.deepEqual(days.get(number), expected.get(number));
    }),
  ));
