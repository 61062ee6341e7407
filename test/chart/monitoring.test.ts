/** Alerts and the dashboard use only metrics that the agent has, and each alert has a runbook. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';

import { thisProcess } from '../../src/edges/machine.ts';
import { renderMetrics } from '../../src/metrics/metrics.ts';

import { skipWhere } from '../needs.ts';

import { agent, containerOf, nodeOf, otherOf, reportOf } from '../report/reports.ts';
import { tempDir } from '../temp.ts';
import { read } from './generate.ts';
import { objectsOf, ofKind } from './objects.ts';
import { caseFile, helmMissing, template } from './render.ts';

const figures = {
  ...{ realBytes: 1, usageBytes: 1, workingSetBytes: 1, shmemBytes: 1, swapBytes: 1 },
  ...{ limitBytes: 1, requestBytes: 1, peakRealBytes: 1, oomKills: 1 },
  ...{ highBytes: 1, highEvents: 1, verdict: 'Throttled' as const },
};
const everyFigure = reportOf({
  observed: { at: '2026-01-01T00:00:00Z', agent: '0.0.0' },
  node: nodeOf({ realUsedBytes: 1, availableBytes: 1 }),
  containers: [containerOf({ namespace: 'a', pod: 'b', name: 'c', ...figures })],
  others: [otherOf(figures)],
});
const text = renderMetrics({
  report: everyFigure,
  agent: { ...agent, sinkFailures: new Map([['annotations', 1]]) },
  process: thisProcess(4096),
});
const families = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));

const unknown = (expression: string): readonly string[] =>
  [...expression.matchAll(/\brealmem_\w+/g)].map(([name]) => name).filter((name) => !families.has(name));

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}
const alerts = (rules: { groups: readonly { rules: readonly Alert[] }[] }): readonly Alert[] =>
  rules.groups.flatMap((group) => group.rules);

const rulesText = read('files/monitoring/alerts.yaml');

describe('the alerts', () => {
  const sections = fs.readFileSync(new URL('../../docs/runbooks.md', import.meta.url), 'utf8');
  const anchors = [...sections.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title.toLowerCase());
  const known = alerts(parse(rulesText));

  for (const { alert, expr, labels, annotations } of known)
    it(`${alert} uses only metrics that the agent has, and links to its runbook`, () => {
      assert.deepEqual(unknown(expr), []);
      assert.match(labels.severity, /^(warning|info)$/);
      assert.ok(annotations['summary'] && annotations['description']);
      assert.equal(annotations['runbook_url'], `RUNBOOKS#${alert.toLowerCase()}`);
      assert.ok(anchors.includes(alert.toLowerCase()), 'docs/runbooks.md has no section for this alert');
    });

  it('include one alert for each section of the runbooks', () => {
    assert.deepEqual([...anchors].sort(), known.map(({ alert }) => alert.toLowerCase()).sort());
  });
});

describe('the dashboard', () => {
  const dashboard = JSON.parse(read('files/monitoring/dashboard.json')) as {
    readonly panels: readonly {
      readonly id: number;
      readonly title: string;
      readonly targets?: readonly { readonly expr: string }[];
    }[];
    readonly templating: { readonly list: readonly { readonly definition?: string }[] };
  };

  it('queries only metrics that the agent has', () => {
    const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    assert.ok(expressions.length > 30);
    for (const expression of expressions) assert.deepEqual(unknown(expression), [], expression);
    for (const { definition = '' } of dashboard.templating.list) assert.deepEqual(unknown(definition), []);
  });

  it('has the rows Cluster, Namespace, Pod and Agents, and panels with unique IDs', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    assert.deepEqual(ids, [...new Set(ids)]);
    const rows = dashboard.panels.filter(({ targets }) => targets === undefined).map(({ title }) => title);
    assert.deepEqual(rows, ['Cluster', 'Namespace $namespace', 'Pod $pod', 'Agents']);
  });
});

describe('promtool', { skip: skipWhere(promtoolMissing()) }, () => {
  it('confirms that each alert fires exactly for the series of alerts.yaml that it should', (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'alerts.rules.yaml');
    fs.writeFileSync(file, rulesText.replaceAll('JOB', 'realmem/realmem|realmem-metrics'));
    promtool('check', 'rules', file);
    const cases = path.join(directory, 'alerts.yaml');
    fs.copyFileSync(new URL('alerts.yaml', import.meta.url), cases);
    promtool('test', 'rules', cases);
  });

  it('finds no fault in the metrics', () => {
    execFileSync(promtoolFile(), ['check', 'metrics'], { input: text, stdio: ['pipe', 'pipe', 'pipe'] });
  });
});

describe('the chart', { skip: skipWhere(helmMissing()) }, () => {
  const rendered = objectsOf(template('--values', caseFile('monitoring-values.yaml')));

  it('replaces JOB and RUNBOOKS in the alerts by the names of the release', () => {
    const [rule] = ofKind('PrometheusRule', rendered);
    const spec = rule?.spec as unknown as Parameters<typeof alerts>[0];
    const down = alerts(spec).find(({ alert }) => alert === 'RealmemAgentDown');
    assert.equal(down?.expr, 'up{job=~"realmem/realmem|realmem-metrics"} == 0');
    assert.match(down?.annotations['runbook_url'] ?? '', /^https:\/\/\S+\/runbooks\.md#realmemagentdown$/);
    assert.ok(ofKind('Service', rendered).some(({ metadata }) => metadata.name === 'realmem-metrics'));
  });

  it('sets honorLabels in both monitors', () => {
    const monitors = ['PodMonitor', 'ServiceMonitor'].flatMap((kind) => ofKind(kind, rendered));
    assert.equal(monitors.length, 2);
    for (const monitor of monitors) assert.match(JSON.stringify(monitor), /"honorLabels":true/);
  });

  it('puts the dashboard unchanged into a ConfigMap', () => {
    const [dashboard] = ofKind('ConfigMap', rendered).filter(
      ({ metadata }) => metadata.labels?.['grafana_dashboard'] === '1',
    );
    assert.equal(dashboard?.data?.['realmem.json'], read('files/monitoring/dashboard.json'));
  });
});

function promtoolFile(): string {
  return process.env['PROMTOOL'] || 'promtool';
}

function promtool(...args: string[]): void {
  execFileSync(promtoolFile(), args, { stdio: ['ignore', 'pipe', 'pipe'] });
}

function promtoolMissing(): string | undefined {
  try {
    promtool('--version');
    return undefined;
  } catch {
    return 'promtool does not run: install it (Debian package prometheus), or set PROMTOOL to its path';
  }
}
