/** Each query of the dashboard and each alert against a real Prometheus, which scrapes two agents that replay a day. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { verdicts } from '../../../src/model/report.ts';
import { Cleanup } from '../machine/cleanup.ts';
import { requireTools, run, until } from '../machine/command.ts';
import { type Agent, startAgent } from '../realmem/agent.ts';
import { dashboard, interpolated, panels, type Selection, valuesOf, variables } from './dashboard.ts';
import { Prometheus } from './server.ts';
import { layNode, nodeNames, shopEnd } from './shop.ts';

const scrapeSeconds = 0.5;
/** As Grafana computes $__rate_interval: four scrapes. */
const rateInterval = '2s';

/** What Grafana offers for each variable. */
const offered: Readonly<Record<string, readonly string[]>> = {
  cluster: ['shop'],
  node: [...nodeNames],
  namespace: ['data', 'logging', 'shop'],
  workload: ['api', 'cart', 'checkout', 'db', 'etl', 'fluent-bit', 'recommend', 'search'],
  container: ['api', 'fluent-bit', 'postgres', 'web', 'worker'],
};

const some: Selection = {
  ...{ cluster: ['shop'], node: ['node-1'], namespace: ['shop', 'data'] },
  ...{ workload: ['checkout', 'etl'], container: ['web', 'worker'] },
};

test('a Prometheus that scrapes agents', { timeout: 600_000 }, async (t) => {
  requireTools('prometheus', 'promtool', 'openmetrics');
  const cleanup = new Cleanup(t);
  const directory = cleanup.directory();
  const agents: Agent[] = [];
  const start = Date.now() / 1000;
  for (const node of nodeNames) {
    layNode(path.join(directory, node), node);
    const args = ['--root', path.join(directory, node), '--period', '100ms', '--history-dir', 'off'];
    agents.push(
      await startAgent(cleanup, [...args, '--report-dir', path.join(directory, `${node}.reports`)]),
    );
  }
  const alerts = fs.readFileSync(new URL('../../../manifests/alerts.yaml', import.meta.url), 'utf8');
  const job = 'realmem/realmem|realmem-metrics';
  assert.ok(alerts.includes(job));
  fs.writeFileSync(`${directory}/alerts.yaml`, alerts.replaceAll(job, 'realmem'));
  const prometheus = await Prometheus.start(cleanup, { directory, config: configOf(agents, directory) });

  await until(
    'both agents to replay their recordings, and Prometheus to see it',
    async () => {
      const now = Date.now() / 1000;
      const seen = await prometheus.instant('min(realmem_observed_timestamp_seconds)', now);
      if (seen[0]?.values[0]?.[1] !== shopEnd) return undefined;
      // The pass of the last recorded sample still counts events; Prometheus may have scraped just that one.
      const throttled = await prometheus.instant('max(realmem_container_verdict{verdict="Throttled"})', now);
      return throttled[0]?.values[0]?.[1] === 0 || undefined;
    },
    300,
  );
  const end = Date.now() / 1000;

  await t.test('gets OpenMetrics, with units that the older format does not have', async () => {
    const metadata = (await prometheus.get('targets/metadata', {
      metric: 'realmem_container_real_bytes',
    })) as readonly { readonly type: string; readonly unit: string }[];
    assert.equal(metadata.length, nodeNames.length);
    for (const { type, unit } of metadata) assert.deepEqual([type, unit], ['gauge', 'bytes']);
  });

  await t.test('gets what the parsers of both formats accept without a warning', async () => {
    const [agent] = agents;
    assert.ok(agent !== undefined);
    const text = await agent.probe('/metrics');
    assert.equal(text.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(run(['promtool', 'check', 'metrics'], { input: await text.text() }), '');
    const accept = { accept: 'application/openmetrics-text;version=1.0.0', 'accept-encoding': 'gzip' };
    const openMetrics = await agent.probe('/metrics', accept);
    assert.equal(
      openMetrics.headers.get('content-type'),
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
    assert.equal(openMetrics.headers.get('content-encoding'), 'gzip');
    const counted = run(['/usr/bin/python3', '-c', parser], { input: await openMetrics.text() });
    assert.ok(Number(counted) > 100, `${counted} samples`);
  });

  await t.test('offers values for every variable of the dashboard', async () => {
    assert.deepEqual(
      variables.map(({ name }) => name),
      Object.keys(offered),
    );
    for (const variable of variables) {
      const values = await valuesOf(variable, prometheus, {}, end);
      assert.deepEqual([...values].sort(), offered[variable.name], variable.name);
    }
    const workload = variables.find(({ name }) => name === 'container');
    assert.ok(workload !== undefined);
    assert.deepEqual(await valuesOf(workload, prometheus, { workload: ['db'] }, end), ['postgres']);
  });

  for (const [which, selection] of [
    ['everything', {}],
    ['some containers', some],
  ] as const)
    for (const panel of panels)
      await t.test(`answers every query of panel ${panel.id}, ${panel.title}, for ${which}`, async () => {
        assert.ok((panel.targets ?? []).length > 0);
        for (const { expr, instant } of panel.targets ?? []) {
          const query = interpolated(expr, selection, rateInterval);
          const found =
            instant === true
              ? await prometheus.instant(query, end)
              : await prometheus.range(query, start, end, scrapeSeconds);
          const numbers = found.flatMap(({ values }) => values).filter(([, value]) => Number.isFinite(value));
          assert.ok(numbers.length > 0, `no number: ${query}`);
        }
      });

  await t.test('shows what the recordings hold', async () => {
    const value = async (title: string, selection: Selection): Promise<number> => {
      const expr = panels.find((panel) => panel.title === title)?.targets?.[0]?.expr ?? '';
      const [series] = await prometheus.instant(interpolated(expr, selection, rateInterval), end);
      return series?.values[0]?.[1] ?? Number.NaN;
    };
    assert.equal(await value('Requests', { workload: ['cart'] }), 2 * 1024 * 2 ** 20);
    // The events at memory.high of the fourth one have ended with the recordings.
    assert.equal(await value('Containers that need attention', {}), 3);
    const throttled =
      'max_over_time(realmem_container_verdict{verdict="Throttled", container="worker"}[10m])';
    assert.equal((await prometheus.instant(throttled, end))[0]?.values[0]?.[1], 1);
    assert.equal(await value('Containers that need attention', { workload: ['cart'] }), 0);
    const states = await prometheus.instant('sum by (verdict) (realmem_container_verdict)', end);
    assert.deepEqual(states.map(({ metric }) => metric['verdict']).sort(), [...verdicts].sort());
    const killed = (await prometheus.instant('sum(realmem_container_oom_kills_total)', end))[0]?.values[0];
    assert.equal(killed?.[1], 6);
  });

  await t.test('answers every query of docs/monitoring.md', async () => {
    const text = fs.readFileSync(new URL('../../../docs/monitoring.md', import.meta.url), 'utf8');
    const blocks = [...text.matchAll(/^```promql\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
    const queries = blocks
      .map((block) => block.replace(/ *#.*$/gm, ''))
      // A line that begins a query is not indented, and is no closing bracket.
      .flatMap((block) => block.split(/\n(?=\w)/))
      .filter((query) => query.trim() !== '');
    assert.equal(queries.length, 5);
    for (const query of queries) assert.ok((await prometheus.instant(query, end)).length > 0, query);
  });

  await t.test('evaluates every alert, and fires that of the OOM kills', async () => {
    const { groups } = (await prometheus.get('rules')) as {
      readonly groups: readonly {
        readonly rules: readonly {
          readonly name: string;
          readonly health: string;
          readonly state: string;
          readonly alerts: readonly { readonly labels: Readonly<Record<string, string>> }[];
        }[];
      }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    assert.equal(rules.length, alerts.match(/- alert:/g)?.length);
    for (const { name, health } of rules) assert.equal(health, 'ok', name);
    const killed = rules.find(({ name }) => name === 'RealmemOOMKilled');
    assert.equal(killed?.state, 'firing');
    assert.match(killed?.alerts[0]?.labels['pod'] ?? '', /^checkout-/);
    assert.equal(rules.find(({ name }) => name === 'RealmemNearLimit')?.state, 'pending');
  });

  for (const agent of agents) assert.equal((await agent.stop()).code, 0);
  assert.equal(dashboard.uid, 'realmem');
});

/** The parser of Prometheus's own client library is strict: suffixes, units, order, escapes. */
const parser = `
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as families
print(sum(len(family.samples) for family in families(sys.stdin.read())))`;

/** Targets have the labels that the chart gives them (_monitor.tpl), and the name of their cluster. */
function configOf(agents: readonly Agent[], directory: string): string {
  const targets = agents.map((agent, index) => ({
    targets: [agent.address('probes and metrics')],
    labels: { cluster: 'shop', node: nodeNames[index] },
  }));
  // JSON is YAML.
  return JSON.stringify({
    global: { scrape_interval: `${scrapeSeconds * 1000}ms`, evaluation_interval: '500ms' },
    rule_files: [`${directory}/alerts.yaml`],
    scrape_configs: [{ job_name: 'realmem', honor_labels: true, static_configs: targets }],
  });
}
