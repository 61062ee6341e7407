/** Runs realmem without root: checks what a host shows to all users, and how realmem reports the rest. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import type { NodeReport } from '../../src/model/report.ts';
import { directoryOf, makeCgroup, ownCgroup, whileUnchanged } from './machine/cgroups.ts';
import { Cleanup } from './machine/cleanup.ts';
import { realmem, startAgent } from './realmem/agent.ts';
import { assertExact, assertListed } from './realmem/figures.ts';
import { asNobody } from './realmem/nobody.ts';
import { idle, rereads, untilWarm } from './runtimes/container.ts';
import { startContainerd } from './runtimes/containerd.ts';

test('a user without privileges', { timeout: 180_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const containerd = await startContainerd(cleanup);
  const busy = containerd.start('busy', rereads);
  const quiet = containerd.start('quiet', idle);
  const both = [busy, quiet];
  const { launch, home } = asNobody(cleanup);
  const once = ['agent', '--once', '--output', 'json'];
  const report = (text: string): NodeReport => JSON.parse(text) as NodeReport;
  await untilWarm(busy);
  for (const container of both) container.pause();

  await t.test('sees the same containers with the same figures', async () => {
    const cgroups = both.map(({ cgroup }) => cgroup);
    const { memory, value } = await whileUnchanged(cgroups, () => report(realmem(once, launch)));
    for (const [index, container] of both.entries()) {
      assertListed(value, container, container.id);
      assertExact(value, container, memory[index]);
    }
  });

  await t.test('stores reports in a directory of that user', async () => {
    const agent = await startAgent(cleanup, ['--period', '1s'], { launch, stateHome: home });
    await agent.untilReady();
    assert.equal((await agent.stop()).code, 0);
    const [file = ''] = fs.readdirSync(`${home}/realmem`);
    assert.equal(fs.statSync(`${home}/realmem/${file}`).uid, fs.statSync(home).uid);
    assert.deepEqual(agent.warnings, []);
  });

  await t.test('sees everything except the unreadable directory, which the report names', () => {
    const own = ownCgroup(cleanup);
    const [open, closed] = [`${own}/open`, `${own}/closed`];
    for (const cgroup of [open, closed, `${closed}/inner`]) makeCgroup(cgroup);
    fs.chmodSync(directoryOf(closed), 0o000);

    const toRoot = report(realmem(once));
    const toNobody = report(realmem(once, launch));
    const paths = ({ others }: NodeReport): readonly string[] => others.map(({ cgroup }) => cgroup);
    for (const cgroup of [own, open, closed, `${closed}/inner`]) assert.ok(paths(toRoot).includes(cgroup));
    for (const container of both) assertListed(toNobody, container, container.id);
    for (const cgroup of [own, open]) assert.ok(paths(toNobody).includes(cgroup), cgroup);

    const skipped = toNobody.skipped.filter(({ cgroup }) => cgroup.startsWith(own));
    assert.deepEqual([...new Set(skipped.map(({ cgroup }) => cgroup))], [closed]);
    for (const { why } of skipped) assert.match(why, /EACCES: permission denied/);
    const complete = toNobody.conditions.find(({ type }) => type === 'Complete');
    assert.equal(complete?.status, 'False');
    assert.equal(complete?.reason, 'ReadFailed');
  });

  await t.test('gets one skipped cgroup for that directory, for any number of files', async () => {
    const agent = await startAgent(cleanup, ['--period', '1s', '--report-dir', 'off'], { launch });
    const { skipped } = await agent.reportSince(0);
    const cgroups = new Set(skipped.map(({ cgroup }) => cgroup));
    assert.equal(await agent.metric('realmem_skipped_cgroups'), cgroups.size);
  });
});
