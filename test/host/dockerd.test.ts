/** Containers of a real dockerd: compares our figures with those that docker prints. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Memory, readMemory, whileUnchanged } from './machine/cgroups.ts';
import { Cleanup } from './machine/cleanup.ts';
import { until } from './machine/command.ts';
import { type Agent, project, realmem, startAgent } from './realmem/agent.ts';
import { assertExact, assertListed, assertTmpfsWithoutCache, describe, entryOf } from './realmem/figures.ts';
import { type Container, idle, mebibyte, rereads, untilWarm } from './runtimes/container.ts';
import { startContainerd } from './runtimes/containerd.ts';
import { type DockerStats, startDockerd } from './runtimes/dockerd.ts';

test('containers of dockerd', { timeout: 180_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const dockerd = await startDockerd(cleanup, await startContainerd(cleanup));
  const agent = await startAgent(cleanup, ['--period', '1s', '--report-dir', 'off']);
  await agent.untilReady();

  const limited = dockerd.start(rereads, '--memory', '128m', '--name', 'shop-web-1');
  // Without a limit docker shows the host's memory.
  const unlimited = dockerd.start(rereads);
  const both = [limited, unlimited];
  const quiet = dockerd.start(idle);
  const cgroups = both.map(({ cgroup }) => cgroup);
  const started = Date.now();

  await t.test('appear in the next report with their real paths', async () => {
    const report = await agent.reportSince(started);
    for (const container of both) {
      const { limitBytes } = assertListed(report, container, shortId(container));
      assert.equal(limitBytes, container === limited ? 128 * mebibyte : undefined);
    }
  });

  await t.test('have the name of docker in the table, and as a TARGET', () => {
    const launch = [...dockerd.inside, process.execPath, `${project}src/cli.ts`] as const;
    const table = realmem(['top'], launch);
    assert.match(table, /\bshop-web-1 \(docker\)/);
    assert.doesNotMatch(table, new RegExp(shortId(limited)));
    assert.match(realmem(['explain', 'shop-web-1'], launch), /^shop-web-1 \(docker\) {3}/);
  });

  for (const container of both) await untilWarm(container);
  for (const container of [...both, quiet]) container.pause();

  await t.test('have exactly the figures of their files while paused', async () => {
    const { memory, value: report } = await whileUnchanged(cgroups, () => agent.reportSince(Date.now()));
    for (const [index, container] of both.entries()) {
      assertExact(report, container, memory[index]);
      assertTmpfsWithoutCache(report, container);
      t.diagnostic(describe(report, container));
    }
  });

  /** The output of docker and of the agent at one moment. */
  const printed = async (...containers: readonly Container[]): Promise<readonly Printed[]> => {
    const stats = dockerd.stats(containers);
    await agent.reportSince(Date.now());
    const table = await tableOf(agent);
    return containers.map((container, index) => {
      // The name of the column depends on the machine: with pods it is CONTAINER.
      const isRow = (row: Row): boolean =>
        Object.values(row).some((cell) => cell.startsWith(shortId(container)));
      return { docker: stats[index] as DockerStats, row: table.find(isRow) ?? {} };
    });
  };

  await t.test('show the same share in the table as docker stats', async () => {
    const { memory, value } = await whileUnchanged(cgroups, () => printed(...both));
    for (const [index, { docker, row }] of value.entries()) {
      t.diagnostic(`${cgroups[index]}: docker stats ${docker.MemUsage}, ${docker.MemPerc}`);
      const { usage, inactiveFile } = memory[index] as Memory;
      assert.equal(row['DOCKER-STATS'], docker.MemPerc);
      assertShows(docker.MemUsage.split(' / ')[0], usage - inactiveFile);
      assert.equal(row['KUBECTL-TOP'], `${Math.floor((usage - inactiveFile) / mebibyte)}Mi`);
    }
  });

  await t.test('round 3.125 % to 3.12 %, as docker does', async () => {
    // Go rounds half to even. Docker reads the cgroup at another time than the agent, and one page changes the share.
    const row = await until('docker to show 3.125 % as 3.12%', async () => {
      const { value } = await whileUnchanged([quiet.cgroup], () => {
        const { usage, inactiveFile } = readMemory(quiet.cgroup);
        dockerd.limit(quiet, 32 * (usage - inactiveFile));
        return printed(quiet);
      });
      return value[0]?.docker.MemPerc === '3.12%' ? value[0].row : undefined;
    });
    assert.equal(row['DOCKER-STATS'], '3.12%');
  });

  await t.test('are absent from the next report after removal', async () => {
    for (const container of [...both, quiet]) container.remove();
    const report = await agent.reportSince(Date.now());
    for (const container of both) assert.equal(entryOf(report, container), undefined);
  });

  await t.test('cause no warning in the log', () => assert.deepEqual(agent.warnings, []));
});

/** The output of `docker ps`. */
const shortId = ({ id }: Container): string => id.slice(0, 12);

interface Printed {
  readonly docker: DockerStats;
  readonly row: Row;
}

/** The cells of a row by heading. */
type Row = Readonly<Record<string, string>>;

/** Three spaces separate columns. The table ends at the first empty line. */
async function tableOf(agent: Agent): Promise<readonly Row[]> {
  const [table = ''] = (await (await agent.page('/')).text()).split('\n\n');
  const [headings = [], ...rows] = table.split('\n').map((line) => line.split(/ {3,}/));
  return rows.map((cells) =>
    Object.fromEntries(headings.map((heading, index) => [heading, cells[index] ?? ''])),
  );
}

/** Docker shows four digits in the largest binary unit (go-units, `%.4g`). */
function assertShows(shown: string | undefined, bytes: number): void {
  const [, figure, unit = ''] = /^([\d.]+)(\w+)$/.exec(shown ?? '') ?? [];
  const exact = bytes / 1024 ** ['B', 'KiB', 'MiB', 'GiB', 'TiB'].indexOf(unit);
  const lastPlace = 10 ** (Math.floor(Math.log10(exact)) - 3);
  const away = Math.abs(Number(figure) - exact);
  assert.ok(away <= 0.5001 * lastPlace, `docker shows ${shown} for ${bytes} bytes (${exact} ${unit})`);
}
