import assert from 'node:assert/strict';
import { after, describe, it, type TestContext } from 'node:test';
import { cronOf, every, marksOf } from '../../src/edges/clock.ts';

const silent = { warn: () => {} };

describe('cronOf', () => {
  for (const [ms, expression] of [
    [1_000, '*/1 * * * * *'],
    [5_000, '*/5 * * * * *'],
    [60_000, '0 */1 * * * *'],
    [300_000, '0 */5 * * * *'],
    [3_600_000, '0 0 */1 * * *'],
    [86_400_000, '0 0 */24 * * *'],
    [7_000, undefined],
    [100, undefined],
    [1_500, undefined],
    [90_000, undefined],
    [25_200_000, undefined],
  ] as const)
    it(`returns ${expression ?? 'undefined'} for ${ms} ms`, () => assert.equal(cronOf(ms), expression));
});

describe('marksOf', () => {
  const zone = process.env['TZ'];
  after(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });
  for (const [what, timeZone, periodMs, at, mark] of [
    ['a second', 'UTC', 1_000, '2026-03-01T10:00:07.250Z', '2026-03-01T10:00:08Z'],
    ['15 s', 'UTC', 15_000, '2026-03-01T10:00:07.250Z', '2026-03-01T10:00:15Z'],
    ['15 s, at a mark', 'UTC', 15_000, '2026-03-01T10:00:15Z', '2026-03-01T10:00:30Z'],
    ['15 s, before a new hour', 'UTC', 15_000, '2026-03-01T10:59:45.001Z', '2026-03-01T11:00:00Z'],
    ['5 min', 'UTC', 300_000, '2026-03-01T10:57:01Z', '2026-03-01T11:00:00Z'],
    ['6 h', 'UTC', 21_600_000, '2026-03-01T18:00:00Z', '2026-03-02T00:00:00Z'],
    ['a day', 'UTC', 86_400_000, '2026-02-28T00:00:01Z', '2026-03-01T00:00:00Z'],
    [
      '6 h in a zone of half hours',
      'Asia/Kolkata',
      21_600_000,
      '2026-03-01T10:00:07Z',
      '2026-03-01T12:30:00Z',
    ],
    [
      '5 min in an hour that repeats',
      'Europe/Berlin',
      300_000,
      '2026-10-25T00:58:00Z',
      '2026-10-25T01:00:00Z',
    ],
    [
      'an hour before one that is left out',
      'Europe/Berlin',
      3_600_000,
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:00:00Z',
    ],
  ] as const)
    it(`finds the next mark of ${what}`, (test) => {
      process.env['TZ'] = timeZone;
      test.mock.timers.enable({ apis: ['Date'], now: Date.parse(at) });
      assert.equal(marksOf(periodMs)?.(), Date.parse(mark));
    });
});

/** Timers and a monotonic clock that advance only when the test says so. */
function pausedClock(test: TestContext): { pass(ms: number): Promise<void> } {
  let ticks = 0;
  test.mock.timers.enable({ apis: ['setTimeout'] });
  test.mock.method(process, 'hrtime', () => [0, ticks * 1e6]);
  return {
    async pass(ms) {
      ticks += ms;
      test.mock.timers.tick(ms);
      // Let the work that a timer started reach its next timer.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('every', () => {
  for (const periodMs of [100, 1_000])
    it(`runs a task that takes 1.5 periods of ${periodMs} ms one at a time, until it is stopped`, async (test) => {
      const clock = pausedClock(test);
      let running = 0;
      let most = 0;
      let runs = 0;
      const stop = every(
        periodMs,
        async () => {
          running++;
          most = Math.max(most, running);
          runs++;
          // Longer than the period: the next run falls due meanwhile.
          await new Promise((done) => setTimeout(done, periodMs * 1.5));
          running--;
          if (runs === 2) stop();
        },
        silent,
      );
      for (let quarters = 0; quarters < 40; quarters++) await clock.pass(periodMs / 4);
      assert.equal(most, 1);
      assert.equal(running, 0);
      assert.equal(runs, 2);
    });
});
