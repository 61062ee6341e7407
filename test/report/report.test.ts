import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Host } from '../../src/edges/host.ts';
import type { NameSource, NamesState } from '../../src/identify/names-source.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { CgroupRole } from '../../src/model/cgroup-role.ts';
import type { Judged } from '../../src/model/observation.ts';
import type { Pod } from '../../src/model/pod.ts';
import type { Condition, NodeReport } from '../../src/model/report.ts';
import { type About, report } from '../../src/report/report.ts';
import type { Sampled } from '../../src/sample/host.ts';
import type { History } from '../../src/usage/history.ts';

const at = Date.parse('2026-01-02T03:04:05Z');
const Gi = 1024 ** 3;
const meminfo = {
  memTotal: bytes(8 * Gi),
  memFree: bytes(6 * Gi),
  buffers: bytes(0),
  cached: bytes(0),
  shmem: bytes(0),
};

interface Given {
  readonly host?: Partial<Host>;
  readonly state?: NamesState | undefined;
  readonly sampled?: Partial<Sampled>;
  readonly judged?: readonly Judged[];
  readonly about?: About;
  readonly conditions?: readonly Condition[];
  readonly kills?: Readonly<Record<string, number>>;
}

const aboutOf = (more: Partial<About> = {}): About => ({
  node: 'node-1',
  agent: '1.2.3',
  conditions: [],
  ...more,
});

function reported(given: Given = {}, time = at): NodeReport {
  const host = {
    recording: undefined,
    cgroups: undefined,
    kernel: undefined,
    why: undefined,
    ...given.host,
  } as Host;
  const names = { state: () => given.state } as unknown as NameSource;
  const history = {
    killsOf: (podUID: string, container?: string) => given.kills?.[`${podUID}/${container}`],
  } as unknown as History;
  const about = given.about ?? aboutOf();
  const sampled: Sampled = { observations: [], skipped: [], faults: [], ...given.sampled };
  return report(
    { host, names, history, about, conditions: () => given.conditions ?? [] },
    sampled,
    given.judged ?? [],
    time,
  );
}

const judgedOf = (path: string, role: CgroupRole, more: Partial<Judged> = {}, sample: object = {}): Judged =>
  ({
    role,
    sample: { id: { path, inode: 1 }, version: 2, faults: [], ...sample },
    usage: {},
    ...more,
  }) as Judged;
const container: CgroupRole = { kind: 'container', podUID: 'u', id: 'id' };
const podOf = (uid: string, from?: 'logs'): Pod => ({
  ...{ uid, namespace: 'shop', name: uid, labels: {}, containers: [] },
  ...(from !== undefined && { from }),
});
const condition = ({ conditions }: NodeReport, type: string): Condition | undefined =>
  conditions.find((one) => one.type === type);
const readable = { usage: bytes(5), stat: { activeFile: bytes(1), inactiveFile: bytes(1) } };

describe('a report', () => {
  it('of a host of which nothing is known has only node, agent, time and its conditions', () => {
    const { conditions, ...others } = reported();
    assert.deepEqual(others, {
      ...{ apiVersion: 'realmem.dev/v1alpha1', kind: 'NodeMemoryReport', metadata: { name: 'node-1' } },
      observed: { at: '2026-01-02T03:04:05Z', agent: '1.2.3' },
      ...{ pods: [], containers: [], others: [], skipped: [] },
    });
    assert.deepEqual(
      conditions.map(({ type, status }) => [type, status]),
      [['Complete', 'True']],
    );
  });

  it('has the cgroup version, the kernel and the period where they are known', () => {
    const host = { cgroups: { version: 2 }, kernel: '6.1.0' } as Partial<Host>;
    assert.deepEqual(reported({ host, about: aboutOf({ periodSeconds: 10 }) }).observed, {
      ...{ at: '2026-01-02T03:04:05Z', cgroupVersion: 2, kernel: '6.1.0', agent: '1.2.3', periodSeconds: 10 },
    });
  });

  it('has the time of a recording, and none if the recording has none', () => {
    const of = (recorded: string | undefined) =>
      reported({ host: { recording: { at: recorded } as Host['recording'] } });
    assert.equal(of('2025-05-05T05:05:05Z').observed.at, '2025-05-05T05:05:05Z');
    assert.equal(
      condition(of('2025-05-05T05:05:05Z'), 'Complete')?.lastTransitionTime,
      '2025-05-05T05:05:05Z',
    );
    assert.equal('at' in of(undefined).observed, false);
    assert.equal('lastTransitionTime' in (condition(of(undefined), 'Complete') ?? {}), false);
  });

  it('has the memory of the node where meminfo was read', () => {
    assert.equal(reported().node, undefined);
    const { node } = reported({ sampled: { meminfo } });
    assert.deepEqual([node?.totalBytes, node?.realUsedBytes, node?.parts], [8 * Gi, 2 * Gi, undefined]);
  });

  it('has the parts of the node where a cgroup was read', () => {
    const judged = [judgedOf('/p/c', container, { usage: { realBytes: bytes(Gi) } }, readable)];
    const { node } = reported({ sampled: { meminfo }, judged });
    assert.deepEqual(node?.parts, { podsBytes: Gi, systemBytes: 0, restBytes: Gi });
  });

  it('has the OOM kills of the history for a container that has no cgroup any more', () => {
    const web = {
      name: 'web',
      type: 'container',
      ids: ['id'],
      running: false,
      oomKilled: [{ id: 'id' }],
    } as const;
    const pod: Pod = { ...podOf('u'), containers: [web] };
    const judged = [judgedOf('/p', { kind: 'pod', podUID: 'u', qos: 'Burstable' }, { pod }, readable)];
    assert.deepEqual(reported({ judged, kills: { 'u/web': 3 } }).pods[0]?.killed, [
      { name: 'web', type: 'container', oomKills: 3 },
    ]);
    assert.equal(reported({ judged, kills: { 'u/other': 3 } }).pods[0]?.killed, undefined);
  });

  it('has how many cgroups it omits, and is incomplete then', () => {
    const omitted = { count: 7, usageBytes: bytes(Gi) };
    const made = reported({ sampled: { omitted } });
    assert.deepEqual(made.omitted, omitted);
    assert.match(
      condition(made, 'Complete')?.message ?? '',
      /omits the smallest ones, 7 .* The limits are \d+ in pods/,
    );
  });
});

describe('what a report skips', () => {
  it('is what was skipped, cgroups without real memory, and faults, by cgroup', () => {
    const made = reported({
      sampled: { skipped: [{ cgroup: '/a', why: '1' }], faults: [{ cgroup: '/b', why: '/b/x: 2' }] },
      judged: [judgedOf('/c', container)],
    });
    assert.deepEqual(
      made.skipped.map(({ cgroup }) => cgroup),
      ['/a', '/b', '/c'],
    );
    assert.match(made.skipped[2]?.why ?? '', /^no memory files/);
    assert.deepEqual(condition(made, 'Complete')?.status, 'False');
  });

  it('is no cgroup with real memory, and none of the kubelet above the pods', () => {
    const judged = [
      judgedOf('/c', container, {}, readable),
      judgedOf('/kubepods', { kind: 'kube' } as CgroupRole),
    ];
    assert.deepEqual(reported({ judged }).skipped, []);
  });

  it('is a ZFS cache larger than the real memory of the node, which is that of another machine', () => {
    const arc = (size: number) => reported({ sampled: { meminfo, arcstats: { size: bytes(size) } } });
    assert.deepEqual(arc(3 * Gi).skipped, [
      {
        cgroup: '/',
        why: "the ZFS cache in /proc/spl/kstat/zfs/arcstats (3Gi) is larger than the real memory of this node, so it is another machine's",
      },
    ]);
    for (const size of [0, Gi, 2 * Gi]) assert.deepEqual(arc(size).skipped, [], String(size));
    assert.deepEqual(
      reported({ sampled: { arcstats: { size: bytes(3 * Gi) } } }).skipped,
      [],
      'without meminfo',
    );
  });
});

describe('the conditions of a report', () => {
  const state: NamesState = { source: 'the API', faults: [] };

  it('have none on names for a host without containers and without a source of names', () => {
    assert.equal(condition(reported(), 'NamesFresh'), undefined);
    const judged = [judgedOf('/s', { kind: 'other', type: 'service', name: 'ssh' }, {}, readable)];
    assert.equal(condition(reported({ judged }), 'NamesFresh'), undefined);
  });

  it('have one on names where there is a container, or a source of names', () => {
    const judged = [judgedOf('/c', container, {}, readable)];
    assert.equal(condition(reported({ judged }), 'NamesFresh')?.reason, 'NoSource');
    assert.equal(condition(reported({ state }), 'NamesFresh')?.reason, 'Named');
  });

  it('count the containers without a pod, and no other cgroups', () => {
    const judged = [
      judgedOf('/a', container, { pod: podOf('u') }, readable),
      judgedOf('/b', container, {}, readable),
      judgedOf('/c', container, {}, readable),
      judgedOf('/d', { kind: 'pod', podUID: 'x' } as CgroupRole, {}, readable),
    ];
    assert.match(
      condition(reported({ judged, state }), 'NamesFresh')?.message ?? '',
      /^No names for 2 containers:/,
    );
  });

  it('count each pod once whose names come from log directories', () => {
    const judged = ['/a', '/a/1', '/a/2', '/b'].map((path) =>
      judgedOf(path, container, { pod: podOf(path.slice(0, 2), 'logs') }, readable),
    );
    assert.match(
      condition(reported({ judged, state }), 'NamesFresh')?.message ?? '',
      /^Names of 2 pods come only from/,
    );
  });

  it('are those of the report, then of names, then the others', () => {
    const other = { type: 'Other', status: 'True', reason: 'X', message: 'x' } as unknown as Condition;
    assert.deepEqual(
      reported({ state, conditions: [other] }).conditions.map(({ type }) => type as string),
      ['Complete', 'NamesFresh', 'Other'],
    );
  });

  it('say why there are no cgroups', () => {
    const made = reported({ host: { why: 'No memory hierarchy.' } });
    assert.deepEqual(
      [condition(made, 'Complete')?.reason, condition(made, 'Complete')?.message],
      ['NoCgroups', 'No memory hierarchy.'],
    );
  });

  it('keep the time of their last change from report to report', () => {
    const about = aboutOf();
    const fault = { sampled: { faults: [{ cgroup: '/b', why: 'x' }] } };
    const times = [{}, {}, fault, fault, {}].map((given, index) =>
      condition(reported({ about, ...given }, at + index * 1_000), 'Complete')?.lastTransitionTime?.slice(-3),
    );
    assert.deepEqual(times, ['05Z', '05Z', '07Z', '07Z', '09Z']);
    assert.equal(about.conditions.length, 1);
  });
});
