/** Compares `free` and `/proc/meminfo` with what `realmem explain` says that they show. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownCgroup } from './machine/cgroups.ts';
import { Cleanup } from './machine/cleanup.ts';
import { until } from './machine/command.ts';
import { readMeminfo } from './machine/meminfo.ts';
import { free, procpsVersion, requireProcps } from './machine/procps.ts';
import { realmem } from './realmem/agent.ts';
import { parseExplained } from './realmem/explained.ts';
import { mebibyte } from './runtimes/container.ts';

test('realmem explain shows the same figure as', { timeout: 240_000 }, async (t) => {
  requireProcps();
  const own = ownCgroup(new Cleanup(t));

  /**
   * A test cannot freeze the host. So exactly one formula must give a figure between the readings before and after. If these
   * differ by more than 32 MiB, any figure would match, so the test tries again.
   */
  async function between(version: string, read: () => number): Promise<void> {
    const found = await until(
      `explain between two readings: free ${version}`,
      () => {
        const before = read();
        const explained = parseExplained(realmem(['explain', own, '-o', 'json']));
        const after = read();
        if (Math.abs(after - before) > 32 * mebibyte) return undefined;
        const within = ({ bytes = 0 }): boolean =>
          bytes >= Math.min(before, after) && bytes <= Math.max(before, after);
        const rows = explained.filter(({ tool }) => tool === 'free, used').filter(within);
        return rows.length === 1 && rows[0]?.version === version
          ? { before, after, row: rows[0] }
          : undefined;
      },
      60,
    );
    t.diagnostic(`free ${version}: ${found.before}, explain ${found.row.bytes}, ${found.after}`);
    assert.equal(found.row.shows, String(Math.floor((found.row.bytes ?? 0) / 1024)));
  }

  await t.test('used of free -b', () => {
    const [major = 0, minor = 0, patch = 0] = procpsVersion();
    const isCurrent = major * 10_000 + minor * 100 + patch >= 40_001;
    return between(isCurrent ? 'from 4.0.1' : '3.3.10 to 4.0.0', () => free()['used'] ?? 0);
  });

  await t.test('total minus free, buffers and cache of free -b, the used of older versions', () =>
    between('3.3.10 to 4.0.0', () => {
      const { total = 0, free: unused = 0, buffers = 0, cache = 0 } = free();
      return total - unused - buffers - cache;
    }),
  );

  await t.test('used as the oldest free computed it from /proc/meminfo', () =>
    between('to 3.3.9, -/+', () => {
      const { MemTotal = 0, MemFree = 0, Buffers = 0, Cached = 0 } = readMeminfo();
      return MemTotal - MemFree - Buffers - Cached;
    }),
  );
});
