import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type OwnProcess, thisProcess } from '../../src/edges/machine.ts';
import { processGroup } from '../../src/metrics/own-process.ts';

const values = (own: OwnProcess): Readonly<Record<string, number | undefined>> =>
  Object.fromEntries(
    processGroup
      .families(own)
      .map(({ metric, lines }) => [metric.name, lines === '' ? undefined : Number(lines.split(' ')[1])]),
  );

/** The name holds what separates fields. utime 150, stime 50, starttime 4200, vsize 9000, rss 3. */
const stat = `7 (a) b (c)) S ${'0 '.repeat(10)}150 50 ${'0 '.repeat(6)}4200 9000 3 ${'0 '.repeat(20)}`;

it('process_* come from /proc, whatever the name of the process is', () => {
  const own = {
    stat,
    limits: 'Max open files            1024                 524288               files     \n',
    systemStat: 'cpu 1 2 3\nbtime 1700000000\n',
    openDescriptors: 12,
    pageBytes: 4096,
  };
  assert.deepEqual(values(own), {
    process_cpu_seconds_total: 2,
    process_resident_memory_bytes: 3 * 4096,
    process_virtual_memory_bytes: 9000,
    process_start_time_seconds: 1_700_000_042,
    process_open_fds: 12,
    process_max_fds: 1024,
  });
});

it('process_* that cannot be read are absent', () => {
  const found = Object.values(values({ pageBytes: 4096, limits: 'Max open files unlimited', stat: '' }));
  assert.deepEqual(
    found,
    found.map(() => undefined),
  );
});

it("process_* of this process agree with Node's own figures", () => {
  const before = process.memoryUsage.rss();
  const found = values(thisProcess(4096));
  const { user, system } = process.cpuUsage();
  assert.ok(Math.abs((found['process_cpu_seconds_total'] ?? 0) - (user + system) / 1e6) < 1);
  const ratio = (found['process_resident_memory_bytes'] ?? 0) / before;
  assert.ok(ratio > 0.5 && ratio < 2, `RSS ${ratio} times what Node says`);
  const age = Date.now() / 1000 - (found['process_start_time_seconds'] ?? 0);
  assert.ok(Math.abs(age - process.uptime()) < 5, `started ${age} s ago, and Node says ${process.uptime()}`);
  assert.ok((found['process_open_fds'] ?? 0) > 2);
  assert.ok((found['process_max_fds'] ?? 0) >= (found['process_open_fds'] ?? 0));
});
