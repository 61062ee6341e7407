import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Health } from '../../src/agent/health.ts';
import { openListeners } from '../../src/agent/listeners.ts';
import type { Config } from '../../src/agent/settings.ts';
import { openLog } from '../../src/edges/log.ts';
import type { Address } from '../../src/http/listener.ts';

const anyPort = { host: '127.0.0.1', port: 0 };

async function open(
  test: TestContext,
  {
    probe = 'off',
    report = 'off',
    metricsAuth = false,
  }: {
    readonly probe?: Address | 'off';
    readonly report?: Address | 'off';
    readonly metricsAuth?: boolean;
  },
) {
  const config = { probeAddress: probe, reportAddress: report, metricsAuth } as Config;
  const log: string[] = [];
  const listeners = await openListeners(
    config,
    new Health(5_000, 0),
    undefined,
    openLog('info', (line) => log.push(line)),
  );
  test.after(() => Promise.all([listeners.probes?.close(), listeners.report?.close()]));
  return { listeners, log };
}

describe('openListeners', () => {
  it('opens both and logs their addresses', async (test) => {
    const { listeners, log } = await open(test, { probe: anyPort, report: anyPort });
    assert.match(listeners.probes?.address ?? '', /^127\.0\.0\.1:\d+$/);
    assert.match(log.join(''), /"msg":"probes and metrics served".*\n.*"msg":"report served"/);
    assert.deepEqual(listeners.troubles, []);
  });

  it('opens none that is off', async (test) => {
    const { listeners } = await open(test, {});
    assert.deepEqual(listeners, { troubles: [] });
  });

  it('reports a port in use as a trouble, and opens the other', async (test) => {
    const { listeners } = await open(test, { probe: anyPort });
    const port = Number(listeners.probes?.address.split(':').at(-1));
    const second = await open(test, { probe: { host: '127.0.0.1', port }, report: anyPort });
    assert.match(second.listeners.troubles.join(), /^probes and metrics not served: .*EADDRINUSE/);
    assert.equal(second.listeners.probes, undefined);
    assert.ok(second.listeners.report !== undefined);
  });

  it('fails if metrics must be authorized and there is no cluster to ask', async (test) => {
    await assert.rejects(
      open(test, { probe: anyPort, metricsAuth: true }),
      /metricsAuth: expected a cluster to ask who may read the metrics, got none/,
    );
  });
});
