/** Kills by the kernel of this machine, outside pods: at the own limit, and at that of the cgroup above. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { tempDir } from '../temp.ts';
import { realmem, startAgent } from './agent.ts';
import { directoryOf, makeCgroup, ownCgroup, setLimit } from './cgroups.ts';
import { Cleanup } from './cleanup.ts';
import { until } from './command.ts';

const MiB = 2 ** 20;

test('kills outside pods', { timeout: 120_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const directory = tempDir(t);
  const own = ownCgroup(cleanup);
  const [held, above] = [`${own}/held.service`, `${own}/above`];
  const squeezed = `${above}/squeezed.service`;
  for (const cgroup of [held, above, squeezed]) makeCgroup(cgroup);
  for (const [cgroup, limit] of [
    [held, 32],
    [above, 32],
    [squeezed, 64],
  ] as const)
    setLimit(cgroup, limit * MiB);

  /** Lets an agent look until it has seen so many kills of each, and end. */
  const lookUntil = async (kills: number, act: () => void): Promise<void> => {
    const agent = await startAgent(cleanup, [
      '--period',
      '100ms',
      '--history-dir',
      directory,
      '--report-dir',
      'off',
    ]);
    await agent.reportSince(Date.now());
    act();
    await until(`${kills} kills of each`, async () => {
      const { others } = await agent.reportSince(Date.now());
      const seen = others.filter(({ cgroup }) => cgroup === held || cgroup === squeezed);
      return seen.length === 2 && seen.every(({ oomKills }) => oomKills === kills) ? true : undefined;
    });
    assert.equal((await agent.stop()).code, 0);
  };
  const suggested = (): ReadonlyMap<string, Suggested> => {
    const { items } = JSON.parse(realmem(['suggest', '--history', directory, '-o', 'json'])) as {
      readonly items: readonly Suggested[];
    };
    return new Map(items.map((item) => [item.workload, item]));
  };
  const check = (kills: number): void => {
    const all = suggested();
    const [atLimit, notAtLimit] = [all.get('service/held'), all.get('service/squeezed')];
    assert.equal(atLimit?.oomKills, kills);
    assert.match(atLimit.because.join('\n'), /killed .* at a limit of 32Mi: it needs 36.8Mi/);
    assert.equal(notAtLimit?.oomKills, kills);
    assert.match(notAtLimit.because.join('\n'), /killed .*, not at a limit of its own/);
  };
  const killBoth = (): void => {
    for (const cgroup of [held, squeezed]) fill(cgroup);
  };

  await t.test('reach a suggestion, each for what it was', async () => {
    await lookUntil(1, killBoth);
    check(1);
  });

  await t.test('count once however often an agent starts, and those between two of them, too', async () => {
    await lookUntil(1, () => {});
    check(1);
    killBoth();
    await lookUntil(2, () => {});
    check(2);
  });
});

interface Suggested {
  readonly workload: string;
  readonly oomKills: number;
  readonly because: readonly string[];
}

/** Takes memory in that cgroup until it is killed; should nobody kill it, it ends at 256 MiB. */
function fill(cgroup: string): void {
  const script = 'ulimit -v 262144 && echo 0 >"$0/cgroup.procs" && exec tail /dev/zero';
  const { signal } = spawnSync('sh', ['-c', script, directoryOf(cgroup)], { stdio: 'ignore' });
  assert.equal(signal, 'SIGKILL');
}
