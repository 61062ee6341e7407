/** What no part explains of a cgroup's usage: nothing beyond the kernel's own lag at rest, and a cause elsewhere. */
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
import { directoryOf, makeCgroup, ownCgroup, whileStill } from './cgroups.ts';
import { Cleanup } from './cleanup.ts';
import { endProcesses, run, until } from './command.ts';
import { mebibyte } from './container.ts';

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

/** One cgroup, with no more between its readings than there must be. */
function sampled(cgroup: string): MemoryUsage {
  const read = (file: string): Uint8Array | undefined => {
    const role = `${directoryOf(cgroup)}/${file}`;
    return fs.existsSync(role) ? fs.readFileSync(role) : undefined;
  };
  return usageOf(sampleCgroup({ id: { path: cgroup, inode: 1 }, read }, version, true), { machine });
}

/** Runs in the cgroup until it is told to end. */
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

/** What ends by itself, and leaves memory behind: each kind that a shell can make. */
const workloads = {
  files: 'dd if=/dev/zero of="$1/file" bs=1M count=40 status=none; cat "$1/file" "$1/file" > /dev/null',
  tmpfs: `dd if=/dev/zero of=${inTmpfs} bs=1M count=20 status=none`,
  directories: 'for n in $(seq 3000); do : > "$1/$n"; done',
  processes: 'for n in $(seq 50); do sleep 0; done',
} as const;

test('cgroups at rest', { timeout: 120_000 }, async (t) => {
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
  // It holds 30 MiB, and is stopped in the middle of what it does.
  const pid = start(cleanup, stopped, 'exec dd if=/dev/zero of=/dev/null bs=30M status=none');
  await until(
    'its memory to be in use',
    () => (sampled(stopped).usageBytes ?? 0) > 30 * mebibyte || undefined,
  );
  process.kill(pid, 'SIGSTOP');
  const all = [...cgroups, stopped];
  const { value } = await whileStill(all, reportNow);

  for (const cgroup of all)
    await t.test(`have nothing unexplained beyond the lag: ${cgroup.slice(own.length + 1)}`, () => {
      const { residualBytes, residualCause, usageBytes } =
        value.others.find((other) => other.cgroup === cgroup) ?? {};
      t.diagnostic(`${cgroup}: usage ${usageBytes}, residual ${residualBytes}, lag ${lagOf(machine)}`);
      assert.ok(residualBytes !== undefined);
      assert.ok(Math.abs(residualBytes) <= lagOf(machine), `${residualBytes}`);
      assert.equal(residualCause, undefined);
    });

  await t.test('and what is above them at most the pages that are held ready for several cgroups', () => {
    const { residualCause } = value.others.find((other) => other.cgroup === own) ?? {};
    assert.ok(residualCause === undefined || residualCause === 'statLag', `${residualCause}`);
  });
  process.kill(pid, 'SIGCONT');

  await t.test('and all others of this machine have no unknown cause', async () => {
    // What begins and ends between the files of one cgroup is a race that a second reading need not show: twice it is none.
    await until('a report without unknown causes', async () => {
      const { others, pods, containers } = await reportNow();
      const known = [...others, ...pods, ...containers].every(
        ({ residualCause }) => residualCause !== 'unknown',
      );
      return known || undefined;
    });
  });
});

test('a cgroup whose memory comes and goes', { timeout: 120_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const busy = ownCgroup(cleanup);
  start(cleanup, busy, 'while :; do dd if=/dev/zero of=/dev/null bs=200M count=1 status=none; done');
  const seen = new Map<ResidualCause, number>();

  await t.test('has residuals that are races', async () => {
    await until('a race', () => {
      for (let round = 0; round < 200; round++) {
        const { residualCause } = sampled(busy);
        if (residualCause !== undefined) seen.set(residualCause, (seen.get(residualCause) ?? 0) + 1);
      }
      return (seen.get('race') ?? 0) >= 3 || undefined;
    });
    t.diagnostic(JSON.stringify([...seen]));
    const races = seen.get('race') ?? 0;
    const unknown = seen.get('unknown') ?? 0;
    assert.ok(unknown <= races / 10, `${unknown} unknown beside ${races} races`);
  });
});
