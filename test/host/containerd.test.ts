/** Containers of a real containerd in the report of the agent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeReport } from '../../src/model/report.ts';
import { whileUnchanged } from './machine/cgroups.ts';
import { Cleanup } from './machine/cleanup.ts';
import { realmem, startAgent } from './realmem/agent.ts';
import {
  assertExact,
  assertListed,
  assertSameLines,
  assertTmpfsWithoutCache,
  describe,
  entryOf,
} from './realmem/figures.ts';
import { idle, rereads, untilWarm } from './runtimes/container.ts';
import { startContainerd } from './runtimes/containerd.ts';

const periodMs = 1_000;

test('containers of containerd', { timeout: 180_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const containerd = await startContainerd(cleanup);
  const agent = await startAgent(cleanup, ['--period', `${periodMs}ms`, '--report-dir', 'off']);
  await agent.untilReady();

  const busy = containerd.start('busy', rereads);
  const quiet = containerd.start('quiet', idle);
  const both = [busy, quiet];
  const cgroups = both.map(({ cgroup }) => cgroup);
  const started = Date.now();

  await t.test('appear in the next report with their real paths', async () => {
    const report = await agent.reportSince(started);
    for (const container of both) assertListed(report, container, container.id);
    // One period, and another one if a busy machine misses it.
    const late = Date.parse(report.observed.at ?? '') - started;
    assert.ok(
      late <= 2 * periodMs,
      `expected the report within ${2 * periodMs} ms of the containers' start, got ${late} ms`,
    );
  });

  await untilWarm(busy);
  for (const container of both) container.pause();

  await t.test('have exactly the figures of their files while paused', async () => {
    const { memory, value: report } = await whileUnchanged(cgroups, () => agent.reportSince(Date.now()));
    for (const [index, container] of both.entries()) assertExact(report, container, memory[index]);
    assertTmpfsWithoutCache(report, busy);
    for (const container of both) t.diagnostic(describe(report, container));
  });

  await t.test('give the same report from a recording', async () => {
    const { memory, value } = await whileUnchanged(cgroups, () => {
      const directory = `${cleanup.directory()}/recording`;
      return { directory, recorded: realmem(['record', directory, '-o', 'json']) };
    });
    const report = JSON.parse(value.recorded) as NodeReport;
    for (const [index, container] of both.entries()) assertExact(report, container, memory[index]);
    assertSameLines(realmem(['top', '--root', value.directory, '-o', 'json']), value.recorded);
  });

  await t.test('are absent from the next report after removal', async () => {
    for (const container of both) container.remove();
    const report = await agent.reportSince(Date.now());
    for (const container of both) assert.equal(entryOf(report, container), undefined);
    const left = report.skipped.filter(({ cgroup }) => cgroups.includes(cgroup));
    assert.deepEqual(left, [], 'expected no fault of an ended container');
  });

  await t.test('cause no warning in the log', () => assert.deepEqual(agent.warnings, []));
});
