import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Health } from '../../src/agent/health.ts';
import { probeSite, reportSite } from '../../src/agent/serve.ts';
import { openNode } from '../../src/agent/source.ts';
import { tick } from '../../src/agent/tick.ts';
import type { HttpAnswer } from '../../src/http/listener.ts';
import { unpackPage } from '../../src/page/pack.ts';
import { reportOf } from '../report/reports.ts';
import { lay, tempDir } from '../temp.ts';

const textOf = (answer: HttpAnswer | undefined): string => Buffer.from(answer?.body ?? '').toString();

const own = () => ({ pageBytes: 4096, openDescriptors: 7 });

const forms = ['/', '/wide', '/report.json', '/report.yaml', '/report.csv'];

async function pass(test: TestContext, health: Health): Promise<void> {
  const directory = tempDir(test);
  lay(directory, {
    'sys/fs/cgroup/a.service/memory.current': '5\n',
    'sys/fs/cgroup/a.service/memory.stat': 'active_file 1\ninactive_file 1\n',
  });
  health.ticked(await tick(openNode({ root: directory }, []), 0, true), 0, 10);
}

describe('the served pages', () => {
  it('say ready once there is a report, and live while passes run', async (test) => {
    const health = new Health(5_000, 0);
    let at = 0;
    const { probe } = probeSite(health, () => at, own);
    const report = reportSite(health);
    assert.equal(probe?.('/readyz')?.status, 503);
    assert.equal(report.page('/')?.status, 503);
    await pass(test, health);
    assert.equal(probe?.('/readyz')?.status, 200);
    assert.equal(probe?.('/healthz')?.status, 200);
    at = 1_000_000;
    assert.equal(probe?.('/healthz')?.status, 503);
    for (const path of forms) assert.match(textOf(report.page(path)), /a/);
  });

  it('are 404 for any other path, and for those of the other listener', async (test) => {
    const health = new Health(5_000, 0);
    await pass(test, health);
    const probes = probeSite(health, () => 0, own);
    assert.match(textOf(probes.page('/metrics')), /^realmem_passes_total 1$/m);
    for (const path of [...forms, '/metrics/', '/healthz']) assert.equal(probes.page(path), undefined, path);
    for (const path of ['/metrics', '/healthz', '/etc/passwd', '/report.txt'])
      assert.equal(reportSite(health).page(path), undefined, path);
    assert.equal(probes.probe?.('/metrics'), undefined, '/metrics is not a probe');
  });

  it('are rendered at the first request after a pass, and shared by all requests until the next', () => {
    let reads = 0;
    const report = reportOf();
    const health = new Health(5_000, 0);
    const observe = (): void =>
      health.ticked(
        {
          report: {
            ...report,
            get containers() {
              reads++;
              return [];
            },
          },
          faults: [],
          failures: [],
        },
        0,
        10,
      );
    for (const [site, paths] of [
      [probeSite(health, () => 0, own), ['/metrics']],
      [reportSite(health), forms],
    ] as const)
      for (const path of paths) {
        observe();
        reads = 0;
        const first = site.page(path)?.body;
        const rendered = reads;
        assert.ok(first instanceof Uint8Array, path);
        assert.ok(rendered > 0, `${path} is rendered when it is asked for`);
        for (let scrape = 0; scrape < 60; scrape++) assert.equal(site.page(path)?.body, first, path);
        assert.equal(reads, rendered, `${path} is rendered once`);
        observe();
        assert.notEqual(site.page(path)?.body, first, `${path} is rendered anew after a pass`);
      }
  });

  it('answer /ui with a document that has a policy of its own, and /data.json with the last report', async (test) => {
    const health = new Health(5_000, 0);
    const { slowPage } = reportSite(health);
    const document = await slowPage?.('/ui');
    assert.equal(document?.status, 200, 'the document needs no report');
    assert.match(document?.headers?.['content-security-policy'] ?? '', /^default-src 'none'; /);
    assert.equal((await slowPage?.('/data.json'))?.status, 503);
    await pass(test, health);
    const data = await slowPage?.('/data.json');
    const { scope, others } = unpackPage(JSON.parse(textOf(data)));
    assert.deepEqual([scope, others?.map(({ name }) => name)], ['node', ['a']]);
    assert.equal(await slowPage?.('/data.json'), data, 'made once for a report');
    await pass(test, health);
    assert.notEqual(await slowPage?.('/data.json'), data, 'made anew after a pass');
    assert.equal(slowPage?.('/ui/'), undefined);
  });

  it('count closed connections by reason, from zero', () => {
    const health = new Health(5_000, 0);
    health.connectionClosed('source_limit');
    const text = textOf(probeSite(health, () => 0, own).page('/metrics'));
    assert.match(text, /^realmem_http_connections_closed_total\{reason="source_limit"\} 1$/m);
    assert.match(text, /^realmem_http_connections_closed_total\{reason="total_limit"\} 0$/m);
  });

  it('compress metrics for a client that asks, in the format that it asks for, once per pass', async () => {
    const health = new Health(5_000, 0);
    const site = probeSite(health, () => 0, own);
    const openMetrics = { accept: 'application/openmetrics-text;version=1.0.0' };
    const gzip = { ...openMetrics, acceptEncoding: 'gzip' };
    const plain = site.page('/metrics', openMetrics);
    assert.equal(plain?.type, 'application/openmetrics-text; version=1.0.0');
    assert.match(textOf(plain), /^# TYPE realmem_passes counter$[\s\S]*\n# EOF\n$/m);
    assert.equal(plain?.headers?.['content-encoding'], undefined);
    assert.equal(site.page('/metrics', gzip), undefined, 'the compressed page takes time');
    const packed = await site.slowPage?.('/metrics', gzip);
    assert.equal(packed?.type, plain?.type);
    assert.equal(packed?.headers?.['content-encoding'], 'gzip');
    assert.equal(packed?.headers?.['vary'], 'accept, accept-encoding');
    assert.equal(gunzipSync(packed?.body ?? '').toString(), textOf(plain));
    assert.equal((await site.slowPage?.('/metrics', gzip))?.body, packed?.body, 'the same bytes');
    assert.equal(site.slowPage?.('/report.json', gzip), undefined);
    health.ticked({ faults: [], failures: [] }, 0, 10);
    assert.notEqual((await site.slowPage?.('/metrics', gzip))?.body, packed?.body);
  });

  it('write and compress the report once for both formats and encodings, whatever passes follow without one', async () => {
    let reads = 0;
    const countingReport = () => ({
      ...reportOf(),
      get containers() {
        reads++;
        return [];
      },
    });
    const health = new Health(5_000, 0);
    const site = probeSite(health, () => 0, own);
    health.ticked({ report: countingReport(), faults: [], failures: [] }, 0, 10);
    const scrapes = async (): Promise<readonly string[]> => {
      const found: string[] = [];
      for (const accept of ['text/plain', 'application/openmetrics-text;version=1.0.0']) {
        found.push(textOf(site.page('/metrics', { accept })));
        const packed = await site.slowPage?.('/metrics', { accept, acceptEncoding: 'gzip' });
        found.push(gunzipSync(packed?.body ?? '').toString());
      }
      return found;
    };
    await scrapes();
    const rendered = reads;
    assert.ok(rendered > 0);
    for (let pass = 2; pass < 5; pass++) {
      health.ticked({ faults: [], failures: [] }, 0, 10);
      for (const text of await scrapes())
        assert.match(text, new RegExp(`^realmem_passes_total ${pass}$`, 'm'), 'own figures are live');
    }
    assert.equal(reads, rendered, 'the report is not read again');
    health.ticked({ report: countingReport(), faults: [], failures: [] }, 0, 10);
    await scrapes();
    assert.equal(reads, 2 * rendered, 'a new report is');
  });

  it('have the sinks in the metrics before one fails', () => {
    const health = new Health(5_000, 0, undefined, undefined, ['node report', 'report file']);
    const text = textOf(probeSite(health, () => 0, own).page('/metrics'));
    assert.match(text, /^realmem_sink_failures_total\{sink="node_report"\} 0$/m);
    assert.match(text, /^realmem_sink_failures_total\{sink="report_file"\} 0$/m);
    const failures = [{ sink: 'node report', error: new Error('no') }];
    health.ticked({ faults: [], failures }, 0, 10);
    const later = textOf(probeSite(health, () => 0, own).page('/metrics'));
    assert.match(later, /^realmem_sink_failures_total\{sink="node_report"\} 1$/m);
  });
});
