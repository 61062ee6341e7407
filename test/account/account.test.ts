import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { account } from '../../src/account/account.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { CgroupRole } from '../../src/model/cgroup-role.ts';
import type { Identified } from '../../src/model/observation.ts';
import type { ContainerType, Pod, PodContainer } from '../../src/model/pod.ts';

const containerOf = (type: ContainerType, request?: number): PodContainer => ({
  name: type,
  type,
  ids: [],
  running: true,
  ...(request !== undefined && { request: bytes(request) }),
});

const podOf = (...containers: readonly PodContainer[]): Pod => ({
  ...{ uid: 'u', namespace: 'n', name: 'p', labels: {} },
  containers,
});

const podRole: CgroupRole = { kind: 'pod', podUID: 'u', qos: 'Burstable' };
const containerRole: CgroupRole = { kind: 'container', podUID: 'u', id: 'c' };

const observation = (
  path: string,
  role: CgroupRole,
  limit: number | undefined,
  more: Partial<Identified> = {},
): Identified => ({
  role,
  sample: {
    id: { path, inode: 1 },
    version: 2,
    usage: bytes(100),
    ...(limit !== undefined && { details: { limit: bytes(limit) } }),
    faults: [],
  },
  ...more,
});

describe('account', () => {
  const pod = podOf(
    containerOf('container', 64),
    containerOf('sidecar', 32),
    containerOf('init', 500),
    containerOf('ephemeral', 7),
  );

  it('keeps the order and the fields of the observations', () => {
    const seen = [observation('/b', podRole, 5, { pod }), observation('/a', containerRole, undefined)];
    const accounted = account(seen);
    assert.deepEqual(
      accounted.map(({ usage: _, ...rest }) => rest),
      seen,
    );
    assert.deepEqual(
      accounted.map(({ usage }) => usage.usageBytes),
      [100, 100],
    );
  });

  it('finds the limit of an ancestor that was also sampled', () => {
    const [, container] = account([observation('/p', podRole, 50), observation('/p/c', containerRole, 80)]);
    assert.deepEqual([container?.usage.limitBytes, container?.usage.limitFrom], [50, '/p']);
  });

  it('gives a container its own request', () => {
    const container = { pod, type: 'sidecar', container: containerOf('sidecar', 32) } as const;
    assert.equal(
      account([observation('/p/c', containerRole, 80, { pod, container })])[0]?.usage.requestBytes,
      32,
    );
  });

  it('gives a pod the sum of the requests of its containers and sidecars', () =>
    assert.equal(account([observation('/p', podRole, 80, { pod })])[0]?.usage.requestBytes, 96));

  it('gives a pod its pod-level request if it has one', () => {
    const whole = { ...pod, request: bytes(400) };
    assert.equal(account([observation('/p', podRole, 80, { pod: whole })])[0]?.usage.requestBytes, 400);
  });

  it('adds the overhead of the RuntimeClass to the request of a pod, as the scheduler does', () => {
    for (const [request, whole] of [
      [undefined, 106],
      [400, 410],
    ] as const) {
      const sandboxed = {
        ...pod,
        overhead: bytes(10),
        ...(request !== undefined && { request: bytes(request) }),
      };
      assert.equal(
        account([observation('/p', podRole, 80, { pod: sandboxed })])[0]?.usage.requestBytes,
        whole,
      );
    }
  });

  it('ignores containers without a request in the sum of a pod', () => {
    const some = podOf(containerOf('container', 64), containerOf('container'));
    assert.equal(account([observation('/p', podRole, 80, { pod: some })])[0]?.usage.requestBytes, 64);
  });

  const restartedPod = podOf(containerOf('container'), containerOf('sidecar'));
  const sidecar = { pod: restartedPod, type: 'sidecar', container: containerOf('sidecar') } as const;
  /** @param known OOM kills by container, over all restarts */
  const killsOf = (seen: Identified, known: Readonly<Record<string, number>>, counted?: number) => {
    const details = counted === undefined ? {} : { details: { oomKills: counted } };
    const one = { ...seen, sample: { ...seen.sample, ...details } };
    const [accounted] = account([one], {
      peakOf: () => undefined,
      killsOf: (uid, name) => (uid === 'u' ? known[name] : undefined),
    });
    return accounted?.usage.oomKills;
  };

  it('gives a container the OOM kills of all restarts, or else those of its cgroup', () => {
    const seen = observation('/p/c', containerRole, 80, { pod: restartedPod, container: sidecar });
    assert.equal(killsOf(seen, { sidecar: 3 }, 1), 3);
    assert.equal(killsOf(seen, { container: 3 }, 0), 0);
    assert.equal(killsOf(seen, {}), undefined);
    assert.equal(killsOf(observation('/p/c', containerRole, 80), { sidecar: 3 }, 2), 2);
  });

  it('gives a pod the OOM kills of its containers, or those of its own cgroup if these are more', () => {
    const seen = observation('/p', podRole, 80, { pod: restartedPod });
    assert.equal(killsOf(seen, { sidecar: 3, container: 1, other: 9 }, 2), 4);
    assert.equal(killsOf(seen, { sidecar: 3 }, 7), 7);
    assert.equal(killsOf(seen, { sidecar: 3 }), 3);
    assert.equal(killsOf(seen, {}, 2), 2);
    assert.equal(killsOf(observation('/p', podRole, 80), { sidecar: 3 }, 2), 2);
  });

  it('gives a cgroup outside pods its own OOM kills', () => {
    const service: CgroupRole = { kind: 'other', type: 'service', name: 'sidecar' };
    assert.equal(killsOf(observation('/s', service, 80, { pod: restartedPod }), { sidecar: 3 }, 2), 2);
  });

  it('gives the OOM kills of the cgroup without a history', () => {
    const seen = observation('/p/c', containerRole, 80, { pod: restartedPod, container: sidecar });
    const counted = { ...seen, sample: { ...seen.sample, details: { oomKills: 2 } } };
    assert.equal(account([counted])[0]?.usage.oomKills, 2);
  });

  it('gives no request if none is set or the pod is unknown', () => {
    const silent = podOf(containerOf('container'), containerOf('init', 500));
    for (const seen of [
      observation('/p', podRole, 80, { pod: silent }),
      observation('/p', podRole, 80),
      observation('/p/c', containerRole, 80, { pod, container: { pod, type: 'sandbox' } }),
      observation('/s', { kind: 'other', type: 'service', name: 's' }, 80),
    ])
      assert.equal('requestBytes' in (account([seen])[0]?.usage ?? {}), false);
  });
});
