import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import { publishedOf } from '../../src/publish/publish.ts';
import type { PublishedReport } from '../../src/publish/published.ts';
import { type NodeReportSinkOptions, nodeReportSink } from '../../src/publish/report-sink.ts';
import { WriteSchedule } from '../../src/publish/schedule.ts';
import { recorded } from '../report/reports.ts';
import { FakeApi, faultOf } from './api.ts';
import { apiSubject, offersTo, reportOf, sinkContract } from './contract.ts';

const second = 1_000;
const minute = 60 * second;

function sinkOf(more: Partial<NodeReportSinkOptions> = {}, periodMs = minute) {
  const api = new FakeApi();
  const clock = { at: 1e9 };
  const sink = nodeReportSink({
    name: 'node report',
    api,
    path: ({ metadata }) => `/reports/${metadata.name}`,
    render: (report) => ({ object: report, news: report.metadata.name }),
    schedule: new WriteSchedule({ periodMs: () => periodMs, spreadMs: () => 0, offset: 0, random: () => 1 }),
    now: () => clock.at,
    ...more,
  });
  return { api, clock, sink, after: offersTo(sink, api, clock) };
}

sinkContract('node report', () => {
  const { api, clock, sink } = sinkOf({}, 0);
  return apiSubject(sink, api, clock);
});

describe('the node’s report', () => {
  it('is written by server-side apply with the field manager realmem', async () => {
    const { api, sink } = sinkOf();
    const report = reportOf('node-1');
    await sink.write(report);
    assert.deepEqual(api.news(), [
      {
        method: 'PATCH',
        path: '/reports/node-1?fieldManager=realmem&force=true',
        body: report,
        contentType: 'application/apply-patch+yaml',
      },
    ]);
  });

  it('is written when it changes, once a period at most', async () => {
    const { after } = sinkOf();
    assert.equal(await after(0, 'a'), 1);
    assert.equal(await after(5 * second, 'b'), 0);
    assert.equal(await after(55 * second, 'b'), 1);
    assert.equal(await after(100 * second, 'b'), 0);
    assert.equal(await after(5 * second, 'c'), 1);
  });

  it('is written every five minutes if it does not change', async () => {
    const { after } = sinkOf();
    assert.equal(await after(0), 1);
    assert.equal(await after(299 * second), 0);
    assert.equal(await after(1 * second), 1);
    assert.equal(await after(299 * second), 0);
  });

  it('is written again after a failed write, even if it does not change', async () => {
    const { api, after } = sinkOf();
    api.refuse = () => faultOf(503);
    await assert.rejects(after(0));
    api.news();
    api.refuse = undefined;
    assert.equal(await after(0), 0);
    assert.equal(await after(1 * second), 1);
  });

  it('waits for the Retry-After of the server and a quarter more by chance', async () => {
    const { api, after } = sinkOf();
    api.refuse = () => faultOf(429, 30 * second);
    await assert.rejects(after(0), /refused with 429/);
    api.news();
    api.refuse = undefined;
    assert.equal(await after(37 * second), 0);
    assert.equal(await after(1 * second), 1);
  });

  it('starts to wait when the answer comes, even if that took long', async () => {
    const { api, clock, after } = sinkOf();
    api.refuse = () => {
      clock.at += 9 * second;
      return faultOf(429, 5 * second);
    };
    await assert.rejects(after(0));
    api.news();
    api.refuse = undefined;
    assert.equal(await after(6 * second), 0);
    assert.equal(await after(1 * second), 1);
  });

  it('is not written while `wanted` is false, and is written once it is true', async () => {
    let wanted = false;
    const { after } = sinkOf({ wanted: () => wanted });
    assert.equal(await after(0), 0);
    wanted = true;
    assert.equal(await after(5 * second), 1);
  });

  it('calls `ended` with the result of each write, and only after a write', async () => {
    const results: (ApiError | undefined)[] = [];
    const { api, after } = sinkOf({ ended: (fault) => results.push(fault) });
    const gone = faultOf(404);
    api.refuse = () => gone;
    await assert.rejects(after(0));
    api.refuse = () => new Error('the token cannot be read');
    await assert.rejects(after(10 * minute));
    api.refuse = undefined;
    await after(10 * minute);
    await after(5 * second);
    assert.deepEqual(results, [gone, undefined]);
  });

  it('omits fields that an older CRD lacks, says so, and tries them again after ten minutes', async () => {
    const { api, clock, sink } = sinkOf({
      render: () => ({
        object: {
          node: { real: '1', ooms: 2 },
          pods: [{ name: 'a' }, { name: 'b', new: 1, old: [{ x: 1 }] }],
        },
        news: String(clock.at),
      }),
    });
    let known = ['real'];
    api.refuse = ({ body }) => {
      const fields = ['.node.ooms', '.pods[1].new'].filter(
        (path) => !known.includes(path) && JSON.stringify(body).includes(path.split('.').at(-1) ?? ''),
      );
      if (fields.length === 0) return undefined;
      const lines = fields.map((path) => `\n  ${path}: field not declared in schema`);
      return new ApiError(
        500,
        'InternalError',
        `failed to create typed patch object (/n; v1): errors:${lines}`,
      );
    };
    await assert.rejects(
      sink.write(reportOf('n')),
      /older than the agent .* node\.ooms, pods\.new: .*upgraded/,
    );
    clock.at += 2 * second;
    await sink.write(reportOf('n'));
    const less = { node: { real: '1' }, pods: [{ name: 'a' }, { name: 'b', old: [{ x: 1 }] }] };
    assert.deepEqual(api.news().at(-1)?.body, less);
    known = ['.node.ooms', '.pods[1].new'];
    clock.at += 11 * minute;
    await sink.write(reportOf('n'));
    assert.match(JSON.stringify(api.news().at(-1)?.body), /ooms.*new/);
  });

  it('reaches a CRD of 0.1.0 within three attempts, without the fields that it lacks and with its conditions', async () => {
    const report = recorded('kubernetes-v2-systemd');
    const { api, clock, sink } = sinkOf({
      render: (given) => ({ object: publishedOf(given), news: String(clock.at) }),
    });
    api.refuse = ({ body }) => {
      const missing = pathsOf(body).filter((path) =>
        /\.(?:usage|workingSet|suggestLimit|status)$/.test(path),
      );
      const [one] = missing;
      if (one === undefined) return undefined;
      const lines = missing.map((path) => `${path}: field not declared in schema`);
      const errors = lines.length === 1 ? lines[0] : `errors:\n  ${lines.join('\n  ')}`;
      const object = '/node-1; realmem.dev/v1alpha1, Kind=NodeMemoryReport';
      return new ApiError(500, '', `failed to create typed patch object (${object}): ${errors}`);
    };
    let attempts = 0;
    for (let isWritten = false; !isWritten; clock.at += 10 * second) {
      assert.ok(++attempts <= 3);
      isWritten = await sink.write(report).then(
        () => true,
        () => false,
      );
    }
    assert.ok(attempts > 1);
    const { status, conditions, node, pods } = (api.news().at(-1)?.body ?? {}) as PublishedReport;
    assert.equal(status, undefined);
    assert.deepEqual(conditions, publishedOf(report).conditions);
    assert.ok(node?.real !== undefined && pods.every(({ containers }) => containers.length > 0));
  });

  it('omits a field if an older CRD lacks its value', async () => {
    const { api, clock, sink } = sinkOf({
      render: () => ({
        object: { pods: [{ containers: [{ name: 'a', verdict: 'Throttled' }] }] },
        news: String(clock.at),
      }),
    });
    api.refuse = ({ body }) =>
      JSON.stringify(body).includes('Throttled')
        ? new ApiError(
            422,
            'Invalid',
            'NodeMemoryReport.realmem.dev "n" is invalid: pods[0].containers[0].verdict: Unsupported value: "Throttled": supported values: "OOMKilled", "OK"',
            undefined,
            [
              {
                reason: 'FieldValueNotSupported',
                field: 'pods[0].containers[0].verdict',
                message: 'Unsupported value: "Throttled": supported values: "OOMKilled", "OK"',
              },
            ],
          )
        : undefined;
    await assert.rejects(sink.write(reportOf('n')), /older than the agent .* pods\.containers\.verdict: /);
    clock.at += 2 * second;
    await sink.write(reportOf('n'));
    assert.deepEqual(api.news().at(-1)?.body, { pods: [{ containers: [{ name: 'a' }] }] });
  });
});

/** The path of every field, as server-side apply writes it; without `.conditions[0].status`, which every CRD has. */
function pathsOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => pathsOf(item, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null || path.includes('conditions')) return [path];
  return [
    ...(path === '' ? [] : [path]),
    ...Object.entries(value).flatMap(([key, one]) => pathsOf(one, `${path}.${key}`)),
  ];
}
