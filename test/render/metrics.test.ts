import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytes } from '../../src/model/bytes.ts';
import type { NodeReport } from '../../src/model/report.ts';
import { type AgentMetrics, renderMetrics } from '../../src/render/metrics.ts';
import { agent, containerOf, hostileReport, nodeOf, otherOf, recorded, reportOf } from '../report/reports.ts';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"/;
const sample = new RegExp(
  `^([a-z_]+)(?:\\{(${label.source}(?:,${label.source})*)\\})? (-?\\d+(?:\\.\\d+)?(?:e-\\d+)?)$`,
);

/** A strict parser of the exposition format: a family is its HELP, its TYPE, then its samples. */
function read(text: string): {
  readonly samples: readonly Sample[];
  readonly types: ReadonlyMap<string, string>;
} {
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  assert.match(text, /\n$/);
  const lines = text.slice(0, -1).split('\n');
  let family = '';
  for (const [index, line] of lines.entries()) {
    const help = /^# HELP (realmem_[a-z_]+) (\S.*)$/.exec(line);
    if (help) {
      family = help[1] ?? '';
      assert.ok(!types.has(family), `${family} comes twice`);
      const type = /^# TYPE (\S+) (gauge|counter)$/.exec(lines[index + 1] ?? '');
      assert.equal(type?.[1], family);
      types.set(family, type?.[2] ?? '');
      assert.ok(sample.test(lines[index + 2] ?? ''), `${family} has no sample`);
      continue;
    }
    if (line.startsWith('# TYPE ')) continue;
    const match = sample.exec(line);
    assert.ok(match, `no sample: ${line}`);
    assert.equal(match[1], family, 'a sample outside its family');
    const labels = [...(match[2] ?? '').matchAll(new RegExp(label, 'g'))].map(([, name = '', value = '']) => [
      name,
      value.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)),
    ]);
    assert.equal(new Set(labels.map(([name]) => name)).size, labels.length, 'a label comes twice');
    samples.push({ name: family, labels: Object.fromEntries(labels), value: Number(match.at(-1)) });
  }
  return { samples, types };
}

const samplesOf = (report: NodeReport | undefined, of: AgentMetrics = agent): readonly Sample[] =>
  read(renderMetrics(report, of)).samples;
const series = (report: NodeReport, name: string): readonly Sample[] =>
  samplesOf(report).filter((one) => one.name === `realmem_${name}`);

const cart = { namespace: 'shop', pod: 'cart-x', name: 'cart' };

describe('metrics', () => {
  it('of a recorded node are read strictly, each family once, each series once', () => {
    for (const host of ['kubernetes-v1', 'coroot-v2', 'nri-docker-v1', 'article']) {
      const samples = samplesOf(recorded(host));
      const keys = samples.map(({ name, labels }) => JSON.stringify([name, labels]));
      assert.equal(new Set(keys).size, keys.length);
    }
  });

  it('have names with _total for counters and for nothing else', () => {
    for (const [name, type] of read(renderMetrics(recorded('kubernetes-v1'), agent)).types)
      assert.equal(type === 'counter', name.endsWith('_total'), name);
  });

  it('include those of the agent before the first report', () =>
    assert.deepEqual(samplesOf(undefined), [
      { name: 'realmem_build_info', labels: { version: '1.2.3' }, value: 1 },
      { name: 'realmem_passes_total', labels: {}, value: 7 },
      { name: 'realmem_pass_seconds_total', labels: {}, value: 0.25 },
      { name: 'realmem_last_pass_seconds', labels: {}, value: 0.03 },
      { name: 'realmem_pass_overruns_total', labels: {}, value: 0 },
      { name: 'realmem_read_faults_total', labels: {}, value: 2 },
      { name: 'realmem_clock_trusted', labels: {}, value: 1 },
      { name: 'realmem_clock_doubts_total', labels: {}, value: 0 },
      { name: 'realmem_sink_failures_total', labels: { sink: 'standard output' }, value: 0 },
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
    const text = renderMetrics(report, agent);
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
    assert.ok(renderMetrics(report, agent).includes('cgroup="/system.slice/a\\\\x2db\\"c.service"'));
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
        read(renderMetrics(report, agent));
      }),
      { numRuns: 300 },
    ));
});

it('metrics have a counter of API failures by call and reason, and a gauge of pods that are not kept', () => {
  const apiFailures = [
    { call: 'list', reason: 'Forbidden', count: 3 },
    { call: 'watch', reason: 'Timeout', count: 1 },
  ];
  const text = renderMetrics(undefined, { ...agent, apiFailures, podsNotKept: 2 });
  const { types } = read(text);
  assert.equal(types.get('realmem_api_failures_total'), 'counter');
  assert.match(text, /^realmem_api_failures_total\{call="list",reason="Forbidden"\} 3$/m);
  assert.match(text, /^realmem_pods_not_kept 2$/m);
  assert.doesNotMatch(renderMetrics(undefined, agent), /api_failures|pods_not_kept/);
});
