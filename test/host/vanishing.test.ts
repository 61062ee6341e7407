/** Pods that start and end while the agent reads them, as on a busy node. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { MemoryUsage } from '../../src/model/usage.ts';
import { directoryOf, makeCgroup, ownCgroup, removeCgroup } from './machine/cgroups.ts';
import { Cleanup } from './machine/cleanup.ts';
import { type Agent, realmem, realmemAside, startAgent } from './realmem/agent.ts';
import { assertSameLines } from './realmem/figures.ts';

const passes = 40;

/** A pass takes as long as the creation of 50 pods, so most passes meet pods that are partly removed. */
const podsAtOnce = 50;

test('pods that start and end during a pass', { timeout: 120_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const own = ownCgroup(cleanup);
  const pods = `${own}/kubepods`;
  makeCgroup(pods);
  const lasting = `${pods}/pod${randomUUID()}`;
  makeCgroup(lasting);
  const agent = await startAgent(cleanup, ['--period', '100ms', '--report-dir', 'off']);
  await agent.untilReady();

  const faults = await agent.metric('realmem_read_faults_total');
  const { made, value } = await churn(pods, lasting, watch(agent, own));
  const { seen, partial } = value;

  const seconds = await agent.metric('realmem_last_pass_seconds');
  t.diagnostic(`${made} pods in ${passes} passes of some ${seconds} s; ${seen} reports had some of them`);

  await t.test('appear in reports', () => assert.ok(seen > 0, `no report has any of ${made} pods`));

  await t.test('appear in a report completely or not at all', () => assert.deepEqual(partial, []));

  await t.test('leave no entry in the report and no open file', async () => {
    const { pods: listed, containers, skipped } = await agent.reportSince(Date.now());
    const mine = [...listed, ...containers, ...skipped].filter(({ cgroup }) => cgroup.startsWith(own));
    assert.deepEqual(
      mine.map(({ cgroup }) => cgroup),
      [lasting],
    );
    const open = openBelow(agent.pid, pods).filter(
      (file) => !file.startsWith(`${directoryOf(lasting)}/memory.`),
    );
    assert.deepEqual(open, []);
  });

  await t.test('cause no fault and no warning, and the agent stays live', async () => {
    assert.equal((await agent.probe('/healthz')).status, 200);
    assert.equal(await agent.metric('realmem_read_faults_total'), faults);
    assert.deepEqual(agent.warnings, []);
    assert.equal((await agent.stop()).code, 0);
  });

  await t.test('give the same report from a recording', async () => {
    const { value: recordings } = await churn(pods, lasting, recordOften(cleanup));
    for (const { directory, report } of recordings)
      assertSameLines(realmem(['top', '--root', directory, '-o', 'json']), report);
  });
});

const containerIn = (pod: string): string => `${pod}/${randomBytes(32).toString('hex')}`;

function podAndContainer(pods: string): readonly string[] {
  const pod = `${pods}/pod${randomUUID()}`;
  return [pod, containerIn(pod)];
}

/** Creates and removes pods, and containers in the lasting pod, until `other` settles. */
async function churn<Value>(
  pods: string,
  lasting: string,
  other: Promise<Value>,
): Promise<{ readonly made: number; readonly value: Value }> {
  let isRunning = true;
  const value = other.finally(() => {
    isRunning = false;
  });
  let made = 0;
  let previous: readonly string[] = [];
  // Creates one set while it removes the other, so their number stays the same.
  while (isRunning) {
    const created = [
      ...Array.from({ length: podsAtOnce }, () => podAndContainer(pods)).flat(),
      containerIn(lasting),
    ];
    for (const [index, cgroup] of created.entries()) {
      makeCgroup(cgroup);
      const removed = previous[index];
      if (removed !== undefined) removeCgroup(removed);
    }
    made += podsAtOnce;
    previous = created.toReversed();
    await setImmediate();
  }
  for (const cgroup of previous) removeCgroup(cgroup);
  return { made, value: await value };
}

interface Watched {
  /** Reports that contained some of the pods. */
  readonly seen: number;
  /** Entries that a report contained only in part, or as a fault. */
  readonly partial: readonly { readonly cgroup: string }[];
}

/** Reads each report for some passes. */
async function watch(agent: Agent, own: string): Promise<Watched> {
  const isMine = ({ cgroup }: { readonly cgroup: string }): boolean => cgroup.startsWith(own);
  // The first and the last file that a pass reads.
  const isPartial = ({ usageBytes, failCount }: MemoryUsage): boolean =>
    usageBytes === undefined || failCount === undefined;
  const partial: { readonly cgroup: string }[] = [];
  let seen = 0;
  const passesMade = (): Promise<number> => agent.metric('realmem_passes_total');
  const last = (await passesMade()) + passes;
  while ((await passesMade()) < last) {
    const { pods, containers, skipped } = await agent.reportSince(0);
    const mine = [...pods, ...containers].filter(isMine);
    // The lasting pod always exists.
    if (mine.length > 1) seen++;
    partial.push(...mine.filter(isPartial), ...skipped.filter(isMine));
  }
  return { seen, partial };
}

interface Recorded {
  readonly directory: string;
  /** The report of the moment of the recording. */
  readonly report: string;
}

async function recordOften(cleanup: Cleanup): Promise<readonly Recorded[]> {
  const recordings: Recorded[] = [];
  for (let index = 0; index < 5; index++) {
    const directory = `${cleanup.directory()}/recording`;
    recordings.push({ directory, report: await realmemAside(['record', directory, '-o', 'json']) });
  }
  return recordings;
}

/** The open files of a process below a cgroup. */
function openBelow(pid: number, cgroup: string): readonly string[] {
  return fs
    .readdirSync(`/proc/${pid}/fd`)
    .map((descriptor) => {
      try {
        return fs.readlinkSync(`/proc/${pid}/fd/${descriptor}`);
      } catch {
        return ''; // closed meanwhile
      }
    })
    .filter((file) => path.dirname(file).startsWith(`${directoryOf(cgroup)}/`));
}
