/** The report that an agent serves → a node of the view. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import YAML from 'yaml';
import { readAgentReport } from '../../src/cluster/agent-report.ts';
import type { ContainerView, PodView } from '../../src/cluster/view.ts';
import { rfc3339 } from '../../src/model/time.ts';
import { at } from './made/made.ts';

const reportOf = (host: string): unknown => {
  const file = new URL(`../../fixtures/hosts/${host}/report.yaml`, import.meta.url);
  return YAML.parse(fs.readFileSync(file, 'utf8'));
};

const observed = { at: rfc3339(at), agent: '0.1.0', periodSeconds: 5 };
const cgroup = '/kubepods/pod1';
const pod = { namespace: 'shop', name: 'cart-1', uid: '1', cgroup };

/** The only pod of a report with these containers. */
function podOf(containers: readonly object[], more: object = {}): PodView {
  const report = {
    ...{ metadata: { name: 'a' }, observed, conditions: [] },
    pods: [{ ...pod, ...more }],
    containers: containers.map((one) => ({ podUID: '1', ...one })),
  };
  const { node, notes } = readAgentReport(report, undefined, at);
  assert.deepEqual(notes, []);
  assert.equal(node.pods.length, 1);
  return node.pods[0] as PodView;
}

const containersOf = (...containers: readonly object[]): readonly ContainerView[] =>
  podOf(containers).containers;

describe('the report of an agent', () => {
  for (const host of ['kubernetes-v1', 'kubernetes-v2-systemd'])
    it(`of ${host} is read without a fault, to the byte`, () => {
      const { node, notes } = readAgentReport(reportOf(host), undefined, at);
      assert.deepEqual(notes, []);
      assert.deepEqual([node.name, node.from], [host, 'agent']);
      const sizes = node.pods.flatMap(({ containers }) => containers.flatMap(({ real }) => real ?? []));
      assert.ok(sizes.length > 2 && sizes.some((size) => size % 1024 ** 2 !== 0), `${sizes}`);
    });

  it('gives the pods of one namespace alone, if asked', () => {
    const { node } = readAgentReport(reportOf('kubernetes-v1'), 'data', at);
    assert.deepEqual([...new Set(node.pods.map(({ namespace }) => namespace))], ['data']);
  });

  it('is refused without the name of its node', () => {
    for (const report of [undefined, [], { metadata: {} }])
      assert.throws(() => readAgentReport(report, undefined, at), { name: 'LocatedError' });
  });

  it('leaves out pods that have no name yet', () => {
    const pods = [
      { uid: '1', cgroup },
      { uid: '2', namespace: 'shop' },
      { ...pod, uid: '3' },
    ];
    const { node, notes } = readAgentReport({ metadata: { name: 'a' }, observed, pods }, undefined, at);
    assert.deepEqual([node.pods.map(({ name }) => name), notes], [['cart-1'], []]);
  });

  it('leaves out containers that have no name, and those of other pods', () =>
    assert.deepEqual(containersOf({ name: 'web' }, { realBytes: 1 }, { name: 'other', podUID: '2' }), [
      { name: 'web' },
    ]));

  it('has a type only for containers that are not plain ones', () =>
    assert.deepEqual(
      containersOf(
        { name: 'a', type: 'container' },
        { name: 'b', type: 'sidecar' },
        { name: 'c', type: 'sandbox' },
      ).map(({ type }) => type),
      [undefined, 'sidecar', undefined],
    ));

  it('has 0 for a size below 0, which two readings can make', () =>
    assert.deepEqual(containersOf({ name: 'a', realBytes: -4096, peakRealBytes: 5 }), [
      { name: 'a', real: 0, peak: 5 },
    ]));

  for (const [what, limitFrom, limit] of [
    ['of the container itself', undefined, 100],
    ['of its pod', cgroup, 100],
    ['of all pods', '/kubepods', undefined],
  ] as const)
    it(`${limit === undefined ? 'omits' : 'has'} a limit ${what}`, () =>
      assert.equal(
        containersOf({ name: 'a', cgroup: `${cgroup}/a`, limitBytes: 100, limitFrom })[0]?.limit,
        limit,
      ));

  it('has the request and the limit of the pod, and not a limit that all pods share', () => {
    const containers = [{ name: 'a', cgroup: `${cgroup}/a`, requestBytes: 10, limitBytes: 20 }];
    const own = podOf(containers, { requestBytes: 15, limitBytes: 30 });
    assert.deepEqual([own.request, own.limit], [15, 30]);
    const shared = podOf(containers, { requestBytes: 15, limitBytes: 30, limitFrom: '/kubepods' });
    assert.deepEqual([shared.request, shared.limit], [15, 20]);
  });

  it('sums up the containers of a pod without a cgroup of its own', () => {
    const { request, limit } = podOf(
      [
        { name: 'a', cgroup, requestBytes: 10, limitBytes: 20 },
        { name: 'b', cgroup: '/b', requestBytes: 10, limitBytes: 20 },
      ],
      { requestBytes: 10, limitBytes: 20 },
    );
    assert.deepEqual([request, limit], [20, 40]);
  });

  it('has the containers that are gone since their OOM kill', () =>
    assert.deepEqual(podOf([{ name: 'a' }], { oomKills: 3, killed: [{ name: 'b', oomKills: 3 }] }), {
      ...{ namespace: 'shop', name: 'cart-1', node: 'a', ooms: 3 },
      containers: [{ name: 'a' }, { name: 'b', ooms: 3, verdict: 'OOMKilled' }],
    }));
});
