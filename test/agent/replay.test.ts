import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Health } from '../../src/agent/health.ts';
import { loop } from '../../src/agent/loop.ts';
import { tickOnce, ticksOver } from '../../src/agent/replay.ts';
import { openNode } from '../../src/agent/source.ts';
import type { NodeReport } from '../../src/model/report.ts';
import { id, recorded, replayed } from '../recording/recorded-host.ts';

describe('a replay', () => {
  for (const samples of [1, 2, 3, 4])
    it(`of ${samples} samples gives the report of the last one, with the history of all`, async (test) => {
      const { target, report } = await recorded(test, samples);
      assert.deepEqual(await replayed(target), report);
    });

  it('merges the peaks of all samples', async (test) => {
    const { target } = await recorded(test, 3);
    const container = (await replayed(target)).containers.find((one) => one.id === id);
    assert.deepEqual([container?.realBytes, container?.peakRealBytes], [570, 4970]);
  });

  it('gives one sample per tick, and stays at the last', async (test) => {
    const { target } = await recorded(test, 3);
    const node = openNode({ root: target }, []);
    const next = ticksOver(node);
    const seen: (number | undefined)[][] = [];
    for (let pass = 0; pass < 4; pass++) {
      const { report } = await next(0, true);
      const [container] = (report?.containers ?? []).filter((one) => one.id === id);
      seen.push([container?.realBytes, container?.peakRealBytes]);
    }
    node.host.close();
    assert.deepEqual(seen, [
      [670, 670],
      [4970, 4970],
      [570, 4970],
      [570, 4970],
    ]);
  });

  it('of several samples gives only the last to the sinks in a single tick', async (test) => {
    const { target } = await recorded(test, 3);
    const reports: NodeReport[] = [];
    const sink = {
      name: 'memory',
      async write(report: NodeReport) {
        reports.push(report);
      },
      async close() {},
    };
    const node = openNode({ root: target }, [sink]);
    const { report } = await tickOnce(node, 0);
    node.host.close();
    assert.deepEqual(reports, [report]);
  });

  for (const [samples, whose] of [
    [1, 'the time of the clock'],
    [2, 'its recorded times'],
  ] as const)
    it(`of ${samples} samples uses ${whose} for the history`, async (test) => {
      const { target } = await recorded(test, samples);
      const node = openNode({ root: target }, []);
      const clock = Date.UTC(2027, 0, 1);
      const { report } = await ticksOver(node)(clock, true);
      node.host.close();
      const [named] = node.history.kept().aggregates;
      const recordedAt = Date.parse(report?.observed.at ?? '');
      assert.equal(named?.aggregate.observedUntil, (samples === 1 ? clock : recordedAt) / 1000);
    });

  it('is driven by the loop', async (test) => {
    const { target } = await recorded(test, 2);
    const node = openNode({ root: target }, []);
    const seen: (number | undefined)[] = [];
    const second = Promise.withResolvers<void>();
    const stop = await loop(node, {
      ...{ periodMs: 100, reportPeriodMs: 100, health: new Health(100, 0), log: { warn: () => {} } },
      onTick: ({ report }) => {
        seen.push(report?.containers[0]?.realBytes);
        if (seen.length === 2) second.resolve();
      },
      onError: (error) => second.reject(error),
    });
    await second.promise;
    await stop();
    node.host.close();
    assert.deepEqual(seen.slice(0, 2), [670, 4970]);
  });
});
