/** Alerts and the dashboard use only metrics that the agent has, and each alert has a runbook. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';

import { thisProcess } from '../../src/edges/machine.ts';
import { groups, renderMetrics } from '../../src/metrics/metrics.ts';
import { bytes } from '../../src/model/bytes.ts';

import { skipWhere } from '../needs.ts';

import { agent, containerOf, nodeOf, otherOf, podOf, reportOf } from '../report/reports.ts';
import { tempDir } from '../temp.ts';
import { read } from './generate.ts';
import { helmMissing } from './helm.ts';
import { objectsOf, ofKind } from './objects.ts';
import { alerts as alertsFile, caseFile, readManifests, rulesOf, template } from './render.ts';

const figures = {
  ...{ realBytes: 1, usageBytes: 1, workingSetBytes: 1, shmemBytes: 1, swapBytes: 1 },
  ...{ limitBytes: 1, requestBytes: 1, peakRealBytes: 1, oomKills: 1 },
  ...{ highBytes: 1, highEvents: 1, verdict: 'Throttled' as const },
};
const suggest = { requestBytes: bytes(1), limitBytes: bytes(1), confidence: 'high' } as const;
const everyFigure = reportOf({
  observed: { at: '2026-01-01T00:00:00Z', agent: '0.0.0' },
  node: nodeOf({ realUsedBytes: 1, availableBytes: 1 }),
  containers: [containerOf({ namespace: 'a', pod: 'b', name: 'c', suggest, ...figures })],
  pods: [podOf({ namespace: 'a', name: 'b', workload: 'Deployment/b' })],
  others: [otherOf(figures)],
});
const text = renderMetrics({
  report: everyFigure,
  agent: { ...agent, sinkFailures: new Map([['annotations', 1]]) },
  process: thisProcess(4096),
});
const families = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));

const unknown = (expression: string): readonly string[] =>
  [...expression.matchAll(/\b(?:realmem|process)_\w+/g)]
    .map(([name]) => name)
    .filter((name) => !families.has(name) && !families.has(name.replace(/_(?:bucket|sum|count)$/, '')));

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}
const alerts = (rules: { groups: readonly { rules: readonly Alert[] }[] }): readonly Alert[] =>
  rules.groups.flatMap((group) => group.rules);

/** The alerts with the default values. */
const { text: rulesText } = readManifests(alertsFile);
const defaultRunbooks = (
  parse(read('values.yaml')) as { readonly prometheusRule: { readonly runbookUrl: string } }
).prometheusRule.runbookUrl;

describe('the alerts', () => {
  const sections = fs.readFileSync(new URL('../../docs/runbooks.md', import.meta.url), 'utf8');
  const anchors = [...sections.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title.toLowerCase());
  const known = alerts(parse(rulesText));

  for (const { alert, expr, labels, annotations } of known)
    it(`${alert} uses only metrics that the agent has, and links to its runbook`, () => {
      assert.deepEqual(unknown(expr), []);
      assert.match(labels.severity, /^(warning|info)$/);
      assert.ok(annotations['summary'] && annotations['description']);
      assert.equal(annotations['runbook_url'], `${defaultRunbooks}#${alert.toLowerCase()}`);
      assert.ok(anchors.includes(alert.toLowerCase()), 'docs/runbooks.md has no section for this alert');
    });

  it('include one alert for each section of the runbooks', () => {
    assert.deepEqual([...anchors].sort(), known.map(({ alert }) => alert.toLowerCase()).sort());
  });
});

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string }[];
  readonly links?: readonly { readonly url: string }[];
  /** Of a collapsed row. */
  readonly panels?: readonly Panel[];
}

describe('the dashboard', () => {
  const dashboard = JSON.parse(read('files/monitoring/dashboard.json')) as {
    readonly uid: string;
    readonly panels: readonly Panel[];
    readonly links: readonly { readonly url: string }[];
    readonly templating: {
      readonly list: readonly { readonly name: string; readonly definition?: string }[];
    };
  };
  const all = dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);

  it('queries only metrics that the agent has', () => {
    const expressions = all.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    assert.ok(expressions.length > 30);
    for (const expression of expressions) assert.deepEqual(unknown(expression), [], expression);
    for (const { definition = '' } of dashboard.templating.list) assert.deepEqual(unknown(definition), []);
  });

  it('has panels with unique IDs and a description each, in rows', () => {
    const ids = all.map(({ id }) => id);
    assert.deepEqual(ids, [...new Set(ids)]);
    const rows = all.filter(({ type }) => type === 'row').map(({ title }) => title);
    assert.deepEqual(rows, [
      ...[
        'Selected containers',
        'Suggested against set',
        'Verdicts and OOM kills',
        'Workloads',
        'Nodes',
        'Agents',
      ],
    ]);
    for (const { type, title, description } of all)
      assert.ok(type === 'row' || /\w\.$/.test(description ?? ''), `${title} has no description`);
  });

  it('has the variables cluster, node, namespace, workload and container', () =>
    assert.deepEqual(
      dashboard.templating.list.map(({ name }) => name),
      ['datasource', 'cluster', 'node', 'namespace', 'workload', 'container'],
    ));

  it('queries no deprecated metric', () => {
    const deprecated = new Set(
      groups.flatMap(({ metrics }) => metrics.filter((one) => one.deprecated).map(({ name }) => name)),
    );
    const used = [rulesText, JSON.stringify(dashboard)].flatMap((one) => one.match(/\brealmem_\w+/g) ?? []);
    assert.deepEqual(
      used.filter((name) => deprecated.has(name)),
      [],
    );
  });

  it('links to sections of the runbooks, and to each of them', () => {
    const urls = all.flatMap(({ links = [] }) => links.map(({ url }) => url));
    const found = new Set(urls.map((url) => url.split('#')[1] ?? ''));
    const expected = [...rulesText.matchAll(/runbooks\.md#(\w+)/g)].map(([, anchor]) => anchor);
    assert.deepEqual([...found].sort(), expected.sort());
    for (const url of [...urls, ...dashboard.links.map((link) => link.url)])
      assert.equal(url.split('#')[0], defaultRunbooks);
  });
});

describe('promtool', { skip: skipWhere(promtoolMissing()) }, () => {
  it('confirms that each alert fires exactly for the series of alerts.yaml that it should', (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'alerts.rules.yaml');
    fs.writeFileSync(file, rulesText);
    promtool('check', 'rules', file);
    const cases = path.join(directory, 'alerts.yaml');
    fs.copyFileSync(new URL('alerts/alerts.yaml', import.meta.url), cases);
    promtool('test', 'rules', cases);
  });

  it('confirms that changed thresholds, times and severities fire for other series', {
    skip: skipWhere(helmMissing()),
  }, (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'alerts.rules.yaml');
    const values = new URL('alerts/changed-values.yaml', import.meta.url).pathname;
    fs.writeFileSync(file, rulesOf('--values', values));
    promtool('check', 'rules', file);
    const cases = path.join(directory, 'changed.yaml');
    fs.copyFileSync(new URL('alerts/changed.yaml', import.meta.url), cases);
    promtool('test', 'rules', cases);
  });

  it('finds no fault in the metrics', () => {
    execFileSync(promtoolFile(), ['check', 'metrics'], { input: text, stdio: ['pipe', 'pipe', 'pipe'] });
  });
});

describe('the chart', { skip: skipWhere(helmMissing()) }, () => {
  const rendered = objectsOf(template('--values', caseFile('monitoring-values.yaml')));

  const rulesIn = (objects = rendered): readonly Alert[] => {
    const [rule] = ofKind('PrometheusRule', objects);
    return rule === undefined ? [] : alerts(rule.spec as unknown as Parameters<typeof alerts>[0]);
  };

  it('replaces every word in capitals by a value', () => {
    // What remains in capitals is a name of the field.
    const known = /\b(OOM|PSI|MiB)\b|OOMKilled/g;
    assert.doesNotMatch(JSON.stringify(rulesIn()).replaceAll(known, ''), /[A-Z]{3}/);
  });

  it('leaves out an alert that is off, and the whole object if all are', () => {
    const names = rulesIn().map(({ alert }) => alert);
    const off = (those: readonly string[]): readonly string[] =>
      those.flatMap((name) => ['--set', `prometheusRule.alerts.${name}.enabled=false`]);
    const only = ['--set', 'prometheusRule.enabled=true'];
    const left = rulesIn(objectsOf(template(...only, ...off(names.slice(1)))));
    assert.deepEqual(
      left.map(({ alert }) => alert),
      names.slice(0, 1),
    );
    assert.deepEqual(ofKind('PrometheusRule', objectsOf(template(...only, ...off(names)))), []);
    const without = template(...only, '--set', `prometheusRule.alerts.${names[0]}=null`);
    assert.deepEqual(
      rulesIn(objectsOf(without)).map(({ alert }) => alert),
      names.slice(1),
    );
  });

  it('expects the job of the alerts that the monitors give to the agents', () => {
    const rules = objectsOf(template('--values', caseFile('everything-values.yaml')));
    // The label app.kubernetes.io/part-of of the pods, and app.kubernetes.io/name of the Service.
    const down = rulesIn(rules).find(({ alert }) => alert === 'RealmemAgentDown');
    assert.equal(down?.expr, 'up{job=~"realmem|realmem"} == 0');
    const elsewhere = [
      'podMonitor.enabled=true',
      'podMonitor.namespace=prometheus',
      'podMonitor.jobLabel=missing',
    ];
    const [first] = [
      objectsOf(template(...['prometheusRule.enabled=true', ...elsewhere].flatMap((one) => ['--set', one]))),
    ];
    assert.match(
      rulesIn(first).find(({ alert }) => alert === 'RealmemAgentDown')?.expr ?? '',
      /"prometheus\/realmem\|realmem-metrics"/,
    );
  });

  it('replaces JOB and RUNBOOKS in the alerts by the names of the release', () => {
    const down = rulesIn().find(({ alert }) => alert === 'RealmemAgentDown');
    assert.equal(down?.expr, 'up{job=~"realmem/realmem|realmem-metrics"} == 0');
    assert.match(down?.annotations['runbook_url'] ?? '', /^https:\/\/\S+\/runbooks\.md#realmemagentdown$/);
    assert.ok(ofKind('Service', rendered).some(({ metadata }) => metadata.name === 'realmem-metrics'));
  });

  it('keeps the URL of the runbooks as given, also with words that stand for values in the alerts', () => {
    const own = 'https://wiki.example.com/JOBS/FOR_PERCENT';
    const moved = template(
      '--set',
      'prometheusRule.enabled=true',
      '--set',
      `prometheusRule.runbookUrl=${own}`,
    );
    const urls = rulesIn(objectsOf(moved)).map(({ annotations }) => annotations['runbook_url'] ?? '');
    assert.ok(urls.length > 0);
    for (const url of urls) assert.equal(url.split('#', 1)[0], own);
  });

  it('sets honorLabels in both monitors', () => {
    const monitors = ['PodMonitor', 'ServiceMonitor'].flatMap((kind) => ofKind(kind, rendered));
    assert.equal(monitors.length, 2);
    for (const monitor of monitors) assert.match(JSON.stringify(monitor), /"honorLabels":true/);
  });

  it('puts the dashboard into a ConfigMap, with links to the runbooks of the values', () => {
    const text = (objects: typeof rendered) =>
      ofKind('ConfigMap', objects).find(({ metadata }) => metadata.labels?.['grafana_dashboard'] === '1')
        ?.data?.['realmem.json'];
    const file = read('files/monitoring/dashboard.json');
    assert.equal(text(rendered), file);
    const own = 'https://wiki.example.com/memory';
    const moved = template('--set', 'dashboard.enabled=true', '--set', `prometheusRule.runbookUrl=${own}`);
    assert.equal(text(objectsOf(moved)), file.replaceAll(defaultRunbooks, own));
  });

  it('finds the dashboard under the label that a sidecar looks for, with its own value', () => {
    const labels = ['--set-string', 'dashboard.labels.grafana_dashboard=2,dashboard.labels.team=one'];
    // Two equal keys would be an error of YAML.
    const all = objectsOf(template('--set', 'dashboard.enabled=true', ...labels));
    const found = ofKind('ConfigMap', all).map(({ metadata }) => metadata.labels ?? {});
    assert.ok(found.some(({ grafana_dashboard, team }) => grafana_dashboard === '2' && team === 'one'));
  });

  it('leaves out the PrometheusRule when no alert is left', () => {
    const none = template(
      ...['prometheusRule.enabled=true', 'prometheusRule.alerts=null'].flatMap((one) => ['--set', one]),
    );
    assert.deepEqual(ofKind('PrometheusRule', objectsOf(none)), []);
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
