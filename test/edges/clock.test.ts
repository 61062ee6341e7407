import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { cronOf, every } from '../../src/edges/clock.ts';

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

/** Timers and a monotonic clock that advance only when the test says so. */
function pausedClock(test: TestContext): { pass(ms: number): Promise<void> } {
  let ticks = 0;
  test.mock.timers.enable({ apis: ['setTimeout'] });
  test.mock.method(performance, 'now', () => ticks);
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
