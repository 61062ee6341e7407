/** For any clock and any measured values: each written history can be read, and a wrong clock does not change the advice. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { realOf } from '../../src/account/memory.ts';
import { WallClock } from '../../src/agent/wall-clock.ts';
import { decodeCheckpoint } from '../../src/checkpoint/read.ts';
import { encodeCheckpoint } from '../../src/checkpoint/write.ts';
import type { Bytes } from '../../src/model/bytes.ts';
import type { Accounted } from '../../src/model/observation.ts';
import { advise, evidenceOf } from '../../src/recommend/advise.ts';
import { closeWindows, History } from '../../src/usage/history.ts';
import { day, hour, minute, monday } from './made/played.ts';

const year = 365 * day;

/** One container with this memory at this moment. */
function sightingsOf(real: number, lifetime: number): readonly Accounted[] {
  const id = `web-${lifetime}`;
  const container = {
    name: 'web',
    type: 'container',
    ids: [id],
    running: true,
  } as const;
  const pod = { uid: 'u', namespace: 'shop', name: 'web-1', labels: {}, containers: [container] };
  const amount = real as Bytes;
  return [
    {
      role: { kind: 'container', podUID: 'u', id },
      sample: {
        id: { path: `/kubepods/u/${id}`, inode: 1 + lifetime },
        version: 2,
        usage: amount,
        stat: { anon: amount, activeFile: 0 as Bytes, inactiveFile: 0 as Bytes, refaultFile: real },
        faults: [],
      },
      pod,
      container: { pod, type: 'container', container },
      usage: { usageBytes: amount, realBytes: amount, limitBytes: (2 * real) as Bytes, psiFullAvg60: real },
    },
  ];
}

function pass(history: History, real: number, at: number | undefined, lifetime = 0): void {
  const observations = sightingsOf(real, lifetime);
  history.sampled(observations, { realOf, pageBytes: 4096, lru: 'classic' }, [], at);
  history.identified(observations, at);
  history.accounted(observations, at);
}

const assertFinite = (value: unknown): void => {
  const plain = (_: string, one: unknown): unknown =>
    typeof one === 'number' && !Number.isFinite(one) ? String(one) : one;
  assert.doesNotMatch(JSON.stringify([value], plain), /NaN|Infinity/);
};

/** Seconds since 1970, as broken clocks show them. */
const anyTime = fc.oneof(
  fc.constantFrom(
    0,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    86_400,
    monday,
    monday - hour,
    monday + 7 * day,
  ),
  fc.constantFrom(monday + year, monday + 75 * year, 2_300_000_000, 2_299_999_999, 1_704_067_200, 8.64e15),
  fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
  fc.integer({ min: monday, max: monday + 30 * day }),
);
const anyMemory = fc.oneof(
  fc.constantFrom(0, 1, 4096, 2 ** 30, Number.MAX_SAFE_INTEGER, 2 ** 63, 2 ** 64, Number.NaN, 1e308),
  fc.integer({ min: 0, max: 2 ** 45 }),
);

describe('a history', () => {
  it('can be read after a write with any clock and any measured values', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyTime, anyMemory, fc.nat(3)), { minLength: 1, maxLength: 40 }),
        anyTime,
        (passes, writtenAt) => {
          const history = new History();
          for (const [at, real, lifetime] of passes) pass(history, real, at * 1000, lifetime);
          let text = encodeCheckpoint({ node: 'n', at: writtenAt, ...history.kept() });
          for (let times = 0; times < 2; times++) {
            const read = decodeCheckpoint('it', text);
            assert.deepEqual(read.dropped, undefined);
            for (const { aggregate } of closeWindows(read))
              assertFinite([advise(aggregate, read.at), evidenceOf(aggregate, read.at)]);
            const next = new History();
            next.restore(read);
            text = encodeCheckpoint({ node: 'n', at: read.at, ...next.kept() });
          }
        },
      ),
      { numRuns: 400 },
    ));

  it('of three days gives the same advice for any steps of the machine’s clock', {
    timeout: 120_000,
  }, () => {
    const passMs = 5 * minute * 1000;
    const realAt = (index: number): number => (100 + 40 * Math.sin(index / 30)) * 2 ** 20;
    const passes = 3 * 24 * 12;
    const run = (shownAt: (trueMs: number, index: number) => number) => {
      const history = new History();
      let index = 0;
      const trueMs = (): number => monday * 1000 + index * passMs;
      const clock = new WallClock(
        {
          now: () => shownAt(trueMs(), index),
          uptime: () => index * passMs,
          earliest: (monday - year) * 1000,
        },
        () => {},
      );
      for (; index < passes; index++) {
        const { at, isTrusted } = clock.read();
        pass(history, realAt(index), isTrusted ? at : undefined);
      }
      const at = monday + 3 * day;
      const read = decodeCheckpoint('it', encodeCheckpoint({ node: 'n', at, ...history.kept() }));
      const [named] = closeWindows(read);
      assert.ok(named !== undefined);
      const { request, limit } = advise(named.aggregate, at) ?? assert.fail();
      return { request: request.target, limit: limit.target };
    };
    const expected = run((at) => at);
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.integer({ min: 0, max: passes }),
            // Shorter than the agent needs to trust a clock that was set forward or back.
            fc.constantFrom(1, 2),
            fc.constantFrom(-hour, -day, 7 * day, year, -year * 60, Number.NaN, 75 * year),
          ),
          { maxLength: 6 },
        ),
        (steps) => {
          const found = run((at, index) => {
            const step = steps.find(([from, length]) => index >= from && index < from + length);
            return step === undefined ? at : at + step[2] * 1000;
          });
          for (const what of ['request', 'limit'] as const)
            assert.ok(
              Math.abs(found[what] / expected[what] - 1) < 0.03,
              `${what}: ${found[what]} for ${expected[what]}`,
            );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('that was written a year ahead gets the right date and normal weights once the clock is right', () => {
    const ahead = new History();
    for (let at = monday + year; at < monday + year + 3 * day; at += 5 * minute)
      pass(ahead, 900 * 2 ** 20, at * 1000);
    const text = encodeCheckpoint({ node: 'n', at: monday + year + 3 * day, ...ahead.kept() });
    const history = new History();
    history.restore(decodeCheckpoint('it', text));
    const until = monday + 20 * day;
    for (let at = monday; at < until; at += 5 * minute) pass(history, 100 * 2 ** 20, at * 1000);
    const again = decodeCheckpoint('it', encodeCheckpoint({ node: 'n', at: until, ...history.kept() }));
    assert.equal(again.dropped, undefined);
    const [named] = closeWindows(again);
    assert.ok(named !== undefined);
    const { limit } = advise(named.aggregate, until) ?? assert.fail();
    assert.ok(limit.target < 400 * 2 ** 20, `${limit.target / 2 ** 20} MiB`);
    assert.ok([...named.aggregate.days.keys()].every((number) => number * day <= until));
  });

  it('that was written a year ahead and is restored late keeps the observations since', () => {
    const [ahead, history] = [new History(), new History()];
    for (let at = monday + year; at < monday + year + day; at += 5 * minute)
      pass(ahead, 900 * 2 ** 20, at * 1000);
    const until = monday + 3 * day;
    for (let at = monday; at < until; at += 5 * minute) pass(history, 100 * 2 ** 20, at * 1000);
    const [before] = closeWindows(history.kept());
    const hours = before?.aggregate.hours.totalAt(until) ?? Number.NaN;
    const text = encodeCheckpoint({ node: 'n', at: monday + year + day, ...ahead.kept() });
    history.restore(decodeCheckpoint('it', text));
    pass(history, 100 * 2 ** 20, until * 1000);
    const [after] = closeWindows(history.kept());
    const found = after?.aggregate.hours.totalAt(until) ?? Number.NaN;
    assert.ok(found >= hours && found < hours + 30, `${found} hours after ${hours}`);
    assert.ok((after?.aggregate.hours.percentile(0.5) ?? Number.NaN) < 110 * 2 ** 20);
  });

  it('keeps the peak of a lifetime while the time is unknown, and continues from it', () => {
    const history = new History();
    pass(history, 500 * 2 ** 20, undefined);
    const { id } = (sightingsOf(0, 0)[0] as Accounted).sample;
    assert.equal(history.peakOf(id), 500 * 2 ** 20);
    assert.equal(history.sinceOf(id), undefined);
    assert.equal(history.aggregateOf(id), undefined);
    pass(history, 100 * 2 ** 20, monday * 1000);
    assert.equal(history.peakOf(id), 500 * 2 ** 20);
    assert.equal(history.sinceOf(id), monday * 1000);
  });
});
