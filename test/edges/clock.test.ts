import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { cronOf, every } from '../../src/edges/clock.ts';

const silent = { warn: () => {} };

describe('a period as a cron expression', () => {
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
    it(`of ${ms} ms is ${expression ?? 'none: it has no marks'}`, () => assert.equal(cronOf(ms), expression));
});

/** Timers and ticks that go on only when the test says so. */
function pausedClock(test: TestContext): { pass(ms: number): Promise<void> } {
  let ticks = 0;
  test.mock.timers.enable({ apis: ['setTimeout'] });
  test.mock.method(performance, 'now', () => ticks);
  return {
    async pass(ms) {
      ticks += ms;
      test.mock.timers.tick(ms);
      // What a timer began goes on to its next timer.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('a schedule', () => {
  for (const periodMs of [100, 1_000])
    it(`each ${periodMs} ms runs again and again, never two at once, and stops`, async (test) => {
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
          // Longer than the period: the next one falls due meanwhile.
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
