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

  it('serves metrics in the format and encoding that a client asks for', async (test) => {
    const { listeners } = await open(test, { probe: anyPort });
    const get = async (headers: Readonly<Record<string, string>>) => {
      const response = await fetch(`http://${listeners.probes?.address}/metrics`, { headers });
      const [type, encoding] = ['content-type', 'content-encoding'].map((name) => response.headers.get(name));
      return { type, encoding, text: await response.text() };
    };
    const plain = await get({ accept: '*/*', 'accept-encoding': 'identity' });
    assert.deepEqual([plain.type, plain.encoding], ['text/plain; version=0.0.4; charset=utf-8', null]);
    assert.match(plain.text, /^# TYPE realmem_passes_total counter$/m);
    assert.match(plain.text, /^process_resident_memory_bytes \d+$/m);
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
    const packed = await get({ accept, 'accept-encoding': 'gzip' });
    assert.deepEqual(
      [packed.type, packed.encoding],
      ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'gzip'],
    );
    assert.match(packed.text, /^# TYPE realmem_passes counter$[\s\S]*\n# EOF\n$/m);
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
