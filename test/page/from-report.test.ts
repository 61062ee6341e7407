import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pageOfReport } from '../../src/page/from-report.ts';
import { containerOf, nodeOf, otherOf, podOf, recorded, reportOf } from '../report/reports.ts';

const at = '2026-11-26T00:27:00Z';

describe('pageOfReport', () => {
  it('has the pods of a recorded node, with parts of each container, and services that contain no pod', () => {
    const page = pageOfReport(recorded('kubernetes-v2-systemd'), 'recording');
    const reader = page.pods.find(({ name }) => name === 'reader');
    const [main] = reader?.containers ?? [];
    assert.deepEqual([page.scope, page.nodes.length, reader?.namespace], ['recording', 1, 'shop']);
    assert.equal(main?.limit, 256 * 2 ** 20);
    // 20 MiB in a tmpfs, and 60 MiB of page cache that kubectl top counts.
    assert.ok(
      (main?.tmpfs ?? 0) >= 20 * 2 ** 20 && (main?.workingSet ?? 0) - (main?.real ?? 0) > 50 * 2 ** 20,
    );
    const names = (page.others ?? []).map(({ name }) => name);
    assert.ok(names.includes('kubelet') && !names.some((name) => name.includes('kubepods')), names.join());
  });

  it('takes time, capacity and real from the node, and leaves out what the report does not have', () => {
    const report = reportOf({ observed: { agent: '1', at }, node: nodeOf({ realUsedBytes: 400 }) });
    const { at: taken, nodes } = pageOfReport(report, 'node');
    assert.equal(taken, Date.parse(at));
    assert.deepEqual([nodes[0]?.capacity, nodes[0]?.real, nodes[0]?.from], [1000, 400, 'agent']);
    const [bare] = pageOfReport(reportOf(), 'host').nodes;
    for (const key of ['capacity', 'real', 'observedAt', 'tmpfs'] as const)
      assert.ok(!(key in (bare ?? {})), key);
  });

  it('says whether the pod or the node sets a limit, and that memory.high throttles', () => {
    const limited = (limitFrom?: string) =>
      containerOf({ limitBytes: 100, ...(limitFrom !== undefined && { limitFrom }) });
    const containers = [
      limited(),
      limited('/kubepods/poduid'),
      limited('/kubepods'),
      containerOf({ highBytes: 50, limitBytes: 100 }),
    ];
    const [pod] = pageOfReport(reportOf({ pods: [podOf()], containers }), 'node').pods;
    assert.deepEqual(
      pod?.containers.map(({ limit, limitFrom, isHigh }) => [limit, limitFrom, isHigh]),
      [
        [100, undefined, undefined],
        [100, 'pod', undefined],
        [100, 'node', undefined],
        [50, undefined, true],
      ],
    );
  });

  it('has request and limit of a pod only where its containers do not add up to them', () => {
    const containers = [
      containerOf({ name: 'a', requestBytes: 1, limitBytes: 5 }),
      containerOf({ name: 'b', cgroup: '/kubepods/poduid/b', requestBytes: 2, limitBytes: 6 }),
    ];
    const of = (requestBytes: number, limitBytes: number) =>
      pageOfReport(reportOf({ pods: [podOf({ requestBytes, limitBytes })], containers }), 'node').pods[0];
    assert.deepEqual([of(3, 11)?.request, of(3, 11)?.limit], [undefined, undefined]);
    assert.deepEqual([of(8, 9)?.request, of(8, 9)?.limit], [8, 9]);
  });

  it('hides sandboxes, and shows a container between an OOM kill and its restart', () => {
    const killed = [{ name: 'web', type: 'container', oomKills: 3 }] as const;
    const report = reportOf({
      pods: [podOf({ name: 'cart', namespace: 'shop', killed })],
      containers: [containerOf({ type: 'sandbox' }), containerOf({ name: 'proxy', type: 'sidecar' })],
    });
    assert.deepEqual(pageOfReport(report, 'node').pods[0]?.containers, [
      { name: 'proxy', type: 'sidecar' },
      { name: 'web', verdict: 'OOMKilled', ooms: 3 },
    ]);
  });

  it('names a pod without a name by its UID, and an unknown container by its ID', () => {
    const [pod] = pageOfReport(reportOf({ pods: [podOf()], containers: [containerOf()] }), 'node').pods;
    assert.deepEqual([pod?.namespace, pod?.name], ['-', 'uid']);
    assert.equal(pod?.containers[0]?.name, '0123456789ab (container)');
  });

  it('lists conditions that are not true, but not missing names of pods where there is no pod', () => {
    const conditions = [
      { type: 'Complete', status: 'True', reason: 'r', message: 'fine' },
      { type: 'NamesFresh', status: 'False', reason: 'r', message: 'no names' },
      { type: 'ClockTrusted', status: 'Unknown', reason: 'r', message: 'no clock' },
    ] as const;
    const typesOf = (pods: readonly ReturnType<typeof podOf>[]) =>
      pageOfReport(reportOf({ conditions, pods }), 'node').nodes[0]?.conditions?.map(({ type }) => type);
    assert.deepEqual(typesOf([]), ['ClockTrusted']);
    assert.deepEqual(typesOf([podOf()]), ['NamesFresh', 'ClockTrusted']);
  });
});

describe('the cgroups outside pods', () => {
  const namesOf = (
    ...paths: readonly (readonly [cgroup: string, type: 'service' | 'container' | 'slice'])[]
  ) =>
    pageOfReport(
      reportOf({
        pods: [podOf({ cgroup: '/kind/kubepods/poduid' })],
        others: paths.map(([cgroup, type]) => otherOf({ cgroup, type, name: cgroup })),
      }),
      'host',
    ).others?.map(({ name }) => name);

  it('are the outermost services, without slices', () =>
    assert.deepEqual(
      namesOf(
        ['/user.slice/a.service/b.service', 'service'],
        ['/user.slice', 'slice'],
        ['/user.slice/a.service', 'service'],
      ),
      ['/user.slice/a.service'],
    ));

  it('are containers rather than the service that contains them, and none that contains pods', () =>
    assert.deepEqual(
      namesOf(
        ['/a.service', 'service'],
        ['/a.service/web', 'container'],
        ['/kind', 'container'],
        ['/b.service', 'service'],
      ),
      ['/a.service/web', '/b.service'],
    ));

  it('differ where one path only begins like another', () =>
    assert.deepEqual(namesOf(['/a', 'service'], ['/ab', 'service']), ['/a', '/ab']));

  it('are named by the name that a user gave the container', () => {
    const others = [
      otherOf({ type: 'container', name: '53a11f13c080', containerName: 'web', runtime: 'docker' }),
    ];
    assert.equal(pageOfReport(reportOf({ others }), 'host').others?.[0]?.name, 'web (docker)');
  });
});
