import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { thisProcess } from '../../src/edges/machine.ts';
import type { AgentMetrics } from '../../src/metrics/agent.ts';
import { groups, renderMetrics, unitOf } from '../../src/metrics/metrics.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { NodeReport } from '../../src/model/report.ts';
import { verdicts } from '../../src/model/report.ts';
import {
  agent,
  containerOf,
  hostileReport,
  nodeOf,
  otherOf,
  podOf,
  recorded,
  reportOf,
} from '../report/reports.ts';
import { readOpenMetrics, readText, type Sample } from './exposition.ts';

const own = thisProcess(4096);

const textOf = (report: NodeReport | undefined, of: AgentMetrics = agent): string =>
  renderMetrics({ report, agent: of, process: own });
const openMetricsOf = (report: NodeReport | undefined): string =>
  renderMetrics({ report, agent, process: own }, 'openMetrics');
const samplesOf = (report: NodeReport | undefined): readonly Sample[] => readText(textOf(report)).samples;
const series = (report: NodeReport, name: string): readonly Sample[] =>
  samplesOf(report).filter((one) => one.name === `realmem_${name}`);

const hosts = ['kubernetes-v1', 'coroot-v2', 'nri-docker-v1', 'article'];

const cart = { namespace: 'shop', pod: 'cart-x', name: 'cart' };

describe('metrics', () => {
  it('of a recorded node are read strictly, each family once, each series once', () => {
    for (const host of hosts)
      for (const { samples } of [
        readText(textOf(recorded(host))),
        readOpenMetrics(openMetricsOf(recorded(host))),
      ]) {
        const keys = samples.map(({ name, labels }) => JSON.stringify([name, labels]));
        assert.equal(new Set(keys).size, keys.length);
      }
  });

  it('have names with _total for counters and for nothing else', () => {
    for (const [name, type] of readText(textOf(recorded('kubernetes-v1'))).types)
      assert.equal(type === 'counter', name.endsWith('_total'), name);
  });

  it('have the same samples in both formats', () => {
    for (const host of hosts)
      assert.deepEqual(readOpenMetrics(openMetricsOf(recorded(host))).samples, samplesOf(recorded(host)));
  });

  it('have a type of their own and their unit in OpenMetrics', () => {
    const { types, units } = readOpenMetrics(openMetricsOf(recorded('kubernetes-v1')));
    assert.equal(types.get('realmem_pod'), 'info');
    assert.equal(types.get('realmem_passes'), 'counter');
    assert.equal(types.get('realmem_pass_duration_seconds'), 'histogram');
    assert.equal(units.get('realmem_container_real_bytes'), 'bytes');
    assert.equal(units.get('process_cpu_seconds'), 'seconds');
    assert.equal(units.get('realmem_passes'), undefined);
  });

  it('are all in the catalogue, with all their labels', () => {
    const known = new Map(
      groups.flatMap(({ labels, metrics }) =>
        metrics.map((metric) => [metric.name, [...labels, ...(metric.labels ?? [])]] as const),
      ),
    );
    assert.equal(known.size, groups.flatMap(({ metrics }) => metrics).length, 'a name comes twice');
    for (const { name, labels } of hosts.flatMap((host) => samplesOf(recorded(host)))) {
      const histogram = name.replace(/_(?:bucket|sum|count)$/, '');
      const expected =
        known.get(name) ?? known.get(histogram)?.filter((one) => one !== 'le' || name.endsWith('_bucket'));
      assert.deepEqual(Object.keys(labels), expected, name);
    }
  });

  it('that are deprecated name a metric that replaces them, and say so in their help', () => {
    const all = groups.flatMap(({ metrics }) => metrics);
    const deprecated = all.filter((metric) => metric.deprecated !== undefined);
    assert.ok(deprecated.length > 10);
    for (const { name, deprecated: { use } = { use: '' } } of deprecated) {
      const replacement = all.find((metric) => [metric.name, `${metric.name}_sum`].includes(use));
      assert.ok(replacement !== undefined && replacement.deprecated === undefined, `${name}: ${use}`);
      assert.equal(
        unitOf(replacement) ?? 'none',
        /_bytes$/.test(name) ? 'bytes' : (unitOf(replacement) ?? 'none'),
      );
    }
    const report = reportOf({ others: [otherOf({ realBytes: 5 })] });
    assert.match(
      textOf(report),
      /^# HELP realmem_other_real_bytes \(Deprecated since 0\.2\.0: use realmem_cgroup_real_bytes\.\) /m,
    );
    assert.deepEqual(
      series(report, 'other_real_bytes').map(({ labels, value }) => ({ labels, value })),
      series(report, 'cgroup_real_bytes').map(({ labels, value }) => ({ labels, value })),
    );
  });

  it('have a series of each verdict for a container, 1 for the one that applies', () => {
    const report = reportOf({ containers: [containerOf({ ...cart, verdict: 'Leaking' })] });
    const found = series(report, 'container_verdict');
    assert.deepEqual(
      found.map(({ labels }) => labels['verdict']),
      verdicts,
    );
    assert.deepEqual(
      found.filter(({ value }) => value === 1).map(({ labels }) => labels['verdict']),
      ['Leaking'],
    );
    assert.ok(found.every(({ value }) => value === 0 || value === 1));
    assert.deepEqual(series(reportOf({ containers: [containerOf(cart)] }), 'container_verdict'), []);
  });

  it('have the workload of a pod in a series of its own, once for each name', () => {
    const pods = [
      podOf({ namespace: 'shop', name: 'cart-x', uid: 'a', workload: 'Deployment/cart' }),
      podOf({ namespace: 'shop', name: 'db-0', uid: 'old', workload: 'StatefulSet/db' }),
      podOf({ namespace: 'shop', name: 'db-0', uid: 'new', workload: 'StatefulSet/db' }),
      podOf({ namespace: 'shop', name: 'bare', uid: 'c' }),
      podOf({ uid: 'nameless' }),
    ];
    const labelsOf = (pod: string, uid: string, kind: string, workload: string) => ({
      ...{ namespace: 'shop', pod, uid, workload_kind: kind, workload, node: 'node-1' },
    });
    assert.deepEqual(
      series(reportOf({ pods }), 'pod_info').map(({ labels }) => labels),
      [
        labelsOf('cart-x', 'a', 'Deployment', 'cart'),
        labelsOf('db-0', 'new', 'StatefulSet', 'db'),
        labelsOf('bare', 'c', '', ''),
      ],
    );
  });

  it('include those of the agent before the first report', () =>
    assert.deepEqual(readText(renderMetrics({ agent })).samples, [
      { name: 'realmem_build_info', labels: { version: '1.2.3' }, value: 1 },
      { name: 'realmem_passes_total', labels: {}, value: 7 },
      ...['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1.0', '2.5', '5.0', '+Inf'].map(
        (le, index) => ({
          name: 'realmem_pass_duration_seconds_bucket',
          labels: { le },
          value: index < 3 ? 0 : index < 5 ? 1 : 2,
        }),
      ),
      { name: 'realmem_pass_duration_seconds_sum', labels: {}, value: 0.25 },
      { name: 'realmem_pass_duration_seconds_count', labels: {}, value: 2 },
      { name: 'realmem_pass_seconds_total', labels: {}, value: 0.25 },
      { name: 'realmem_last_pass_seconds', labels: {}, value: 0.03 },
      { name: 'realmem_pass_overruns_total', labels: {}, value: 0 },
      { name: 'realmem_read_faults_total', labels: {}, value: 2 },
      { name: 'realmem_clock_trusted', labels: {}, value: 1 },
      { name: 'realmem_clock_doubts_total', labels: {}, value: 0 },
      { name: 'realmem_sink_failures_total', labels: { sink: 'standard_output' }, value: 0 },
      { name: 'realmem_http_connections_closed_total', labels: { reason: 'total_limit' }, value: 3 },
    ]));

  it('have the figures of a container with the labels namespace, pod, container and node', () => {
    const containers = [containerOf({ ...cart, realBytes: 5, limitBytes: 7, oomKills: 1 })];
    const labels = { namespace: 'shop', pod: 'cart-x', container: 'cart', node: 'node-1' };
    const report = reportOf({ containers });
    assert.deepEqual(series(report, 'container_real_bytes'), [
      { name: 'realmem_container_real_bytes', labels, value: 5 },
    ]);
    assert.deepEqual(series(report, 'container_limit_bytes')[0]?.value, 7);
    assert.deepEqual(series(report, 'container_oom_kills_total')[0]?.value, 1);
  });

  it('have no line for an absent figure, but one for 0', () => {
    const report = reportOf({ containers: [containerOf({ ...cart, swapBytes: 0 })] });
    assert.deepEqual(series(report, 'container_real_bytes'), []);
    assert.equal(series(report, 'container_swap_bytes')[0]?.value, 0);
    const text = textOf(report);
    assert.doesNotMatch(text, /container_real_bytes|node_total|NaN|undefined|null/);
  });

  it('add up the real memory of unnamed containers, without sandboxes', () => {
    const containers = [
      containerOf({ type: 'unknown', realBytes: 5 }),
      containerOf({ type: 'unknown', realBytes: 6 }),
      containerOf({ type: 'unknown' }),
      containerOf({ type: 'sandbox', realBytes: 100 }),
      containerOf({ ...cart, realBytes: 1000 }),
    ];
    assert.deepEqual(
      series(reportOf({ containers }), 'unidentified_bytes').map(({ value }) => value),
      [11],
    );
  });

  it('have a container with an old and a new cgroup once, with the figures of the larger one', () => {
    const containers = [
      containerOf({ ...cart, id: 'old', cgroup: '/p/old', usageBytes: 2, realBytes: 1 }),
      containerOf({ ...cart, id: 'new', cgroup: '/p/new', usageBytes: 60, realBytes: 50 }),
    ];
    for (const order of [containers, containers.toReversed()])
      assert.deepEqual(
        series(reportOf({ containers: order }), 'container_real_bytes').map(({ value }) => value),
        [50],
      );
  });

  it('label series outside pods by cgroup, and have no request for them', () => {
    const report = reportOf({ others: [otherOf({ realBytes: 5, requestBytes: 6 })] });
    assert.deepEqual(series(report, 'other_real_bytes'), [
      {
        name: 'realmem_other_real_bytes',
        labels: { cgroup: '/system.slice/ssh.service', type: 'service', node: 'node-1' },
        value: 5,
      },
    ]);
    assert.deepEqual(series(report, 'other_request_bytes'), []);
  });

  it('have the figures of the node that are known', () => {
    const report = reportOf({ node: nodeOf({ realUsedBytes: 500 }), skipped: [{ cgroup: '/x', why: 'y' }] });
    const value = (name: string) => series(report, name).map((one) => one.value);
    assert.deepEqual(value('node_real_used_bytes'), [500]);
    assert.deepEqual(value('node_used_bytes'), [600]);
    assert.deepEqual(value('node_total_bytes'), [1000]);
    assert.deepEqual(value('node_available_bytes'), []);
    assert.deepEqual(value('skipped_cgroups'), [1]);
  });

  it('count omitted cgroups if there are any', () => {
    const report = reportOf({ omitted: { count: 7, usageBytes: bytes(500) } });
    assert.equal(series(report, 'omitted_cgroups')[0]?.value, 7);
    assert.equal(series(report, 'omitted_usage_bytes')[0]?.value, 500);
    assert.deepEqual(series(reportOf(), 'omitted_cgroups'), []);
  });

  it('have the time of the report if it is known', () => {
    const at = (text: string) =>
      series(reportOf({ observed: { agent: '0', at: text } }), 'observed_timestamp_seconds');
    assert.equal(at('1970-01-01T00:01:00Z')[0]?.value, 60);
    assert.deepEqual(series(reportOf(), 'observed_timestamp_seconds'), []);
    assert.deepEqual(at('yesterday'), []);
  });

  it('escape quotes and backslashes in a label exactly once', () => {
    const others = [otherOf({ cgroup: '/system.slice/a\\x2db"c.service', realBytes: 5 })];
    const report = reportOf({ others });
    assert.ok(textOf(report).includes('cgroup="/system.slice/a\\\\x2db\\"c.service"'));
    assert.equal(series(report, 'other_real_bytes')[0]?.labels['cgroup'], '/system.slice/a\\x2db"c.service');
  });

  it('get no extra line from a line break in a name', () => {
    const report = reportOf({
      containers: [containerOf({ ...cart, name: '"} 1\nrealmem_node_total_bytes 7\n#', realBytes: 5 })],
    });
    assert.deepEqual(series(report, 'node_total_bytes'), []);
    assert.equal(series(report, 'container_real_bytes').length, 1);
  });

  it('pass a strict parser, for any names', () =>
    fc.assert(
      fc.property(hostileReport, (report) => {
        const { samples } = readText(textOf(report));
        assert.deepEqual(readOpenMetrics(openMetricsOf(report)).samples, samples);
      }),
      { numRuns: 300 },
    ));
});

it('metrics have a counter of API failures by call and reason, and a gauge of pods that are not kept', () => {
  const apiFailures = [
    { call: 'list', reason: 'Forbidden', count: 3 },
    { call: 'watch', reason: 'Timeout', count: 1 },
  ];
  const text = textOf(undefined, { ...agent, apiFailures, podsNotKept: 2 });
  const { types } = readText(text);
  assert.equal(types.get('realmem_api_failures_total'), 'counter');
  assert.match(text, /^realmem_api_failures_total\{call="list",reason="Forbidden"\} 3$/m);
  assert.match(text, /^realmem_pods_not_kept 2$/m);
  assert.doesNotMatch(textOf(undefined), /api_failures|pods_not_kept/);
});
