/** Sets the clock while the agent runs, and starts the agent with a wrong clock. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { decodeCheckpoint } from '../../src/checkpoint/read.ts';
import { closeWindows } from '../../src/usage/history.ts';
import { makeCgroup, ownCgroup } from './machine/cgroups.ts';
import { Cleanup } from './machine/cleanup.ts';
import { requireTools, until } from './machine/command.ts';
import { type Agent, project, startAgent } from './realmem/agent.ts';

requireTools('faketime');

/** In the format of `faketime`. */
const steps = {
  'an hour back': '-1h',
  'seven days ahead': '+7d',
  'to 1970': '@1970-01-02 00:00:00',
  'a year ahead': '+1y',
};
const correct = '+0';

/** The path of the library on this architecture. */
function library(): string {
  const name = 'faketime/libfaketime.so.1';
  const found = fs
    .readdirSync('/usr/lib')
    .map((directory) => `/usr/lib/${directory}/${name}`)
    .find((file) => fs.existsSync(file));
  assert.ok(found !== undefined, `expected /usr/lib/*/${name}, found none; apt-get install faketime`);
  return found;
}

class Clock {
  private readonly file: string;
  readonly launch: readonly [string, ...string[]];

  constructor(directory: string, shows: string) {
    this.file = `${directory}/clock`;
    this.set(shows);
    this.launch = [
      'env',
      `LD_PRELOAD=${library()}`,
      `FAKETIME_TIMESTAMP_FILE=${this.file}`,
      // Fake only the wall clock: nobody can set the kernel's other clocks.
      ...['FAKETIME_DONT_FAKE_MONOTONIC=1', 'FAKETIME_NO_CACHE=1', 'TZ=UTC'],
      // The heap limit of the image.
      ...[process.execPath, '--max-old-space-size=40', `${project}src/cli.ts`],
    ];
  }

  /** Atomic, because the agent can read it at any time. */
  set(shows: string): void {
    fs.writeFileSync(`${this.file}.new`, `${shows}\n`);
    fs.renameSync(`${this.file}.new`, this.file);
  }
}

/** Waits for `count` more passes. */
async function passes(agent: Agent, count: number): Promise<void> {
  const last = (await agent.metric('realmem_passes_total')) + count;
  await until(
    `${count} more passes`,
    async () => (await agent.metric('realmem_passes_total')) >= last || undefined,
  );
}

const isTrusted = (agent: Agent, value: 0 | 1): Promise<true> =>
  until(
    `realmem_clock_trusted to be ${value}`,
    async () => (await agent.metric('realmem_clock_trusted')) === value || undefined,
  );

async function clockCondition(agent: Agent): Promise<string> {
  const report = (await (await agent.page('/report.json')).json()) as {
    readonly conditions: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
    }[];
  };
  const found = report.conditions.find(({ type }) => type === 'ClockTrusted');
  return `${found?.status} ${found?.reason}`;
}

/** Reads the history of this test's service. */
function historyOf(directory: string, service: string) {
  const [file = ''] = fs.readdirSync(directory).filter((name) => name.endsWith('.history.json'));
  const read = decodeCheckpoint(file, fs.readFileSync(`${directory}/${file}`, 'utf8'));
  assert.equal(read.dropped, undefined);
  const aggregate = closeWindows(read).find({
    namespace: '',
    workload: `service/${service.replace('.service', '')}`,
    container: '',
  });
  return { at: read.at, aggregate };
}

for (const [name, step] of Object.entries(steps))
  test(`the agent keeps its history while the clock is set ${name}`, { timeout: 120_000 }, async (t) => {
    const cleanup = new Cleanup(t);
    const service = 'kept.service';
    makeCgroup(`${ownCgroup(cleanup)}/${service}`);
    const directory = cleanup.directory();
    const clock = new Clock(directory, correct);
    const history = `${directory}/history`;
    const began = Date.now() / 1000;
    const args = ['--period', '1s', '--report-dir', 'off', '--history-dir', history];
    const agent = await startAgent(cleanup, args, { launch: clock.launch });
    await agent.untilReady();
    await passes(agent, 2);

    clock.set(step);
    await isTrusted(agent, 0);
    await passes(agent, 3);
    assert.equal((await agent.probe('/healthz')).status, 200);
    assert.match(await clockCondition(agent), /^False (Stepped|BeforeRelease)$/);
    assert.equal(await agent.metric('realmem_clock_doubts_total'), 1);
    assert.equal(agent.warnings.length, 1, JSON.stringify(agent.warnings));

    clock.set(correct);
    await isTrusted(agent, 1);
    await passes(agent, 2);
    assert.equal(await clockCondition(agent), 'True Steady');
    assert.equal((await agent.stop()).code, 0);
    const { at, aggregate } = historyOf(history, service);
    const ended = Date.now() / 1000;
    assert.ok(
      at >= began - 1 && at <= ended + 1,
      `the history is dated ${at}, not between ${began} and ${ended}`,
    );
    assert.ok(aggregate !== undefined, 'the history lacks the service');
    const { since, observedFrom, lastAt } = aggregate;
    const hour = Math.floor(began / 3600) * 3600;
    assert.ok(
      since >= hour && observedFrom >= began - 1 && lastAt <= ended + 1,
      `${since} ${observedFrom} ${lastAt}`,
    );
    assert.deepEqual(
      [...aggregate.days.keys()],
      [...new Set([began, ended].map((one) => Math.floor(one / 86_400)))],
    );
  });

test('the agent dates nothing with a clock that shows 1970 at its start', { timeout: 120_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const service = 'kept.service';
  makeCgroup(`${ownCgroup(cleanup)}/${service}`);
  const directory = cleanup.directory();
  const clock = new Clock(directory, steps['to 1970']);
  const history = `${directory}/history`;
  const args = ['--period', '1s', '--report-dir', 'off', '--history-dir', history];
  const agent = await startAgent(cleanup, args, { launch: clock.launch });
  await agent.untilReady();
  await passes(agent, 3);
  assert.equal(await clockCondition(agent), 'False BeforeRelease');
  assert.deepEqual(
    fs.readdirSync(history).filter((name) => name.endsWith('.json')),
    [],
  );

  clock.set(correct);
  await isTrusted(agent, 1);
  await passes(agent, 2);
  assert.equal((await agent.stop()).code, 0);
  const { at, aggregate } = historyOf(history, service);
  assert.ok(Math.abs(at - Date.now() / 1000) < 30);
  assert.ok(
    aggregate !== undefined && aggregate.observedFrom > at - 60 && aggregate.since > at - 3660,
    `expected a history since ${at - 60} or later, got ${aggregate?.since} and ${aggregate?.observedFrom}`,
  );
});
