/** OOM kills by this machine's kernel, outside pods: at the cgroup's own limit, and at the limit of its parent. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { tempDir } from '../temp.ts';
import { directoryOf, makeCgroup, ownCgroup, setLimit } from './machine/cgroups.ts';
import { Cleanup } from './machine/cleanup.ts';
import { until } from './machine/command.ts';
import { realmem, startAgent } from './realmem/agent.ts';

const MiB = 2 ** 20;

test('OOM kills outside pods', { timeout: 120_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const directory = tempDir(t);
  const own = ownCgroup(cleanup);
  const [limited, parent] = [`${own}/limited.service`, `${own}/parent`];
  const nested = `${parent}/nested.service`;
  for (const cgroup of [limited, parent, nested]) makeCgroup(cgroup);
  for (const [cgroup, limit] of [
    [limited, 32],
    [parent, 32],
    [nested, 64],
  ] as const)
    setLimit(cgroup, limit * MiB);

  /** Runs an agent until it has seen `kills` OOM kills of each service. */
  const observeUntil = async (kills: number, act: () => void): Promise<void> => {
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
    await until(`${kills} OOM kills of each service`, async () => {
      const { others } = await agent.reportSince(Date.now());
      const seen = others.filter(({ cgroup }) => cgroup === limited || cgroup === nested);
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
    const [atLimit, notAtLimit] = [all.get('service/limited'), all.get('service/nested')];
    assert.equal(atLimit?.oomKills, kills);
    assert.match(atLimit.because.join('\n'), /killed .* at a limit of 32Mi: limit at least 36\.8Mi/);
    assert.equal(notAtLimit?.oomKills, kills);
    assert.match(notAtLimit.because.join('\n'), /killed .*, not at its own limit/);
  };
  const killBoth = (): void => {
    for (const cgroup of [limited, nested]) fill(cgroup);
  };

  await t.test(
    'appear in the suggestion as a kill at its own limit, or at the limit of the parent',
    async () => {
      await observeUntil(1, killBoth);
      check(1);
    },
  );

  await t.test(
    'count once after restarts of the agent, and also if they happen while no agent runs',
    async () => {
      await observeUntil(1, () => {});
      check(1);
      killBoth();
      await observeUntil(2, () => {});
      check(2);
    },
  );
});

interface Suggested {
  readonly workload: string;
  readonly oomKills: number;
  readonly because: readonly string[];
}

/** Takes memory in a cgroup until the kernel kills it, or until 256 MiB. */
function fill(cgroup: string): void {
  const script = 'ulimit -v 262144 && echo 0 >"$0/cgroup.procs" && exec tail /dev/zero';
  const { signal } = spawnSync('sh', ['-c', script, directoryOf(cgroup)], { stdio: 'ignore' });
  assert.equal(signal, 'SIGKILL');
}
