/** Compares common tools on one container with what `realmem explain` says that they show. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import type { Processes } from '../../src/model/process.ts';
import { directoryOf, readMemory, whileUnchanged } from './machine/cgroups.ts';
import { Cleanup } from './machine/cleanup.ts';
import { until } from './machine/command.ts';
import { pmap, psRss, requireProcps, topRes } from './machine/procps.ts';
import { realmem } from './realmem/agent.ts';
import { type Explained, parseExplained, rowOf } from './realmem/explained.ts';
import { type Container, idle, mebibyte, rereads, untilWarm } from './runtimes/container.ts';
import { startContainerd } from './runtimes/containerd.ts';
import { startDockerd } from './runtimes/dockerd.ts';

/** Heap of the shell, which each child shares and counts in its RSS. */
const heap = 8 * mebibyte;
const children = 3;

/** Reads a file once, so its pages stay inactive. docker subtracts those. */
const once = `dd if=/dev/zero of=/once bs=${mebibyte} count=10`;

/** Processes that share memory, plus the tmpfs and the file of `rereads`. */
const shares = `
  ${once}
  heap=$(dd if=/dev/zero bs=${heap} count=1 | busybox tr '\\0' x)
  for n in $(busybox seq ${children}); do (while :; do sleep 3600; done) & done
  ${rereads}`;

const explain = ({ id }: Container): Explained => parseExplained(realmem(['explain', id, '-o', 'json']));

const pidsOf = ({ cgroup }: Container): readonly number[] =>
  fs
    .readFileSync(`${directoryOf(cgroup)}/cgroup.procs`, 'utf8')
    .trim()
    .split('\n')
    .map(Number);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

test('realmem explain shows the same figures as', { timeout: 300_000 }, async (t) => {
  requireProcps();
  const cleanup = new Cleanup(t);
  const dockerd = await startDockerd(cleanup, await startContainerd(cleanup));
  const container = dockerd.start(shares, '--memory', '128m');
  const quiet = dockerd.start(`${once}; ${idle}`);
  await untilWarm(container);
  await until(
    'the pages of a file that was read once to be inactive',
    () => readMemory(quiet.cgroup).inactiveFile > 9 * mebibyte || undefined,
  );
  for (const one of [container, quiet]) one.pause();
  const pids = pidsOf(container);
  const still = async <Value>(act: () => Value): Promise<Value> =>
    (await whileUnchanged([container.cgroup, quiet.cgroup], act)).value;

  await t.test('ps aux in the sum of RSS', async () => {
    const { explained, theirs } = await still(() => ({ explained: explain(container), theirs: psRss(pids) }));
    const { shows } = rowOf(explained, 'ps, RSS');
    t.diagnostic(`ps aux: ${theirs.join(' + ')} = ${sum(theirs)}; explain: ${shows}`);
    assert.equal(shows, String(sum(theirs)));
    assert.ok(
      theirs.filter((rss) => rss * 1024 > heap).length > children,
      'a process lacks the heap in its RSS',
    );
  });

  await t.test('top -b in the sum of RES', async () => {
    const { explained, theirs } = await still(() => ({
      explained: explain(container),
      theirs: topRes(pids),
    }));
    const { shows } = rowOf(explained, 'top, RES');
    t.diagnostic(`top: ${theirs.join(' + ')} = ${sum(theirs)}; explain: ${shows}`);
    assert.equal(shows, String(sum(theirs)));
  });

  await t.test(
    'pmap -d in mapped, writeable/private and shared of each process, and in their sums',
    async () => {
      const { explained, ours, theirs } = await still(() => ({
        explained: explain(container),
        ours: JSON.parse(realmem(['ps', container.id, '-o', 'json'])) as Processes,
        theirs: pids.map(pmap),
      }));
      const inKiB = pids.map((pid) => {
        const maps = ours.processes.find((process) => process.pid === pid)?.maps;
        const { mapped = 0, writablePrivate = 0, shared = 0 } = maps ?? {};
        return { mapped: mapped / 1024, writablePrivate: writablePrivate / 1024, shared: shared / 1024 };
      });
      assert.deepEqual(inKiB, theirs);
      const { shows } = rowOf(explained, 'pmap -d, writeable/private');
      const total = sum(theirs.map(({ writablePrivate }) => writablePrivate));
      t.diagnostic(`pmap -d: ${JSON.stringify(theirs[0])} …, ${total}K; explain: ${shows}`);
      assert.equal(shows, `${total}K`);
    },
  );

  for (const [name, one] of Object.entries({ 'a limit': container, 'no limit': quiet }))
    await t.test(`docker stats in MEM USAGE / LIMIT and MEM %, with ${name}`, async () => {
      const { explained, theirs } = await still(() => ({
        explained: explain(one),
        theirs: dockerd.stats([one])[0],
      }));
      const { shows } = rowOf(explained, 'docker stats', 'from 20.10');
      t.diagnostic(`docker stats: ${theirs?.MemUsage}  ${theirs?.MemPerc}; explain: ${shows}`);
      assert.equal(shows, `${theirs?.MemUsage}  ${theirs?.MemPerc}`);
    });

  await t.test('runc events --stats in the five figures of libcontainer', async () => {
    const { explained, theirs } = await still(() => ({
      explained: explain(container),
      theirs: dockerd.libcontainer(container),
    }));
    const { cache = 0, usage, swap, kernel, kernelTCP } = theirs;
    const five = {
      cache,
      usage: usage.usage ?? 0,
      'swap usage': swap.usage ?? 0,
      'kernel usage': kernel.usage ?? 0,
      'kernel tcp usage': kernelTCP.usage ?? 0,
    };
    t.diagnostic(`runc: ${JSON.stringify(five)}`);
    const ours = Object.keys(five).map((name) => [name, rowOf(explained, `libcontainer ${name}`).bytes]);
    assert.deepEqual(Object.fromEntries(ours), five);
  });
});
