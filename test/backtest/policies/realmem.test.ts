import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Sizer } from '../../../src/backtest/policy.ts';
import { realmem } from '../../../src/backtest/realmem.ts';

const MiB = 2 ** 20;
const midnight = 20_000 * 86_400;
const hour = 3600;
const none = new Float64Array();
const series = { name: 'one', times: none, values: none, stepSeconds: 300 };

describe('the policy realmem, if a kill costs almost nothing', () => {
  const start = (): Sizer => {
    const sizer = realmem.start(0.02, series);
    assert.ok(sizer !== undefined);
    return sizer;
  };
  const observe = (sizer: Sizer, from: number, to: number, value: number): void => {
    for (let at = midnight + from * hour; at < midnight + to * hour; at += 300)
      sizer.observe(at, value * MiB);
  };
  const limitAt = (sizer: Sizer, hours: number): number => (sizer.limit(midnight + hours * hour) ?? 0) / MiB;

  it('forgets the peak at the start of a container', () => {
    const sizer = start();
    observe(sizer, 0, 0.08, 300);
    observe(sizer, 0.1, 8, 100);
    assert.ok(limitAt(sizer, 8) < 150, `${limitAt(sizer, 8)}`);
  });

  it('keeps the limit at the peak of the last hour and of the current one', () => {
    const sizer = start();
    observe(sizer, 0, 8, 100);
    observe(sizer, 8, 8.08, 300);
    assert.ok(limitAt(sizer, 8.5) >= 300);
    observe(sizer, 8.5, 9, 100);
    assert.ok(limitAt(sizer, 9) >= 300);
    observe(sizer, 9, 10, 100);
    assert.ok(limitAt(sizer, 10) < 150, `${limitAt(sizer, 10)}`);
  });

  it('keeps the limit at the peak of the day on the day of a kill', () => {
    const sizer = start();
    observe(sizer, 0, 8, 100);
    const raised = sizer.killed?.(midnight + 8 * hour, 200 * MiB) ?? 0;
    assert.ok(raised > 200 * MiB);
    observe(sizer, 8.1, 23, 100);
    assert.ok(limitAt(sizer, 23) > 229, `${limitAt(sizer, 23)}`);
    observe(sizer, 23, 32, 100);
    assert.ok(limitAt(sizer, 32) < 150, `${limitAt(sizer, 32)}`);
  });
});

describe('the policy realmem, with hourly updates', () => {
  // Usage is 100 MiB, and 300 MiB from 3:00 to 4:00 each night, for 15 days.
  const sizer = realmem.start(realmem.margin, series);
  assert.ok(sizer !== undefined);
  const limits: number[] = [];
  for (let at = 0; at < 15 * 24; at++) {
    const start = midnight + at * hour;
    if (at >= 14 * 24) limits.push((sizer.limit(start, start + hour) ?? 0) / MiB);
    for (let sample = start; sample < start + hour; sample += 300)
      sizer.observe(sample, (at % 24 === 3 ? 300 : 100) * MiB);
  }

  it('raises the limit for the nightly peak only', () => {
    assert.ok((limits[3] ?? 0) > 300, `${limits[3]}`);
    for (const at of [9, 12, 15, 18, 21]) assert.ok((limits[at] ?? 0) < 200, `${at}: ${limits[at]}`);
  });

  it('covers the nightly peak at any time if the limit stays for a day', () => {
    for (const at of [0, 9, 18]) {
      const start = midnight + (15 * 24 + at) * hour;
      assert.ok((sizer.limit(start, start + 24 * hour) ?? 0) > 300 * MiB);
    }
  });
});
