/** The agent's listeners and its exit, with containers on the machine. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { NodeReport } from '../../src/model/report.ts';
import { Cleanup } from './machine/cleanup.ts';
import { requireTools, run } from './machine/command.ts';
import { startAgent } from './realmem/agent.ts';
import { assertListed } from './realmem/figures.ts';
import { idle } from './runtimes/container.ts';
import { startContainerd } from './runtimes/containerd.ts';

/** The shortest grace period of an orchestrator. The agent needs far less. */
const graceSeconds = 5;

test('the agent on a machine with a container', { timeout: 180_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const containerd = await startContainerd(cleanup);
  const container = containerd.start('quiet', idle);

  await t.test('answers probes and known pages, and refuses others', async () => {
    const agent = await startAgent(cleanup, ['--period', '1s', '--report-dir', 'off']);
    await agent.untilReady();
    assert.equal((await agent.probe('/healthz')).status, 200);
    assert.equal((await agent.probe('/readyz')).status, 200);
    assert.equal((await agent.page('/report.json')).status, 200);
    for (const path of ['/', '/report.json', '/metrics/'])
      assert.equal((await agent.probe(path)).status, 404, path);
    for (const path of ['/healthz', '/metrics', '/report.txt'])
      assert.equal((await agent.page(path)).status, 404, path);
    await agent.stop();
  });

  await t.test('serves metrics that promtool accepts without a warning', async () => {
    requireTools('promtool');
    const agent = await startAgent(cleanup, ['--period', '1s', '--report-dir', 'off']);
    await agent.untilReady();
    const metrics = await (await agent.probe('/metrics')).text();
    assert.ok(metrics.includes(`realmem_cgroup_real_bytes{cgroup="${container.cgroup}"`), metrics);
    // For lint warnings promtool prints to standard error and exits with 3.
    assert.equal(run(['promtool', 'check', 'metrics'], { input: metrics }), '');
    await agent.stop();
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    await t.test(`exits on ${signal}, keeps its report and releases its addresses`, async () => {
      const directory = `${cleanup.directory()}/reports`;
      const agent = await startAgent(cleanup, ['--period', '1s', '--report-dir', directory]);
      await agent.untilReady();
      const { code, signal: killed, seconds } = await agent.stop(signal);
      assert.deepEqual({ code, killed }, { code: 0, killed: null });
      assert.ok(seconds < graceSeconds, `the agent took ${seconds} s to exit`);
      for (const address of [agent.address('probes and metrics'), agent.address('report')])
        assert.equal(await connect(address), 'ECONNREFUSED', address);
      const files = fs.readdirSync(directory);
      assert.equal(files.length, 1, files.join(', '));
      const report = parse(fs.readFileSync(`${directory}/${files[0]}`, 'utf8')) as NodeReport;
      assert.equal(files[0], `${report.metadata.name}.yaml`);
      assertListed(report, container, container.id);
      assert.deepEqual(agent.warnings, []);
    });

  await t.test('exits on a signal before its first pass', async () => {
    // The agent has just started to listen. Without a handler, PID 1 of a container would ignore the signal.
    const agent = await startAgent(cleanup, ['--period', '1s', '--report-dir', 'off']);
    const { code, signal } = await agent.stop();
    assert.deepEqual({ code, signal }, { code: 0, signal: null });
  });

  await t.test('logs an address that is in use, and continues to sample', async () => {
    const address = await takeAddress(cleanup);
    const agent = await startAgent(cleanup, [
      ...['--probe-address', address, '--period', '1s', '--report-dir', 'off'],
    ]);
    const before = Date.now();
    assertListed(await agent.reportSince(before), container, container.id);
    assertListed(await agent.reportSince(Date.now()), container, container.id);
    const warnings = agent.warnings.map(({ level, msg }) => ({ level, msg }));
    assert.equal(warnings.length, 1, JSON.stringify(warnings));
    assert.equal(warnings[0]?.level, 'error');
    assert.match(warnings[0]?.msg ?? '', /^probes and metrics not served: .*EADDRINUSE/);
    assert.ok(warnings[0]?.msg.includes(address), warnings[0]?.msg);
    assert.equal((await agent.stop()).code, 0);
  });
});

/** The error code of a connection. Undefined if it succeeds. */
const connect = (address: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const { hostname: host, port } = new URL(`http://${address}`);
    const socket = net.connect({ host, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });

async function takeAddress(cleanup: Cleanup): Promise<string> {
  const server = net.createServer();
  cleanup.add(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}
