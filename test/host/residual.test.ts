/** The residual of a cgroup: within the kernel's lag for an idle cgroup, and with a known cause otherwise. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { test } from 'node:test';
import { usageOf } from '../../src/account/memory.ts';
import { lagOf } from '../../src/account/residual.ts';
import { openNode } from '../../src/agent/source.ts';
import { tick } from '../../src/agent/tick.ts';
import { thisMachine } from '../../src/edges/machine.ts';
import type { NodeReport } from '../../src/model/report.ts';
import type { MemoryUsage, ResidualCause } from '../../src/model/usage.ts';
import { sampleCgroup } from '../../src/sample/cgroup.ts';
import { directoryOf, makeCgroup, ownCgroup, whileUnchanged } from './machine/cgroups.ts';
import { Cleanup } from './machine/cleanup.ts';
import { endProcesses, run, until } from './machine/command.ts';
import { mebibyte } from './runtimes/container.ts';

const machine = thisMachine();

const version = directoryOf('/').endsWith('/memory/') ? 1 : 2;

async function reportNow(): Promise<NodeReport> {
  const node = openNode({ root: '/' }, []);
  try {
    const { report } = await tick(node, Date.now(), true);
    assert.ok(report !== undefined);
    return report;
  } finally {
    node.host.close();
  }
}

/** Reads one cgroup, with as little time as possible between its files. */
function sampled(cgroup: string): MemoryUsage {
  const read = (file: string): Uint8Array | undefined => {
    const target = `${directoryOf(cgroup)}/${file}`;
    return fs.existsSync(target) ? fs.readFileSync(target) : undefined;
  };
  return usageOf(sampleCgroup({ id: { path: cgroup, inode: 1 }, read }, version, true), { machine });
}

/** Runs a script in the cgroup until the cleanup ends it. */
function start(cleanup: Cleanup, cgroup: string, script: string): number {
  const child = spawn(
    'sh',
    ['-c', `echo $$ > "$0" && ${script}`, `${directoryOf(cgroup)}/cgroup.procs`, cleanup.directory()],
    { stdio: 'ignore' },
  );
  const { pid } = child;
  assert.ok(pid !== undefined);
  cleanup.add(() => endProcesses([pid]));
  return pid;
}

const inTmpfs = `/dev/shm/realmem-test-${process.pid}`;

/** Scripts that exit and leave memory behind: every kind that a shell can create. */
const workloads = {
  files: 'dd if=/dev/zero of="$1/file" bs=1M count=40 status=none; cat "$1/file" "$1/file" > /dev/null',
  tmpfs: `dd if=/dev/zero of=${inTmpfs} bs=1M count=20 status=none`,
  directories: 'for n in $(seq 3000); do : > "$1/$n"; done',
  processes: 'for n in $(seq 50); do sleep 0; done',
} as const;

test('idle cgroups', { timeout: 120_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const own = ownCgroup(cleanup);
  cleanup.add(() => fs.rmSync(inTmpfs, { force: true }));
  const cgroups = Object.keys(workloads).map((name) => `${own}/${name}`);
  for (const [name, script] of Object.entries(workloads)) {
    makeCgroup(`${own}/${name}`);
    const procs = `${directoryOf(`${own}/${name}`)}/cgroup.procs`;
    run(['sh', '-c', `echo $$ > "$0" && ${script}`, procs, cleanup.directory()]);
  }
  const stopped = `${own}/stopped`;
  makeCgroup(stopped);
  // SIGSTOP interrupts it while it holds 30 MiB.
  const pid = start(cleanup, stopped, 'exec dd if=/dev/zero of=/dev/null bs=30M status=none');
  await until(
    'the process to hold 30 MiB',
    () => (sampled(stopped).usageBytes ?? 0) > 30 * mebibyte || undefined,
  );
  process.kill(pid, 'SIGSTOP');
  const all = [...cgroups, stopped];
  const { value } = await whileUnchanged(all, reportNow);

  for (const cgroup of all)
    await t.test(`have a residual within the lag: ${cgroup.slice(own.length + 1)}`, () => {
      const { residualBytes, residualCause, usageBytes } =
        value.others.find((other) => other.cgroup === cgroup) ?? {};
      t.diagnostic(`${cgroup}: usage ${usageBytes}, residual ${residualBytes}, lag ${lagOf(machine)}`);
      assert.ok(residualBytes !== undefined);
      assert.ok(
        Math.abs(residualBytes) <= lagOf(machine),
        `expected at most ${lagOf(machine)} bytes, got ${residualBytes}`,
      );
      assert.equal(residualCause, undefined);
    });

  await t.test('have a parent whose residual is at most the pages that the kernel precharges', () => {
    const { residualCause } = value.others.find((other) => other.cgroup === own) ?? {};
    assert.ok(
      residualCause === undefined || residualCause === 'statLag',
      `expected no cause or statLag, got ${residualCause}`,
    );
  });
  process.kill(pid, 'SIGCONT');

  await t.test('leave no residual of unknown cause on this machine', async () => {
    // If memory changes between the reads of two files, a second read of them can miss it. So try again.
    await until('a report without unknown causes', async () => {
      const { others, pods, containers } = await reportNow();
      const known = [...others, ...pods, ...containers].every(
        ({ residualCause }) => residualCause !== 'unknown',
      );
      return known || undefined;
    });
  });
});

test('a cgroup whose memory changes all the time', { timeout: 120_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const busy = ownCgroup(cleanup);
  start(cleanup, busy, 'while :; do dd if=/dev/zero of=/dev/null bs=200M count=1 status=none; done');
  const seen = new Map<ResidualCause, number>();

  await t.test('has residuals with the cause race', async () => {
    await until('a residual with the cause race', () => {
      for (let round = 0; round < 200; round++) {
        const { residualCause } = sampled(busy);
        if (residualCause !== undefined) seen.set(residualCause, (seen.get(residualCause) ?? 0) + 1);
      }
      return (seen.get('race') ?? 0) >= 3 || undefined;
    });
    t.diagnostic(JSON.stringify([...seen]));
    const races = seen.get('race') ?? 0;
    const unknown = seen.get('unknown') ?? 0;
    assert.ok(unknown <= races / 10, `${unknown} residuals of unknown cause, ${races} races`);
  });
});
