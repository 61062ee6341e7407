/**
 * Sets the clock of a node under its agent with `date -s` in the guest. The agent must not stop, lose data or misdate
 * it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { historyOf } from '../../src/checkpoint/kept-history.ts';
import type { NodeReport } from '../../src/model/report.ts';
import { closeWindows } from '../../src/usage/history.ts';
import { guestNode, openBed } from './bed/bed.ts';
import { idlePod } from './bed/pods.ts';
import { atAgent } from './release/agent-process.ts';
import { namespace, releaseOn } from './release/release.ts';

const testNamespace = 'realmem-clock-test';
const bed = await openBed();
const release = releaseOn(bed);

const hour = 3_600;
const day = 24 * hour;
/** Seconds since 1970 by this machine's clock. */
const now = (): number => Date.now() / 1000;

const setClock = (at: number): Promise<string> => bed.inGuest(`date -s @${Math.round(at)}`);

/**
 * Asks from inside the guest. With a wrong clock there, the kubelet and the API server reject each other's
 * certificates.
 */
const ask = (port: number, path: string): Promise<string> =>
  atAgent(bed, guestNode, `busybox nsenter -t $pid -n busybox wget -q -O - http://127.0.0.1:${port}${path}`);

async function metric(name: string): Promise<number> {
  const text = await ask(9643, '/metrics');
  const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
  assert.ok(value !== undefined, `/metrics has no ${name}`);
  return Number(value);
}

async function morePasses(count: number): Promise<void> {
  const last = (await metric('realmem_passes_total')) + count;
  await bed.waitFor(`${count} more passes`, async () => (await metric('realmem_passes_total')) >= last);
}

const clockTrusted = async () => {
  const report = JSON.parse(await ask(9644, '/report.json')) as NodeReport;
  return report.conditions.find(({ type }) => type === 'ClockTrusted');
};

const mapOf = async (): Promise<unknown> =>
  JSON.parse(await bed.kubectl('get', 'configmap', `history-${guestNode}`, '-n', namespace, '-o', 'json'));

before(async () => {
  assert.ok(
    bed.nodes.includes(guestNode),
    'this test needs the guest: only its clock can be set; start the cluster without --host-only',
  );
  await bed.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${testNamespace}}\n`);
  await bed.kubectl('wait', '--for=create', 'serviceaccount/default', '-n', testNamespace, '--timeout=30s');
  await bed.apply(idlePod(testNamespace, 'stays', guestNode));
  await release.install({ 'config.historyPeriod': '3s' });
  await bed.waitFor('the pod in the history', async () =>
    [...closeWindows(historyOf(await mapOf()))].some(({ key }) => key.namespace === testNamespace),
  );
});

after(async () => {
  await setClock(now());
  await bed.kubectl('delete', 'namespace', testNamespace, '--ignore-not-found');
  await release.uninstall();
});

describe('the agent of a node whose clock', { timeout: 600_000 }, () => {
  for (const [name, shows] of [
    ['an hour back', () => now() - hour],
    ['seven days ahead', () => now() + 7 * day],
    ['to 1970', () => day],
    ['a year ahead', () => now() + 365 * day],
  ] as const)
    it(`is set ${name} keeps sampling, distrusts the clock, and trusts it again after the correction`, async () => {
      const agent = await release.podOf(guestNode);
      const began = Math.floor(now() / day);
      await setClock(shows());
      try {
        await bed.waitFor(
          'the agent to distrust the clock',
          async () => (await metric('realmem_clock_trusted')) === 0,
        );
        await morePasses(5);
        assert.equal(await ask(9643, '/healthz'), 'ok\n');
        const condition = await bed.waitFor('a report with ClockTrusted=False', async () => {
          const found = await clockTrusted();
          return found?.status === 'False' && found;
        });
        assert.match(condition.reason, /^(OffTheCluster|BeforeRelease)$/);
      } finally {
        await setClock(now());
      }
      await bed.waitFor(
        'the agent to trust the clock',
        async () => (await metric('realmem_clock_trusted')) === 1,
      );
      const corrected = now();
      // By the time of this write, the agent trusts the API server's clock again.
      const read = await bed.waitFor(
        'a history written after the correction',
        async () => {
          const found = historyOf(await mapOf());
          return found.at >= corrected + 3 && found;
        },
        { timeoutMs: 120_000 },
      );
      assert.ok(read.at <= now() + 5, 'the history is dated ahead of the clock');
      assert.equal(read.dropped, undefined);
      const stays = [...closeWindows(read)].find(({ key }) => key.namespace === testNamespace)?.aggregate;
      assert.ok(stays !== undefined && stays.lastAt >= corrected);
      assert.deepEqual(
        [...stays.days.keys()].filter((number) => number < began || number > now() / day),
        [],
      );
      assert.equal(await release.podOf(guestNode), agent);
      const restarts = await bed.kubectl(
        ...['get', 'pod', agent, '-n', namespace],
        ...['-o', 'jsonpath={.status.containerStatuses[0].restartCount}'],
      );
      assert.equal(restarts, '0');
    });
});
