import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Health } from '../../src/agent/health.ts';
import { loop, reportSchedule } from '../../src/agent/loop.ts';
import { openNode } from '../../src/agent/source.ts';
import type { Ticked } from '../../src/agent/tick.ts';
import type { NodeReport, Sink } from '../../src/model/report.ts';
import { lay, tempDir } from '../temp.ts';

const collecting = (reports: NodeReport[]): Sink => ({
  name: 'memory',
  async write(report) {
    reports.push(report);
  },
  async close() {},
});

function host(test: TestContext): string {
  const directory = tempDir(test);
  lay(directory, {
    'sys/fs/cgroup/a.service/memory.current': '5\n',
    'sys/fs/cgroup/a.service/memory.stat': 'active_file 1\ninactive_file 1\n',
  });
  return directory;
}

describe('the loop', () => {
  it('ticks at once and then every period, reports when due, and stops', async (test) => {
    const reports: NodeReport[] = [];
    const node = openNode({ root: host(test) }, [collecting(reports)]);
    const health = new Health(100, 0);
    const ticks: Ticked[] = [];
    let stop: (() => Promise<void>) | undefined;
    const enough = new Promise<void>((resolve) => {
      void loop(node, {
        periodMs: 100,
        reportPeriodMs: 200,
        health,
        log: { warn: () => {} },
        onTick: (ticked) => {
          ticks.push(ticked);
          if (ticks.length === 5) resolve();
        },
        onError: (error) => assert.fail(String(error)),
      }).then((stopped) => {
        stop = stopped;
      });
    });
    await enough;
    assert.ok(stop);
    await stop();
    assert.ok(ticks[0]?.report !== undefined, 'the first tick reports');
    assert.ok(
      reports.length >= 2 && reports.length < ticks.length,
      `${reports.length} reports in ${ticks.length} ticks`,
    );
    assert.equal(health.metrics.passes, ticks.length);
  });
});

describe('reportSchedule', () => {
  /**
   * The seconds at which a report is due, for passes every 5 s.
   * @param steps [second, how far the wall clock is off from then on, in seconds]
   */
  function made(test: TestContext, steps: readonly (readonly [number, number])[], seconds: number) {
    const isDue = reportSchedule(5_000, 60_000);
    const began = 1_795_000_000_000;
    const at: number[] = [];
    test.mock.timers.enable({ apis: ['Date'], now: began });
    for (let second = 0; second < seconds; second += 5) {
      const off = steps.findLast(([from]) => second >= from)?.[1] ?? 0;
      test.mock.timers.setTime(began + 1000 * (second + off));
      if (isDue(Date.now(), 1000 * second)) at.push(second);
    }
    test.mock.timers.reset();
    return at;
  }

  it('reports at once, and then at marks of the wall clock', () => {
    const isDue = reportSchedule(1_000, 10_000);
    const now = Date.now();
    assert.equal(isDue(now, 0), true);
    const mark = Math.ceil((now + 1) / 10_000) * 10_000;
    assert.equal(isDue(mark - 1, 5_000), false);
    assert.equal(isDue(mark, 5_000), true);
  });

  it('reports about once per period, however the wall clock is set', (test) => {
    const hour = 3_600;
    for (const off of [-hour, 7 * 24 * hour, -1.7e9, 365 * 24 * hour]) {
      const times = made(
        test,
        [
          [130, off],
          [610, 0],
        ],
        1_200,
      );
      const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      assert.ok(Math.max(...gaps) <= 65, `${off}: ${times}`);
      assert.ok(times.length >= 17 && times.length <= 24, `${off}: ${times}`);
    }
  });
});
